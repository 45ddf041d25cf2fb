#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Name how the Nexus switches depart from the declaration"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nexus_orphans
short_description: Name how the Nexus switches depart from the declaration
description:
  - VLANs, trunks, port-channels and gateways of the running configuration, against the declared ones; what nobody declares
    is named too.
  - Reads over SSH, by C(show) commands alone. Changes nothing in any mode.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.nexus]
"""

EXAMPLES = r"""
- name: Relever en quoi les Nexus s’écartent de la déclaration
  nexus_orphans:
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"
"""

RETURN = r"""
orphans:
  description: One entry a departure; C(said) is there where it is no orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: nexus_vlan
      key: nx-hdv-1/102
      why: absent, alors qu’il porte le segment serveurs (hotel-de-ville)
      said: écart
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("nexus_orphans")
