#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the dashboards of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_dashboards
short_description: Declare the dashboards of Zabbix
description:
  - Creates, changes and removes dashboards of one page, known by their name.
  - They are public; a reader sees in them what the reader may read.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (dashboard), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the dashboard.
        type: str
        required: true
      widgets:
        description: Widgets of its page.
        type: list
        elements: dict
        suboptions:
          type:
            description: Kind of widget.
            type: str
            required: true
            choices: [problems, problemsbysv, hostavail, map, slareport]
          title:
            description:
              - Title.
              - The system's own default is C().
            type: str
          x:
            description:
              - Column, of 72.
              - The system's own default is C(0).
            type: int
          y:
            description:
              - Row.
              - The system's own default is C(0).
            type: int
          width:
            description:
              - Columns.
              - The system's own default is C(36).
            type: int
          height:
            description:
              - Rows.
              - The system's own default is C(5).
            type: int
          groups:
            description:
              - Groups of hosts that it is about.
              - The order has no meaning.
              - The system's own default is C([]).
            type: list
            elements: str
          map:
            description:
              - Map that it shows.
              - The system's own default is C().
            type: str
          objective:
            description:
              - Objective whose report it shows.
              - The system's own default is C().
            type: str
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Montrer un site
  zabbix_dashboards:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: École Jean Jaurès
        widgets: [{type: map, map: École Jean Jaurès}]

- name: Relever ce qui existe
  zabbix_dashboards:
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
    - {system: zabbix, owner: ecole-jaures, kind: dashboard, key: École Jean Jaurès, label: École Jean Jaurès, action: update,
       fields: [widgets], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_dashboards")
