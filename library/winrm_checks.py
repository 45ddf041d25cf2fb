#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to Windows servers by WinRM"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: winrm_checks
short_description: Check the access to Windows servers by WinRM
description:
  - Whether each server answers over verified TLS and accepts the account, until when its certificate
    lasts, whether the account is an administrator there, how far the clocks are apart, and whether the
    print server can be set.
  - What is wrong is a finding, never a failure. Changes nothing in any mode.
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
  servers:
    description:
      - Names of the servers that are reached by WinRM.
    type: list
    required: true
    elements: str
  print_server:
    description:
      - Name of the one that holds the print queues, if there is one.
    type: str
"""

EXAMPLES = r"""
- name: Contrôler l'accès aux serveurs Windows
  winrm_checks:
    winrm: "{{ piste_winrm }}"
    servers: [hdv-nps1, hdv-nps2]
    print_server: hdv-imp1
"""

RETURN = r"""
findings:
  description: One entry a check and server, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: winrm.account
      state: ok
      what: "hdv-nps1 : « svc-piste » y est administrateur"
      todo: ""
calls:
  description: Snippets run, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("winrm_checks")
