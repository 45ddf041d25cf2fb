#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the groups of an Active Directory domain"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_groups
short_description: Declare the groups of an Active Directory domain
description:
  - Creates, changes, moves and removes groups, known by the name of their account, and sets their members, by name.
  - A change of the members of a group that rules the domain asks for the word C(privileged).
author: Ville du Bourget
options:
  base:
    description: 'Place of the owner, as a path from the domain''s root: C(Ville/Ecoles/ecole-jaures), C(/) for the whole
      domain. Objects elsewhere are neither read nor changed.'
    type: str
    default: /
  apart:
    description: Places beneath C(base) that belong to other owners, with all their contents.
    type: list
    elements: str
    default: []
  config:
    description: 'Objects of the kind (group), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of its account (sAMAccountName); its identity.
        type: str
        required: true
      formerly:
        description: Former names of the group. A group that still has a former name is renamed, and keeps its rights.
        type: list
        elements: str
      ou:
        description: Place of the group, as a path. Without it a new group goes to C(base).
        type: str
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      mail:
        description:
          - Address to write to its members; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      scope:
        description:
          - 'Scope: where the group has rights, and its members.'
          - The system's own default is C(global).
        type: str
        choices: [global, domain_local, universal]
      category:
        description:
          - 'Category: a group with rights, or a mere mailing list.'
          - The system's own default is C(security).
        type: str
        choices: [security, distribution]
      members:
        description:
          - Members, by account name, C(true) each; null removes a member. Other members stay, unless the state is C(replaced)
            or C(overridden). A computer's name ends in C($).
          - The keys are free; null takes an entry away.
          - The system's own default is C({}).
        type: dict
        choices: [true]
extends_documentation_fragment: [attributes.converges, options.domain, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Tenir les groupes d’une école
  ad_groups:
    domain: "{{ piste_ad }}"
    owner: "{{ inventory_hostname }}"
    base: Ville/Ecoles/ecole-jaures
    config:
      - name: GG-ecole-jaures
        description: Agents de l’école Jean Jaurès
        members: {marie.martin: true, GG-Remplacants: true}

- name: En sortir un compte
  ad_groups:
    domain: "{{ piste_ad }}"
    owner: "{{ inventory_hostname }}"
    base: Ville/Ecoles/ecole-jaures
    config:
      - {name: GG-ecole-jaures, members: {paul.durand: null}}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: ad, owner: commune, kind: group, key: GG-Ecoles, label: GG-Ecoles, action: update, fields: [members], before: 1f0c6c7ef8a2d931,
       after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("ad_groups")
