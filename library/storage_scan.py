#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Scan the targeted file shares for cold and duplicate data"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: storage_scan
short_description: Scan the targeted file shares for cold and duplicate data
description:
  - Reads names, sizes and dates of the targeted shares over encrypted SMB 3, and compares by digests the contents of files
    of equal size alone. Nothing is written on a share, no link is followed, an excluded folder is not even listed.
  - Gives counts by folder of the first levels; no name of a file leaves the scan, but in the lists that C(lists) asks for.
  - A scan that its time or a silence stops goes on at the next run. What was not read is named, and its share is unknown.
  - Changes nothing in any mode.
author: Ville du Bourget
options:
  declared:
    description: Targeted shares and their rules, as C(piste_site) gives them (C(storage)).
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
  names:
    description: Names of the targeted shares to scan; all of them where it is absent.
    type: list
    elements: str
  index:
    description: Private folder of the scans that have not ended; a run goes on with them.
    type: path
    required: true
  lists:
    description: Folder for a list of files by share, cold or duplicate, with their names; none where it is absent.
    type: path
extends_documentation_fragment: [attributes.reads, options.smb]
"""

EXAMPLES = r"""
- name: Relever les partages visés
  storage_scan:
    declared: "{{ ansible_facts['piste_site'].storage }}"
    smb: "{{ piste_smb }}"
    index: "{{ piste_storage_index }}"
"""

RETURN = r"""
readings:
  description: One entry a share, in the order of the declaration. C(state) is complete, partial, unfinished or silent.
  returned: always
  type: list
  elements: dict
  sample:
    - share: services
      state: complete
      files: 184233
      bytes: 412000000000
      cold_bytes: 190000000000
      duplicate_bytes: 61000000000
      waste_bytes: 214000000000
warnings:
  description: Shares whose scan did not begin, and the reason.
  returned: always
  type: list
  elements: str
calls:
  description: Folders listed, as C(reads), and C(writes), always 0.
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("storage_scan")
