#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the NPS servers of a pair"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nps_checks
short_description: Check the NPS servers of a pair
description:
  - Whether each server answers, has the role, runs its service and is registered in the directory; how
    long the certificates of its policies last; whether a change of it was interrupted; whether the servers
    hold the same.
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
  domain:
    description:
      - Where the Active Directory domain is reached, and as whom.
    type: dict
    required: true
    suboptions:
      controller:
        description:
          - Full name of a domain controller, the one in its certificate. The one that holds the PDC emulator
            role is found from it, and spoken to alone.
        type: str
        required: true
      address:
        description:
          - Address at which C(controller) is reached, where its name does not resolve.
        type: str
      username:
        description:
          - 'Who connects: C(name@domain), or a distinguished name.'
        type: str
        required: true
      password:
        description:
          - Password, secret.
        type: str
        default: ''
      authentication:
        description:
          - 'How the account is proven. C(ntlm): a simple bind over LDAPS, NTLM for SMB. C(kerberos):
            Kerberos for both, bound to the TLS channel for LDAPS.'
        type: str
        choices:
          - ntlm
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
          - Certificate authority of the controllers, where it is not one of the machine's.
        type: path
      timeout:
        description:
          - Seconds for which an answer is waited for.
        type: int
        default: 60
  servers:
    description:
      - 'Servers that hold the same, in the order in which they are written: each one only once the one
        before it is verified.'
    type: list
    required: true
    elements: str
attributes:
  check_mode:
    support: full
    description: Reads only.
"""

EXAMPLES = r"""
- name: Contrôler les serveurs NPS
  nps_checks:
    winrm: "{{ piste_winrm }}"
    domain: "{{ piste_ad }}"
    servers: [hdv-nps1, hdv-nps2]
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: nps.pair
      state: ok
      what: hdv-nps1 et hdv-nps2 tiennent les mêmes clients et les mêmes stratégies
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where an access is given
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("nps_checks")
