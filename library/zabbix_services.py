#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the services of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_services
short_description: Declare the services of Zabbix
description: Creates, changes and removes services, known by their name, with the problems that put them out of order.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (service), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the service.
        type: str
        required: true
      description:
        description:
          - Description.
          - The system's own default is C().
        type: str
      problems:
        description:
          - Tags of the problems that put it out of order, all of them.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions: &problems
          tag:
            description: Name.
            type: str
            required: true
          value:
            description:
              - Value.
              - The system's own default is C().
            type: str
      tags:
        description:
          - Tags of the service, by which objectives name it.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions: *problems
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Mesurer la disponibilité du réseau
  zabbix_services:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: Réseau
        problems: [{tag: class, value: switch}]
        tags: [{tag: objective, value: reseau}]

- name: Relever ce qui existe
  zabbix_services:
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
    - {system: zabbix, owner: commune, kind: service, key: Réseau, label: Réseau, action: update,
       fields: [problems], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_services")
