#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the servers that ARP inspection trusts in a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_trusted_servers
short_description: Declare the servers that ARP inspection trusts in a Meraki network
description: Servers, known by MAC address and VLAN; ARP inspection is a document of M(meraki_network_settings).
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  config:
    description: 'Objects of the kind (trusted_server), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      mac:
        description:
          - MAC address of the server; with the VLAN, its identity.
          - Taken into account at creation only.
        type: str
        required: true
      vlan:
        description:
          - VLAN in which it is trusted.
          - Taken into account at creation only.
        type: int
        required: true
      ipv4:
        description: Its address.
        type: dict
        suboptions:
          address:
            description: IPv4 address.
            type: str
            required: true
extends_documentation_fragment: [options.meraki, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Converger les serveurs de confiance
  meraki_trusted_servers:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    network: VLB ecole-jaures
    config:
      - mac: "02:93:00:00:00:01"
        vlan: 151
        ipv4: {address: 10.93.41.254}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: trusted_server, key: "02:93:00:00:00:01/151", action: create, fields: [ipv4]}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("meraki_trusted_servers")
