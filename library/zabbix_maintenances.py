#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the maintenances of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_maintenances
short_description: Declare the maintenances of Zabbix
description: Creates, changes and removes the periods in which problems are not said, known by their name; data is still read.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (maintenance), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the maintenance.
        type: str
        required: true
      description:
        description:
          - Reason.
          - The system's own default is C().
        type: str
      since:
        description: First second, since 1970.
        type: int
      until:
        description: Last second, since 1970.
        type: int
      groups:
        description:
          - Groups of hosts in maintenance.
          - The order has no meaning.
        type: list
        elements: str
      tags:
        description:
          - Tags of the problems that are not said; all where empty.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions:
          tag:
            description: Name.
            type: str
            required: true
          value:
            description:
              - Value.
              - The system's own default is C().
            type: str
      weekly:
        description:
          - Periods of a week; none where the whole is one period.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions:
          days:
            description: Days.
            type: list
            required: true
            choices: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]
            elements: str
          start:
            description: Minutes after midnight.
            type: int
            required: true
          minutes:
            description: Length.
            type: int
            required: true
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Taire ce qui peut attendre
  zabbix_maintenances:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: Gel de fin d’année
        since: 1797634800
        until: 1799042400
        groups: [Ville du Bourget/Classes/Bornes Wi-Fi]

- name: Relever ce qui existe
  zabbix_maintenances:
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
    - {system: zabbix, owner: commune, kind: maintenance, key: Gel de fin d’année, label: Gel de fin d’année, action: update,
       fields: [until], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_maintenances")
