#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the categories of Prism Central"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_categories
short_description: Declare the categories of Prism Central
description:
  - Creates, changes and removes categories, known by their key and value.
  - Categories of the system are referred to by other objects, never written.
author: Ville du Bourget
options:
  rehearse:
    description: Only refuse what the task would refuse without it, so that nothing of the run is written before; a later
      task does the work. Does nothing in check mode.
    type: bool
    default: false
  config:
    description: 'Objects of the kind (category), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      key:
        description: Key of the pair.
        type: str
        required: true
      value:
        description: Value of the pair.
        type: str
        required: true
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
extends_documentation_fragment: [attributes.converges, options.prism, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Ranger les machines par environnement
  prism_categories:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    config:
      - {key: Environnement, value: Production}
      - {key: Environnement, value: HorsProduction, description: Arrêtée la nuit}

- name: Relever ce qui existe
  prism_categories:
    prism: "{{ piste_prism }}"
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
    - {system: prism, owner: commune, kind: category, key: Environnement/Production, label: Environnement/Production, action: update,
       fields: [description], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.foreign, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("prism_categories")
