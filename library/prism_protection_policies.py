#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare what the cluster copies by itself"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_protection_policies
short_description: Declare what the cluster copies by itself
description:
  - Creates, changes, renames and removes protection policies, known by name, which designate machines by category.
  - Copies on the cluster of the machines are lost with it; they are no second medium.
author: Ville du Bourget
options:
  rehearse:
    description: Only refuse what the task would refuse without it, so that nothing of the run is written before; a later
      task does the work. Does nothing in check mode.
    type: bool
    default: false
  config:
    description: 'Objects of the kind (protection_policy), as a list: a playbook never loops over objects.'
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
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      categories:
        description:
          - Machines that it protects, by category, C(key:value).
          - The order has no meaning.
        type: list
        elements: str
      locations:
        description: Places of the machines and of their copies; new places are of this Prism Central.
        type: list
        elements: dict
        suboptions:
          label:
            description: Name of the place in this policy.
            type: str
            required: true
          clusters:
            description:
              - Clusters of the place; all those of the Prism Central without it.
              - The order has no meaning.
              - The system's own default is C([]).
            type: list
            elements: str
          primary:
            description:
              - Whether the machines are there.
              - The system's own default is C(false).
            type: bool
      schedules:
        description: Copies from a place, kept there or sent to another. Two places need a schedule each way.
        type: list
        elements: dict
        suboptions:
          source:
            description: Label of the place of the machines.
            type: str
            required: true
          remote:
            description:
              - Label of the place of the copies; without it they stay.
              - The system's own default is C().
            type: str
          rpo_seconds:
            description: Seconds between two copies, whole hours from one hour on; 0 for a synchronous copy.
            type: int
            required: true
          type:
            description:
              - Whether applications are asked to write their data first.
              - The system's own default is C(CRASH_CONSISTENT).
            type: str
            choices: [CRASH_CONSISTENT, APPLICATION_CONSISTENT]
          start:
            description:
              - Time of the first copy, in UTC, C(22h:30m).
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          day:
            description:
              - Day of a weekly copy.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
            choices: [SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY]
          keep:
            description:
              - Copies that the first place keeps.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: int
          keep_every: &keep_every
            description:
              - Interval between the copies that it keeps; without it the last ones.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
            choices: [HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY]
          keep_remote:
            description:
              - Copies that the other keeps.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: int
          keep_remote_every: *keep_every
extends_documentation_fragment: [options.prism, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Copier chaque heure les bases de données
  prism_protection_policies:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: Sauvegarde bases
        categories: ["Sauvegarde:bases"]
        locations: [{label: ntnx-hdv, clusters: [ntnx-hdv], primary: true}]
        schedules: [{source: ntnx-hdv, rpo_seconds: 3600, keep: 5, keep_every: WEEKLY}]

- name: Relever ce qui existe
  prism_protection_policies:
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
    - {system: prism, owner: commune, kind: protection_policy, key: Sauvegarde bases, label: Sauvegarde bases,
       action: update, fields: [schedules], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.foreign, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("prism_protection_policies")
