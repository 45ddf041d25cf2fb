#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge the DNS names of an owner (Active Directory)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_names
short_description: Converge the DNS names of an owner (Active Directory)
description:
  - Takes the kinds of the domain in their order, in one process, and stops at the first that fails.
  - An error says what the kinds before it have done.
author: Ville du Bourget
options:
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
  config:
    description: 'Objects by kind, as C(config) of the kind''s own module takes them: C(zones), C(records).'
    type: dict
  only:
    description: Kinds to which the task is limited.
    type: list
    choices: [zones, records]
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
- name: Converger les noms d’un site
  piste_names:
    domain: "{{ piste_ad }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire les noms d’un site
  piste_names:
    domain: "{{ piste_ad }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
extends_documentation_fragment: [results.converged, results.domain, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_names")
