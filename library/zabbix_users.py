#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the accounts of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_users
short_description: Declare the accounts of Zabbix
description:
  - Creates, changes and removes accounts, known by the name that they sign in with.
  - A password is never read back; it is compared by fingerprint.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (user), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      username:
        description: Name to sign in with.
        type: str
        required: true
      name:
        description:
          - First name that people read.
          - The system's own default is C().
        type: str
      surname:
        description:
          - Name that people read.
          - The system's own default is C().
        type: str
      role:
        description: Role, by its name.
        type: str
      groups:
        description:
          - Groups of the account.
          - The order has no meaning.
        type: list
        elements: str
      password:
        description:
          - Password.
          - 'Written C({secret: zabbix/{username}/password}), never in clear.'
        type: dict
        suboptions:
          secret:
            description: Path of the secret in the environment's secrets.
            type: str
            required: true
      media:
        description:
          - Ways to write to the account.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions:
          type:
            description: Media type, by its name.
            type: str
            required: true
          to:
            description:
              - Addresses.
              - The order has no meaning.
            type: list
            required: true
            elements: str
          severity:
            description:
              - Lowest severity that is written.
              - The system's own default is C(not_classified).
            type: str
            choices: [not_classified, information, warning, average, high, disaster]
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Donner un compte de lecture à la Ville
  zabbix_users:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - username: ville
        role: User role
        groups: [Lecteurs]
        password: {secret: zabbix/ville/password}

- name: Relever ce qui existe
  zabbix_users:
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
    - {system: zabbix, owner: commune, kind: user, key: ville, label: ville, action: update,
       fields: [groups], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_users")
