#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge the firewall of an owner (Forcepoint SMC)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_firewall
short_description: Converge the firewall of an owner (Forcepoint SMC)
description:
  - Takes the kinds of the domain in their order, in one process, and stops at the first that fails.
  - An error says what the kinds before it have done.
author: Ville du Bourget
options:
  smc:
    description: Where the SMC listens, and as whom to speak to it. C(piste_smc) of the environment where the task does not
      say it.
    type: dict
    suboptions:
      url:
        description: Base of the API, C(https://smc.example:8082).
        type: str
        required: true
      api_version:
        description: 'Version of the API, C(7.4). It is never replaced by another: an SMC that does not offer it is refused.'
        type: str
        required: true
      api_key:
        description: Key of the API client, secret.
        type: str
      login:
        description: Administrator account, where there is no API client.
        type: str
      password:
        description: Its password, secret.
        type: str
      domain:
        description: Administrative domain.
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
        default: 60
  adopt:
    description: Also write into the comments the ids by which rules without one are called.
    type: bool
    default: false
  keep:
    description: Ids or names of the rules that let administration in, where the declaration does not say them.
    type: list
    elements: str
  config:
    description: 'Objects by kind, as C(config) of the kind''s own module takes them: C(elements), C(engine_interfaces), C(engine_routes),
      C(engine_settings), C(engine_gateways), C(log_servers), C(policies), C(installations).'
    type: dict
  only:
    description: Kinds to which the task is limited.
    type: list
    choices: [elements, engine_interfaces, engine_routes, engine_settings, engine_gateways, log_servers, policies, installations]
    elements: str
    default: []
  step:
    description: A step that the usual run leaves out, and that the task does alone.
    type: str
    choices: [installation]
  rehearse:
    description: Go through all the kinds without writing first, so that nothing is written before all have said that they
      refuse nothing. Not before C(deleted) nor C(undo).
    type: bool
    default: false
extends_documentation_fragment: [options.task, options.of_domain]
"""

EXAMPLES = r"""
- name: Converger les règles d’un site
  piste_firewall:
    smc: "{{ piste_smc }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire la part d’un site dans le pare-feu
  piste_firewall:
    smc: "{{ piste_smc }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
extends_documentation_fragment: [results.converged, results.domain, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_firewall")
