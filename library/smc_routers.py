#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read an engine of Forcepoint as a router"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_routers
short_description: Read an engine of Forcepoint as a router
description:
  - Reads the interfaces, static routes and antispoofing of the engine that carries gateways of the town.
  - A silence is a router that was not read, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  engine:
    description: The engine that routes.
    type: dict
    required: true
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      kind:
        description: A single engine or a cluster.
        type: str
        required: true
        choices: [single, cluster]
extends_documentation_fragment: [attributes.reads, options.smc]
"""

EXAMPLES = r"""
- name: Lire ce que route le pare-feu
  smc_routers:
    smc: "{{ piste_smc }}"
    engine: {name: fw-hdv, kind: cluster}
"""

RETURN = r"""
routers:
  description: The routers, as plain data for a trace; C(unread) says why a router is unknown.
  returned: always
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("smc_routers")
