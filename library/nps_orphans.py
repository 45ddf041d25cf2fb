#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the objects of NPS servers that nobody declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nps_orphans
short_description: List the objects of NPS servers that nobody declares
description: RADIUS clients, connection request policies and network policies. Objects that NPS is installed with are left
  out. Changes nothing in any mode.
author: Ville du Bourget
options:
  servers:
    description: 'Identical servers, in the order of writes: a server is written once the server before it is verified.'
    type: list
    required: true
    elements: str
  clients:
    description: Names of all the declared RADIUS clients.
    type: list
    required: true
    elements: str
  connection_request_policies:
    description: Names of all the declared connection request policies.
    type: list
    required: true
    elements: str
  network_policies:
    description: Names of all the declared network policies.
    type: list
    required: true
    elements: str
  secrets:
    description: Values of the secrets, by path.
    type: dict
    default: {}
extends_documentation_fragment: [attributes.reads, options.winrm]
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
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("nps_orphans")
