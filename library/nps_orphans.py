#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List what NPS servers hold and nobody declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nps_orphans
short_description: List what NPS servers hold and nobody declares
description:
  - RADIUS clients, connection request policies and network policies. What NPS is installed with is left
    out. Changes nothing in any mode.
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
      - 'Servers that hold the same, in the order in which they are written: each one only once the one
        before it is verified.'
    type: list
    required: true
    elements: str
  clients:
    description:
      - Names of all the RADIUS clients that are declared.
    type: list
    required: true
    elements: str
  connection_request_policies:
    description:
      - Names of all the connection request policies that are declared.
    type: list
    required: true
    elements: str
  network_policies:
    description:
      - Names of all the network policies that are declared.
    type: list
    required: true
    elements: str
  secrets:
    description:
      - Values of the secrets, by path.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    description: Reads only.
"""

EXAMPLES = r"""
- name: Relever ce que personne ne déclare
  nps_orphans:
    winrm: "{{ piste_winrm }}"
    servers: [hdv-nps1, hdv-nps2]
    secrets: "{{ piste_secrets }}"
    clients: [sw-hdv-01]
    connection_request_policies: [Ville - 802.1X]
    network_policies: ["Ville - Agents, mairie"]
"""

RETURN = r"""
orphans:
  description: One entry an orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: radius_client
      key: Commutateur mairie 1
      why: personne ne le déclare
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("nps_orphans")
