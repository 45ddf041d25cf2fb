#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge the DHCP servers of the town, their scopes and their relation"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_addressing
short_description: Converge the DHCP servers of the town, their scopes and their relation
description:
  - Takes the kinds of the domain in their order, in one process, and stops at the first that fails.
  - An error says what the kinds before it have done.
author: Ville du Bourget
options:
  winrm:
    description: Addresses of Windows hosts by WinRM, and the account that connects. C(piste_winrm) of the environment where
      the task does not say it.
    type: dict
    suboptions:
      domain:
        description: DNS domain of the hosts, added to a name without a dot.
        type: str
        default: ''
      urls:
        description: Addresses, by name, of hosts that are not at C(https://NAME.DOMAIN:5986/wsman).
        type: dict
      username:
        description: 'Account that connects: C(DOMAIN\\name) or C(name@domain).'
        type: str
        required: true
      password:
        description: Password, secret.
        type: str
        default: ''
      authentication:
        description: Authentication of the account.
        type: str
        choices: [ntlm, basic, kerberos]
        default: ntlm
      keytab:
        description: Keytab of the account, in place of C(password) with Kerberos.
        type: path
      kdc:
        description: Name or address of the domain's key distribution centre, where DNS does not give it.
        type: str
      ca_file:
        description: Certificate authority of the hosts, where the machine does not trust it.
        type: path
      timeout:
        description: Seconds to wait for the end of a snippet.
        type: int
        default: 300
  server:
    description: 'Name of the DHCP server: in a relation, the first of the two.'
    type: str
  failover:
    description: The relation with the partner that takes over the scopes; none by default.
    type: dict
    suboptions:
      name:
        description: Name of the relation, made with the first scope that needs it.
        type: str
        required: true
      partner:
        description: Name of the partner.
        type: str
        required: true
      mode:
        description: C(load_balance) shares the requests, C(hot_standby) keeps the partner in reserve.
        type: str
        choices: [load_balance, hot_standby]
        default: load_balance
      share:
        description: Percent of the requests that the first server takes, or of the addresses that the partner keeps.
        type: int
        default: 50
      client_lead:
        description: Seconds that the partner may extend a lease by (MCLT).
        type: int
        default: 3600
      switch_after:
        description: Seconds before a silent partner is taken as down; else a person says so.
        type: int
      shared_secret:
        description: 'Path of the secret that the servers share, as C({secret: path}).'
        type: dict
  servers:
    description: Names of all the DHCP servers; the first and its partner by default.
    type: list
    elements: str
  within:
    description: 'Prefixes of the owner: scopes elsewhere are neither read whole nor changed. All by default.'
    type: list
    elements: str
  config:
    description: 'Objects by kind, as C(config) of the kind''s own module takes them: C(settings), C(scopes), C(relations).'
    type: dict
  only:
    description: Kinds to which the task is limited.
    type: list
    choices: [settings, scopes, relations]
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
- name: Converger l’adressage d’un site
  piste_addressing:
    winrm: "{{ piste_winrm }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire les étendues d’un site
  piste_addressing:
    winrm: "{{ piste_winrm }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
extends_documentation_fragment: [results.converged, results.domain, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("piste_addressing")
