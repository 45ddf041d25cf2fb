#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read what lives on a Nutanix cluster"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_living
short_description: Read what lives on a Nutanix cluster
description: Gives the power state and the node of machines, the state of nodes, the versions that run there. Changes nothing
  in any mode.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.prism]
"""

EXAMPLES = r"""
- name: Relever ce qui vit de l’hébergement
  prism_living:
    prism: "{{ piste_prism }}"
"""

RETURN = r"""
living:
  description: What lives, by part; C(unread) gives the reason for each part that the system refused.
  returned: always
  type: dict
  sample:
    read_at: "2026-11-24T16:57:00+00:00"
    machines: {hdv-dc1: ["ON"]}
    places: {hdv-dc1: [ntnx-hdv-a]}
    nodes:
      ntnx-hdv-a:
        state: NORMAL
        degraded: false
        hypervisor: ACROPOLIS_NORMAL
        connected: CONNECTED
        controller_in_maintenance: false
        version: "10.3"
    clusters: {ntnx-hdv: "7.5"}
    unread: {}
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("prism_living")
