#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List print queues that no site declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: win_print_orphans
short_description: List print queues that no site declares
description:
  - Lists the shared queues of a print server that are not declared. Changes nothing in any mode.
author: Ville du Bourget
options:
  winrm:
    description:
      - How Windows hosts are reached by WinRM, and as whom.
    type: dict
    required: true
    suboptions:
      domain:
        description:
          - DNS domain of the hosts, which is added to a name without a dot.
        type: str
        default: ''
      urls:
        description:
          - Addresses, by name, of hosts that are not at C(https://NAME.DOMAIN:5986/wsman).
        type: dict
      username:
        description:
          - 'Who connects: C(DOMAIN\\name) or C(name@domain).'
        type: str
        required: true
      password:
        description:
          - Password, secret.
        type: str
        default: ''
      authentication:
        description:
          - How the account is proven.
        type: str
        choices:
          - ntlm
          - basic
          - kerberos
        default: ntlm
      keytab:
        description:
          - File of the account's keys, which takes the place of C(password) with Kerberos.
        type: path
      kdc:
        description:
          - Name or address of the domain's key distribution centre, where DNS does not tell it.
        type: str
      ca_file:
        description:
          - Certificate authority of the hosts, where it is not one of the machine's.
        type: path
      timeout:
        description:
          - Seconds for which the end of a snippet is waited for.
        type: int
        default: 300
  server:
    description:
      - Name of the print server.
    type: str
    required: true
  queues:
    description:
      - Names of all the queues that are declared.
    type: list
    required: true
    elements: str
"""

EXAMPLES = r"""
- name: Relever les files que personne ne déclare
  win_print_orphans:
    winrm: "{{ piste_winrm }}"
    server: hdv-imp1
    queues: [imp-jau-01, imp-jau-02]
"""

RETURN = r"""
orphans:
  description: One entry an orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: print_queue
      key: imp-ancienne
      why: partagée, et personne ne la déclare
calls:
  description: Snippets run, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("win_print_orphans")
