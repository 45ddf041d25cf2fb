#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge the network of a site (Meraki)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_network
short_description: Converge the network of a site (Meraki)
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
  network:
    description: Name of the network, where it is not the declared one.
    type: str
  formerly:
    description: Names under which the network was made by hand; where it still bears one of them it is renamed.
    type: list
    elements: str
    default: []
  others:
    description: Names of other sites' networks, which are never taken for it.
    type: list
    elements: str
    default: []
  traced:
    description: Whether a network that lost its name is recognised by its devices, to be given it back.
    type: bool
    default: true
  together:
    description: Sites of the run. The ports of the sites that are not among them, which let the VLANs of the site pass, converge
      with it, or with the first site of the run that they carry; none where not given.
    type: list
    elements: str
  environment:
    description: Name of the environment, whose findings stop the waves of an upgrade. C(piste_environment) of the environment
      where the task does not say it.
    type: str
  ports_withheld:
    description: Why ports and SSIDs must be left as they are; nothing keeps from it where empty.
    type: str
  config:
    description: 'Objects by kind, as C(config) of the kind''s own module takes them: C(networks), C(devices), C(switch_stacks),
      C(trusted_servers), C(network_settings), C(access_policies), C(port_schedules), C(rf_profiles), C(link_aggregations),
      C(switch_ports), C(radios), C(ssids), C(firmware).'
    type: dict
  only:
    description: Kinds to which the task is limited.
    type: list
    choices: [networks, devices, switch_stacks, trusted_servers, network_settings, access_policies, port_schedules, rf_profiles,
      link_aggregations, switch_ports, radios, ssids, firmware]
    elements: str
    default: []
  step:
    description: A step that the usual run leaves out, and that the task does alone.
    type: str
    choices: [management, release]
  rehearse:
    description: Go through all the kinds without writing first, so that nothing is written before all have said that they
      refuse nothing. Not before C(deleted) nor C(undo).
    type: bool
    default: false
extends_documentation_fragment: [options.task, options.of_domain]
"""

EXAMPLES = r"""
- name: Converger le réseau d’un site
  piste_network:
    dashboard: "{{ piste_meraki }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire le réseau d’un site
  piste_network:
    dashboard: "{{ piste_meraki }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
extends_documentation_fragment: [results.converged, results.domain, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_network")
