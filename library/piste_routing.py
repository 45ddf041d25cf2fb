#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge what the core routes for an owner (Meraki)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_routing
short_description: Converge what the core routes for an owner (Meraki)
description:
  - Takes the kinds of the domain in their order, in one process, and stops at the first that fails.
  - An error says what the kinds before it have done.
author: Ville du Bourget
options:
  dashboard:
    description: Where the Dashboard API listens, and as whom to speak to it. C(piste_meraki) of the environment where the
      task does not say it.
    type: dict
    suboptions:
      base_url:
        description: Base of the API, C(/api/v1) included.
        type: str
        required: true
      api_key:
        description: Key of the API, secret.
        type: str
        required: true
      organization:
        description: Name or id of the organization.
        type: str
        required: true
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
      rate:
        description: Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 10
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
  config:
    description: 'Objects by kind, as C(config) of the kind''s own module takes them: C(routed_interfaces), C(static_routes).'
    type: dict
  only:
    description: Kinds to which the task is limited.
    type: list
    choices: [routed_interfaces, static_routes]
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
extends_documentation_fragment: [options.task, options.of_domain]
"""

EXAMPLES = r"""
- name: Converger les passerelles d’un site
  piste_routing:
    dashboard: "{{ piste_meraki }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire les passerelles d’un site
  piste_routing:
    dashboard: "{{ piste_meraki }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
extends_documentation_fragment: [results.converged, results.domain, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("piste_routing")
