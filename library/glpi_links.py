#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the links between items of GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_links
short_description: Declare the links between items of GLPI
description: Creates and changes applications (items), known by their name.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (link), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      link:
        description: 'The two ends, C(Computer pc-1 → Appliance Paie): the first impacts, or covers.'
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
- name: Déclarer
  glpi_links:
    glpi: "{{ piste_glpi }}"
    owner: commune
    config:
      - {link: Computer srv-1 → Appliance Paie}

- name: Relever ce qui existe
  glpi_links:
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
    - {system: glpi, owner: commune, kind: link, key: Computer srv-1 → Appliance Paie, label: Computer srv-1 → Appliance Paie, action: create, fields: [],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_links")
