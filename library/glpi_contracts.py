#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the contracts of GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_contracts
short_description: Declare the contracts of GLPI
description: Creates and changes contracts, known by their name; a contract that must not be there gets the state « Sorti
  ».
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (contract), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name; its identity.
        type: str
        required: true
      state:
        description:
          - State of the contract, by its name in GLPI.
          - Null is a value here, an absent key declares nothing.
        type: str
      number:
        description:
          - Number that both sides use.
          - Null is a value here, an absent key declares nothing.
        type: str
      begins:
        description:
          - First day, C(YYYY-MM-DD).
          - Null is a value here, an absent key declares nothing.
        type: str
      months:
        description:
          - Term in months.
          - Null is a value here, an absent key declares nothing.
        type: int
      notice_months:
        description:
          - Notice in months.
          - Null is a value here, an absent key declares nothing.
        type: int
      trashed:
        description:
          - Whether somebody has put it in the bin.
          - The system's own default is C(false).
        type: bool
extends_documentation_fragment: [attributes.converges, options.glpi, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Déclarer un contrat
  glpi_contracts:
    glpi: "{{ piste_glpi }}"
    owner: commune
    config:
      - {name: Copieurs, begins: "2026-01-01", months: 48}

- name: Relever ce qui existe
  glpi_contracts:
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
    - {system: glpi, owner: commune, kind: contract, key: Copieurs, label: Copieurs, action: update, fields: [months],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_contracts")
