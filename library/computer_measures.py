#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Collect the measures that computers write of themselves"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: computer_measures
short_description: Collect the measures that computers write of themselves
description:
  - Lists the share of the measures once, over encrypted SMB 3, and reads the files that are new or have changed.
  - Every file is data that nobody vouches for. A file is refused, and named, where it is oversized, not in the form, from
    the future, older than the last, of a computer that the inventory does not know, of another's serial number, or owned
    by another account than that of its computer. A refused file never hides the last good report.
  - Keeps in C(folder) the last good report of each computer and a summary by day, for the time that is declared; no measure
    is in the result. Nothing is written on the share.
  - In check mode nothing is kept.
author: Ville du Bourget
options:
  declared:
    description: Share of the measures, its rules and the computers of the inventory, as C(piste_site) gives them (C(computer_measures)).
    type: dict
    required: true
  smb:
    description: Account that reads the shares, and where they are.
    type: dict
    required: true
    suboptions:
      username:
        description: 'Account, which reads and has no other right: C(DOMAINE\\nom), C(nom@domaine).'
        type: str
      password:
        description: Its password, secret.
        type: str
        default: ''
      authentication:
        description: How it signs in.
        type: str
        choices: [ntlm, kerberos]
        default: ntlm
      keytab:
        description: Keytab of the account, in place of C(password) with Kerberos.
        type: path
      kdc:
        description: Name or address of the domain's key distribution centre, where DNS does not give it.
        type: str
      domain:
        description: DNS domain that completes the declared names of servers.
        type: str
      encrypt:
        description: Refuse a server that does not encrypt (SMB 3).
        type: bool
        default: true
      elsewhere:
        description: By server, another C(address) and C(port) than the declared server.
        type: dict
      only_elsewhere:
        description: 'Read no server at its declared place: a laboratory must not reach the real servers.'
        type: bool
        default: false
      timeout:
        description: Seconds to wait for an answer.
        type: float
        default: 60.0
  folder:
    description: 'Private folder of the kept measures: what did not change since is not read again.'
    type: path
    required: true
extends_documentation_fragment: [attributes.reads, options.smb, options.domain]
"""

EXAMPLES = r"""
- name: Relever les mesures des postes
  computer_measures:
    declared: "{{ ansible_facts['piste_site'].computer_measures }}"
    smb: "{{ piste_smb }}"
    domain: "{{ piste_ad }}"
    folder: "{{ piste_computers_folder }}"
"""

RETURN = r"""
state:
  description: C(complete), C(partial) where a part of the listing was not read, or C(silent) where the share did not answer.
  returned: always
  type: str
files:
  description: Names in the share.
  returned: always
  type: int
read:
  description: Files that were new or had changed, and were read.
  returned: always
  type: int
measured:
  description: Computers that have a kept report.
  returned: always
  type: int
refused:
  description: Refused files, at most 200, each with its reason and the moment of its first refusal.
  returned: always
  type: list
  elements: dict
owners:
  description: Why owners were not checked; empty where they were.
  returned: always
  type: str
rights:
  description: Faults of the access list of the share, in French; null where it was not read.
  returned: always
  type: list
  elements: str
warnings:
  description: What was not read, and the first refused files.
  returned: always
  type: list
  elements: str
calls:
  description: Reads of the directory and of the share, as C(reads), and C(writes), always 0.
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("computer_measures")
