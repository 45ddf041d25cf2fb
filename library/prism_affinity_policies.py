#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the machines that share a node, and those that must not"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_affinity_policies
short_description: Declare the machines that share a node, and those that must not
description:
  - Creates, changes, renames and removes affinity policies, known by name, which designate machines by category.
  - Older rules, which list machines, are left alone.
author: Ville du Bourget
options:
  rehearse:
    description: Only refuse what the task would refuse without it, so that nothing of the run is written before; a later
      task does the work. Does nothing in check mode.
    type: bool
    default: false
  config:
    description: 'Objects of the kind (affinity_policy), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the policy; its identity.
        type: str
        required: true
      formerly:
        description: 'Names that it bore before: it is renamed.'
        type: list
        elements: str
      kind:
        description:
          - C(vm_anti_affinity) keeps machines apart from each other, C(host_affinity) keeps them on some nodes.
          - Taken into account at creation only.
          - The system's own default is C(vm_anti_affinity).
        type: str
        choices: [vm_anti_affinity, host_affinity]
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      categories:
        description:
          - Machines that do not share a node, by category, C(key:value).
          - The order has no meaning.
        type: list
        elements: str
      vm_categories:
        description:
          - Machines that stay on some nodes, by category.
          - The order has no meaning.
        type: list
        elements: str
      host_categories:
        description:
          - Those nodes, by category.
          - The order has no meaning.
        type: list
        elements: str
extends_documentation_fragment: [attributes.converges, options.prism, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Séparer les contrôleurs de domaine
  prism_affinity_policies:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: Séparer annuaire
        kind: vm_anti_affinity
        categories: ["Groupe:annuaire"]

- name: Relever ce qui existe
  prism_affinity_policies:
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
    - {system: prism, owner: commune, kind: affinity_policy, key: Séparer annuaire, label: Séparer annuaire, action: update,
       fields: [categories], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.foreign, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("prism_affinity_policies")
