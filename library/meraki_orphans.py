#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the objects of a Meraki organization that nobody declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_orphans
short_description: List the objects of a Meraki organization that nobody declares
description: Networks that no site declares, and devices at work that no site declares. Changes nothing in any mode.
author: Ville du Bourget
options:
  networks:
    description: Names of all the networks that are declared.
    type: list
    required: true
    elements: str
  devices:
    description: Serial numbers of all the devices that are declared.
    type: list
    required: true
    elements: str
extends_documentation_fragment: [attributes.reads, options.meraki]
"""

EXAMPLES = r"""
- name: Relever ce que personne ne déclare
  meraki_orphans:
    dashboard: "{{ piste_meraki }}"
    networks: [VLB ecole-jaures, VLB ecole-mermoz]
    devices: [QZZZ-0005-0001, QZZZ-0006-0001]
"""

RETURN = r"""
orphans:
  description: One entry an orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: network
      key: Essai prestataire
      why: aucun site ne le déclare
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("meraki_orphans")
