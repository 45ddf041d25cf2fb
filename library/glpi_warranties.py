#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the warranties of assets in GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_warranties
short_description: Declare the warranties of assets in GLPI
description: Creates and changes applications (items), known by their name.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (warranty), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      itemtype:
        description: Kind of item, as GLPI calls it.
        type: str
        required: true
        choices: [Computer, NetworkEquipment, Printer, Phone, Peripheral, Cluster]
      name:
        description: Name of the asset in the town.
        type: str
        required: true
      serial:
        description: Serial number by which GLPI knows it.
        type: str
      warranty_until:
        description:
          - Last day of its warranty, C(YYYY-MM-DD).
          - Null is a value here, an absent key declares nothing.
        type: str
      end_of_life:
        description:
          - Day on which its maker stops following it, C(YYYY-MM-DD).
          - Null is a value here, an absent key declares nothing.
        type: str
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, replaced, gathered]
    default: merged
extends_documentation_fragment: [attributes.converges, options.glpi, options.task, options.kind]
"""

EXAMPLES = r"""
- name: Déclarer
  glpi_warranties:
    glpi: "{{ piste_glpi }}"
    owner: commune
    config:
      - {itemtype: Computer, name: pc-jau-01, warranty_until: "2028-12-31"}

- name: Relever ce qui existe
  glpi_warranties:
    glpi: "{{ piste_glpi }}"
    owner: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: glpi, owner: commune, kind: warranty, key: Computer/pc-jau-01, label: Computer/pc-jau-01, action: create, fields: [],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_warranties")
