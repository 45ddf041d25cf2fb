#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge the directory of an owner (Active Directory)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_directory
short_description: Converge the directory of an owner (Active Directory)
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
  base:
    description: 'Place of the owner, as a path from the domain''s root: C(Ville/Ecoles/ecole-jaures), C(/) for the whole
      domain. Objects elsewhere are neither read nor changed.'
    type: str
  apart:
    description: Places beneath C(base) that belong to other owners, with all their contents.
    type: list
    elements: str
  backup_dir:
    description: 'Folder of the control node for backups as the console makes them: of what is removed, before it is, and
      of all that is C(gathered), with a migration table.'
    type: path
  signed:
    description: 'Folder of the programs that the town signed, each beside the certificate of its publisher: a policy that
      runs a program waits for it. C(piste_signed) of the environment where the task does not say it.'
    type: path
  admx:
    description: Folder of the site's own policy definitions (ADMX, and ADML by language), here. C(piste_admx) of the environment
      where the task does not say it.
    type: path
  config:
    description: 'Objects by kind, as C(config) of the kind''s own module takes them: C(organizational_units), C(groups),
      C(wmi_filters), C(gpos), C(gpo_links), C(sites), C(subnets), C(dhcp_servers).'
    type: dict
  only:
    description: Kinds to which the task is limited.
    type: list
    choices: [organizational_units, groups, wmi_filters, gpos, gpo_links, sites, subnets, dhcp_servers]
    elements: str
    default: []
  step:
    description: A step that the usual run leaves out, and that the task does alone.
    type: str
    choices: [authorisation]
  rehearse:
    description: Go through all the kinds without writing first, so that nothing is written before all have said that they
      refuse nothing. Not before C(deleted) nor C(undo).
    type: bool
    default: false
extends_documentation_fragment: [options.task, options.of_domain]
"""

EXAMPLES = r"""
- name: Converger l’annuaire d’un site
  piste_directory:
    domain: "{{ piste_ad }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire l’annuaire d’un site
  piste_directory:
    domain: "{{ piste_ad }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
extends_documentation_fragment: [results.converged, results.domain, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_directory")
