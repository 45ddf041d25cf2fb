#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the local administrators of a Windows server, and remove those who leave"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: win_administrators
short_description: List the local administrators of a Windows server, and remove those who leave
description:
  - Lists the members of the server's Administrators group, by its well-known SID, over WinRM; takes those
    who leave out of it only where C(remove) is true, then reads again. Their accounts stay.
  - The last member is never removed, whoever it is.
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
      - Name of the server.
    type: str
    required: true
  outgoing:
    description:
      - Accounts that leave, by their names or addresses, C(*) for any text; case means nothing.
    type: list
    elements: str
    default: []
  remove:
    description:
      - Remove them; else they are only listed.
    type: bool
    default: false
  known:
    description:
      - Accounts that are declared, by what they sign in with, C(*) for any text; all others are orphans.
        Nobody is removed; an empty list reads nothing and says that nobody is judged.
    type: list
    elements: str
attributes:
  check_mode:
    support: full
    description: Removes nobody.
"""

EXAMPLES = r"""
- name: Relever les administrateurs du prestataire sortant
  win_administrators:
    winrm: "{{ piste_winrm }}"
    server: hdv-nps1
    outgoing: ["*prestataire*"]
"""

RETURN = r"""
administrators:
  description: Every account; C(whole) where it can do everything, C(outgoing) where it leaves.
  returned: always
  type: list
  elements: dict
  sample:
    - {name: dsi@lebourget.example, whole: true, outgoing: false}
removed:
  description: Names of the accounts that were removed.
  returned: always
  type: list
  elements: str
findings:
  description: Whether somebody who leaves is still there.
  returned: always
  type: list
  elements: dict
orphans:
  description: C(kind), C(key) and C(why) an administrator that nobody declares.
  returned: where C(known) is given
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("win_administrators")
