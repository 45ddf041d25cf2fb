#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the third parties of GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_suppliers
short_description: Declare the third parties of GLPI
description: Creates third parties, known by their name. Nothing is removed.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (supplier), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name; its identity.
        type: str
        required: true
      trashed:
        description:
          - Whether somebody has put it in the bin.
          - The system's own default is C(false).
        type: bool
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
- name: Déclarer un tiers
  glpi_suppliers:
    glpi: "{{ piste_glpi }}"
    owner: commune
    config:
      - {name: SFR Business}

- name: Relever ce qui existe
  glpi_suppliers:
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
    - {system: glpi, owner: commune, kind: supplier, key: SFR Business, label: SFR Business, action: create, fields: [name],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_suppliers")
