#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare whom Zabbix writes to"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_actions
short_description: Declare whom Zabbix writes to
description:
  - Creates, changes and removes the actions on problems of triggers, known by their name.
  - An action writes to accounts, by the ways that they have, at the problem and at its end.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (action), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the action, on problems of triggers.
        type: str
        required: true
      enabled:
        description:
          - Whether it acts.
          - The system's own default is C(true).
        type: bool
      severity:
        description:
          - Lowest severity that it is about.
          - The system's own default is C(not_classified).
        type: str
        choices: [not_classified, information, warning, average, high, disaster]
      groups:
        description:
          - Groups of hosts that it is about; all where empty.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      users:
        description:
          - Accounts that it writes to, at the problem and at its end.
          - The order has no meaning.
        type: list
        elements: str
      solved:
        description:
          - Whether it writes at the end of a problem.
          - The system's own default is C(true).
        type: bool
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Prévenir l’exploitation
  zabbix_actions:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: Prévenir l’exploitation
        severity: average
        users: [exploitation]

- name: Relever ce qui existe
  zabbix_actions:
    zabbix: "{{ piste_zabbix }}"
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
    - {system: zabbix, owner: commune, kind: action, key: Prévenir l’exploitation, label: Prévenir l’exploitation, action: update,
       fields: [users], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_actions")
