#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the access lists of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_access_lists
short_description: Read the access lists of a Meraki network
description:
  - Reads what the switches of a network let pass between VLANs, in order, without the final rule of the system.
  - Changes nothing in any mode.
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
extends_documentation_fragment: [attributes.reads, options.meraki]
"""

EXAMPLES = r"""
- name: Lire les listes d’accès de l’école
  meraki_access_lists:
    dashboard: "{{ piste_meraki }}"
    network: VLB ecole-jaures
"""

RETURN = r"""
access_lists:
  description: The rules, in the form of C(meraki_network_settings).
  returned: on success
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: on success
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("meraki_access_lists")
