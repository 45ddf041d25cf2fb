#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the core and what else routes in a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_routers
short_description: Read the core and what else routes in a Meraki network
description:
  - Reads the interfaces and static routes of the core of the town, and of the switches and stacks of a network that have
    some.
  - A silence is a router that was not read, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  core:
    description: The core of the town.
    type: dict
    required: true
    suboptions:
      network:
        description: Network of the core.
        type: str
        required: true
      carrier:
        description: Its stack by name, or its switch by serial number.
        type: str
        required: true
      models:
        description: Models that route and that Piste does not know, each with its C(interfaces) and C(static_routes) at most,
          and whether it has a C(dhcp_server).
        type: dict
extends_documentation_fragment: [attributes.reads, options.meraki]
"""

EXAMPLES = r"""
- name: Lire ce qui route
  meraki_routers:
    dashboard: "{{ piste_meraki }}"
    network: VLB ecole-jaures
    core: {network: VLB hotel-de-ville, carrier: coeur-hdv}
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

    main("meraki_routers")
