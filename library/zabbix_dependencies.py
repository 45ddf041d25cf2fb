#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare what hosts depend on in Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_dependencies
short_description: Declare what hosts depend on in Zabbix
description:
  - Makes the presence of a host depend on that of the host that carries it; both have the template C(ICMP Ping).
  - A host behind another that is down is then not said to be down.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (dependency), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: Host that depends on another, by its technical name.
        type: str
        required: true
      parent:
        description: Host that carries its way to the server; both have C(ICMP Ping).
        type: str
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Ne dire en panne que le premier
  zabbix_dependencies:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - {host: sw-jau-02, parent: sw-jau-01}

- name: Relever ce qui existe
  zabbix_dependencies:
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
    - {system: zabbix, owner: ecole-jaures, kind: dependency, key: sw-jau-02, label: sw-jau-02, action: update,
       fields: [parent], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_dependencies")
