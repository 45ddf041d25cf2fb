#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare in which order machines start again elsewhere"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_recovery_plans
short_description: Declare in which order machines start again elsewhere
description:
  - Creates, changes, renames and removes recovery plans, known by name, with their stages and network mappings.
  - Prism Central has them since pc.7.5.
author: Ville du Bourget
options:
  cluster:
    description: Cluster to which the objects belong, by its name.
    type: str
    required: true
  rehearse:
    description: Only refuse what the task would refuse without it, so that nothing of the run is written before; a later
      task does the work. Does nothing in check mode.
    type: bool
    default: false
  config:
    description: 'Objects of the kind (recovery_plan), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the plan; its identity.
        type: str
        required: true
      formerly:
        description: 'Names that it bore before: it is renamed.'
        type: list
        elements: str
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      clusters:
        description:
          - Clusters of the machines.
          - The order has no meaning.
        type: list
        elements: str
      recovery_cluster:
        description: Cluster where they start again, of this Prism Central.
        type: str
      stages:
        description: Machines in the order of their start; a stage waits for the one before.
        type: list
        elements: dict
        suboptions:
          categories:
            description:
              - Machines of the stage, by category, C(key:value).
              - The order has no meaning.
              - The system's own default is C([]).
            type: list
            elements: str
          machines:
            description:
              - Machines of the stage, by name.
              - The order has no meaning.
              - The system's own default is C([]).
            type: list
            elements: str
          delay:
            description:
              - Seconds to wait after it.
              - The system's own default is C(0).
            type: int
      mappings:
        description:
          - Network that replaces each, in a recovery and in a test.
          - The order has no meaning.
        type: list
        elements: dict
        suboptions:
          network:
            description: Network of the machines.
            type: str
            required: true
          recovery:
            description: Network where they start again, by its name there.
            type: str
            required: true
          test:
            description:
              - Isolated network, for a test at their own place.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          recovery_test:
            description:
              - Isolated network for a test, by its name there.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
extends_documentation_fragment: [options.prism, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Faire repartir l’annuaire avant le reste
  prism_recovery_plans:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    cluster: ntnx-hdv
    config:
      - name: Reprise
        clusters: [ntnx-hdv]
        recovery_cluster: ntnx-secours
        stages:
          - {categories: ["Sauvegarde:identite"], delay: 300}
          - {categories: ["Sauvegarde:bases"]}
        mappings: [{network: serveurs, recovery: serveurs, recovery_test: restauration}]

- name: Relever ce qui existe
  prism_recovery_plans:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    cluster: ntnx-hdv
    state: gathered
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: prism, owner: commune, kind: recovery_plan, key: Reprise, label: Reprise, action: update,
       fields: [stages], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.foreign, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("prism_recovery_plans")
