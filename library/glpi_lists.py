#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the names that items of GLPI refer to"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_lists
short_description: Declare the names that items of GLPI refer to
description:
  - Creates states, manufacturers, types and models, known by their list and name.
  - A name that an asset already refers to is there, so that a run with nothing to do reads no list.
  - Nothing is removed.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (list_entry), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      list:
        description: List that has the name.
        type: str
        required: true
        choices: [State, Manufacturer, ComputerType, NetworkEquipmentType, PrinterType, PhoneType, PeripheralType, ComputerModel,
          NetworkEquipmentModel, PrinterModel, PhoneModel, PeripheralModel, ClusterType, ContractType, SupplierType, LicenseType,
          CertificateType, ApplianceType]
      name:
        description: Name, as people read it.
        type: str
        required: true
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
- name: Déclarer un fabricant et un état
  glpi_lists:
    glpi: "{{ piste_glpi }}"
    owner: commune
    config:
      - {list: Manufacturer, name: Cisco Meraki}
      - {list: State, name: En stock}

- name: Relever ce qui existe
  glpi_lists:
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
    - {system: glpi, owner: commune, kind: list_entry, key: State/En stock, label: State/En stock, action: create, fields: [list, name],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_lists")
