#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the assets of GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_assets
short_description: Declare the assets of GLPI
description:
  - Creates assets and changes the fields that Piste owns; those of the inventory agent are compared and named, never written.
  - An asset is found by its serial number, else by Piste's name in the inventory number, else by its name.
  - An asset that must not be there gets the state « Sorti »; nothing is deleted.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (asset), as a list: a playbook never loops over objects.'
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
        description: Name of the asset in the town; its identity.
        type: str
        required: true
      title:
        description: Name that GLPI shows; C(name) where not given.
        type: str
      serial:
        description:
          - Serial number of the maker; never a placeholder.
          - Null is a value here, an absent key declares nothing.
        type: str
      inventory_number:
        description:
          - Piste's name of the asset, written where GLPI has none.
          - Null is a value here, an absent key declares nothing.
        type: str
      state:
        description:
          - State of the asset, by its name in GLPI.
          - Null is a value here, an absent key declares nothing.
        type: str
      location:
        description:
          - Way of its location.
          - Null is a value here, an absent key declares nothing.
        type: str
      type:
        description:
          - Its type, a name of the list of types.
          - Null is a value here, an absent key declares nothing.
        type: str
      manufacturer:
        description:
          - Its maker.
          - Null is a value here, an absent key declares nothing.
        type: str
      model:
        description:
          - Its model.
          - Null is a value here, an absent key declares nothing.
        type: str
      trashed:
        description:
          - Whether somebody has put it in the bin.
          - The system's own default is C(false).
        type: bool
extends_documentation_fragment: [attributes.converges, options.glpi, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Déclarer un commutateur
  glpi_assets:
    glpi: "{{ piste_glpi }}"
    owner: "{{ inventory_hostname }}"
    config:
      - itemtype: NetworkEquipment
        name: sw-jau-01
        state: En service
        location: Ville du Bourget > École Jean Jaurès

- name: Relever ce qui existe
  glpi_assets:
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
    - {system: glpi, owner: commune, kind: asset, key: NetworkEquipment/sw-jau-01, label: NetworkEquipment/sw-jau-01, action: update, fields: [state],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_assets")
