#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the service levels of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_objectives
short_description: Declare the service levels of Zabbix
description: Creates, changes and removes objectives of availability, known by their name, on the services of some tags.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (sla), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the objective.
        type: str
        required: true
      description:
        description:
          - Description.
          - The system's own default is C().
        type: str
      period:
        description: Period over which it is measured.
        type: str
        choices: [daily, weekly, monthly, quarterly, annually]
      availability:
        description: Share of the time, in percent.
        type: float
      since:
        description: First second that counts, since 1970, midnight UTC.
        type: int
      timezone:
        description: Time zone of the periods.
        type: str
      enabled:
        description:
          - Whether it is computed.
          - The system's own default is C(true).
        type: bool
      hours:
        description:
          - 'Hours of a week that count, as seconds since Sunday; none: all of them.'
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions:
          start:
            description: First second.
            type: int
            required: true
          end:
            description: Second after the last.
            type: int
            required: true
      services:
        description:
          - Tags of the services that it is about.
          - The order has no meaning.
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
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Dire le niveau de service du réseau
  zabbix_objectives:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: Disponibilité du réseau
        period: monthly
        availability: 99.5
        since: 1788220800
        timezone: Europe/Paris
        services: [{tag: objective, value: reseau}]

- name: Relever ce qui existe
  zabbix_objectives:
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
    - {system: zabbix, owner: commune, kind: sla, key: Disponibilité du réseau, label: Disponibilité du réseau, action: update,
       fields: [availability], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_objectives")
