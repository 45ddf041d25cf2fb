#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the static routes of Meraki switches and stacks"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_static_routes
short_description: Declare the static routes of Meraki switches and stacks
description:
  - Routes, known by their switch or stack and by their destination.
  - Several owners may declare routes of one switch, so a task leaves those that it does not name alone.
  - The default route is the default gateway of an interface (M(meraki_routed_interfaces)).
  - A route that goes, or changes its next hop, does so under confirmation only.
author: Ville du Bourget
options:
  models:
    description: Models that route and that Piste does not know, each with its C(interfaces) and C(static_routes) at most,
      and whether it has a C(dhcp_server).
    type: dict
  config:
    description: 'Objects of the kind (static_route), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      network:
        description: Name of the network of the switch or stack.
        type: str
        required: true
      carrier:
        description: Switch by its serial number, or stack by its name.
        type: str
        required: true
      subnet:
        description:
          - Destination, a prefix; with the switch or stack, the identity of the route.
          - Taken into account at creation only.
        type: str
        required: true
      name:
        description: Name of the route.
        type: str
      next_hop:
        description: Address of the next router, in the subnet of an interface.
        type: str
      advertise_via_ospf_enabled:
        description:
          - Whether OSPF advertises the route.
          - The system's own default is C(false).
        type: bool
      prefer_over_ospf_routes_enabled:
        description:
          - Whether the route wins over those of OSPF.
          - The system's own default is C(false).
        type: bool
extends_documentation_fragment: [options.meraki, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Converger les routes de la ville
  meraki_static_routes:
    dashboard: "{{ piste_meraki }}"
    owner: commune
    config:
      - network: VLB hotel-de-ville
        carrier: pile-coeur
        subnet: 10.93.40.0/24
        name: jau-administration
        next_hop: 10.93.240.1
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: commune, kind: static_route, key: VLB hotel-de-ville/pile-coeur/10.93.40.0/24,
       action: create, fields: [name, next_hop]}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("meraki_static_routes")
