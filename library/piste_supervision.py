#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge the supervision (Zabbix)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_supervision
short_description: Converge the supervision (Zabbix)
description:
  - Takes the kinds of the domain in their order, in one process, and stops at the first that fails.
  - An error says what the kinds before it have done.
author: Ville du Bourget
options:
  zabbix:
    description: Where the frontend of Zabbix listens, and as whom to speak to it. C(piste_zabbix) of the environment where
      the task does not say it.
    type: dict
    suboptions:
      url:
        description: Address of its frontend, C(https://zabbix.example).
        type: str
      token:
        description: Token of its API, secret.
        type: str
      ca_file:
        description: Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description: Proxy, C(http://host:port).
        type: str
      no_proxy:
        description: Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description: Seconds for which an answer is waited for.
        type: float
        default: 120
      rate:
        description: Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 10
  config:
    description: 'Objects by kind, as C(config) of the kind''s own module takes them: C(host_groups), C(templates), C(media_types),
      C(user_groups), C(users), C(actions), C(hosts), C(dependencies), C(maintenances), C(services), C(objectives), C(maps),
      C(dashboards).'
    type: dict
  only:
    description: Kinds to which the task is limited.
    type: list
    choices: [host_groups, templates, media_types, user_groups, users, actions, hosts, dependencies, maintenances, services,
      objectives, maps, dashboards]
    elements: str
    default: []
  step:
    description: A step that the usual run leaves out, and that the task does alone.
    type: str
  rehearse:
    description: Go through all the kinds without writing first, so that nothing is written before all have said that they
      refuse nothing. Not before C(deleted) nor C(undo).
    type: bool
    default: false
extends_documentation_fragment: [attributes.converges, options.task, options.of_domain]
"""

EXAMPLES = r"""
- name: Converger la supervision d’un site
  piste_supervision:
    zabbix: "{{ piste_zabbix }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire toute la supervision
  piste_supervision:
    zabbix: "{{ piste_zabbix }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
extends_documentation_fragment: [results.converged, results.domain, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_supervision")
