#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the locations of GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_locations
short_description: Declare the locations of GLPI
description:
  - Creates and completes the tree of places, each known by its way from the top.
  - Nothing is removed.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (location), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      way:
        description: Names from the top, C(Ville > Mairie > Accueil).
        type: str
        required: true
      code:
        description: 'Short name: the site, as the declaration calls it.'
        type: str
      address:
        description: Street and number.
        type: str
      postcode:
        description: Post code.
        type: str
      town:
        description: Town.
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
- name: Déclarer une école et une salle
  glpi_locations:
    glpi: "{{ piste_glpi }}"
    owner: "{{ inventory_hostname }}"
    config:
      - {way: Ville du Bourget > École Jean Jaurès, code: ecole-jaures}
      - {way: Ville du Bourget > École Jean Jaurès > Classe 1}

- name: Relever ce qui existe
  glpi_locations:
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
    - {system: glpi, owner: commune, kind: location, key: Ville du Bourget > École Jean Jaurès, label: Ville du Bourget > École Jean Jaurès, action: create, fields: [code],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_locations")
