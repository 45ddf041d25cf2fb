#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the groups of users of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_user_groups
short_description: Declare the groups of users of Zabbix
description: Creates, changes and removes groups of users, known by their name, with their rights on groups of hosts.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (user_group), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the group.
        type: str
        required: true
      frontend:
        description:
          - Way in to the frontend.
          - The system's own default is C(default).
        type: str
        choices: [default, internal, ldap, none]
      enabled:
        description:
          - Whether its users may sign in.
          - The system's own default is C(true).
        type: bool
      rights:
        description:
          - Rights on groups of hosts, by name of the group; they hold for the groups below where it is declared so.
          - The keys are free; null takes an entry away.
          - The system's own default is C({}).
        type: dict
        choices: [deny, read, write]
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Donner à lire
  zabbix_user_groups:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: Lecteurs
        rights: {Ville du Bourget/Classes/Commutateurs: read}

- name: Relever ce qui existe
  zabbix_user_groups:
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
    - {system: zabbix, owner: commune, kind: user_group, key: Lecteurs, label: Lecteurs, action: update,
       fields: [rights], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_user_groups")
