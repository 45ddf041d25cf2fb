#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the groups of hosts of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_host_groups
short_description: Declare the groups of hosts of Zabbix
description:
  - Creates and removes groups, known by their name.
  - A group that holds hosts alone in it is refused to be removed by Zabbix.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (host_group), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the group; a slash puts it below another.
        type: str
        required: true
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Ranger les hôtes par classe
  zabbix_host_groups:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - {name: Ville du Bourget/Classes/Commutateurs}

- name: Relever ce qui existe
  zabbix_host_groups:
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
    - {system: zabbix, owner: commune, kind: host_group, key: Ville du Bourget, label: Ville du Bourget, action: update,
       fields: [name], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_host_groups")
