#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge the access control of an owner (NPS)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_access
short_description: Converge the access control of an owner (NPS)
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
  domain:
    description: Address of the Active Directory domain, and the account that connects. C(piste_ad) of the environment where
      the task does not say it.
    type: dict
    suboptions:
      controller:
        description: Full name of a domain controller, as in its certificate. It names the PDC emulator, where all calls go.
        type: str
        required: true
      address:
        description: Address of C(controller), where its name does not resolve.
        type: str
      username:
        description: 'Account that connects: C(name@domain), or a distinguished name.'
        type: str
        required: true
      password:
        description: Password, secret.
        type: str
        default: ''
      authentication:
        description: 'Authentication of the account. C(ntlm): a simple bind over LDAPS, NTLM for SMB. C(kerberos): Kerberos
          for both, bound to the TLS channel for LDAPS.'
        type: str
        choices: [ntlm, kerberos]
        default: ntlm
      keytab:
        description: Keytab of the account, in place of C(password) with Kerberos.
        type: path
      kdc:
        description: Name or address of the domain's key distribution centre, where DNS does not give it.
        type: str
      ca_file:
        description: Certificate authority of the controllers, where the machine does not trust it.
        type: path
      timeout:
        description: Seconds to wait for an answer.
        type: int
        default: 60
  servers:
    description: 'Identical servers, in the order of writes: a server is written once the server before it is verified.'
    type: list
    elements: str
  prefix:
    description: 'Beginnings of the owner''s names: C(overridden) only removes undeclared items with such a name.'
    type: list
    elements: str
  probe:
    description: Address from which this environment tests the servers; empty where it does not.
    type: str
  config:
    description: 'Objects by kind, as C(config) of the kind''s own module takes them: C(network_policies), C(connection_request_policies),
      C(radius_clients).'
    type: dict
  only:
    description: Kinds to which the task is limited.
    type: list
    choices: [network_policies, connection_request_policies, radius_clients]
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
- name: Converger le contrôle d’accès d’un site
  piste_access:
    winrm: "{{ piste_winrm }}"
    domain: "{{ piste_ad }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire le contrôle d’accès d’un site
  piste_access:
    winrm: "{{ piste_winrm }}"
    domain: "{{ piste_ad }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
extends_documentation_fragment: [results.converged, results.domain, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_access")
