#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Manage the interfaces of Forcepoint engines"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_engine_interfaces
short_description: Manage the interfaces of Forcepoint engines
description:
  - Brings VLANs, shared and own addresses, zones, DHCP relay and DHCP server of an engine to what is declared.
  - A physical interface is written once, with only the declared VLANs changed; what is not declared stays as it is.
  - Nothing of it acts before a policy is installed on the engine.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (engine_interface), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      engine:
        description: 'Engine, C(type/name): C(fw_cluster/FW-Bourget).'
        type: str
        required: true
      interface:
        description: 'Number: C(1), or C(1.150) for its VLAN 150.'
        type: str
        required: true
      comment:
        description:
          - Comment; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      zone:
        description:
          - Zone that rules know it by, C(interface_zone/name).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      addresses:
        description:
          - Its addresses, an entry for each network; all of them.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions:
          network:
            description: Network, C(10.93.40.0/24).
            type: str
            required: true
          cluster:
            description:
              - Address that all nodes share (CVI), the gateway of the network; none on a single engine.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          nodes:
            description:
              - Own address of each node (NDI), by its number; on a single engine that of node 1 is the gateway.
              - The keys are free; null takes an entry away.
              - The system's own default is C({}).
            type: dict
      relay:
        description:
          - DHCP servers to which it relays, C(dhcp_server/name); an empty list turns the relay off.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      dhcp_server:
        description:
          - DHCP server of the firewall on this interface; null turns it off.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: dict
        suboptions:
          range:
            description:
              - Addresses that it gives, first and last.
              - Null is a value here, an absent key declares nothing.
            type: str
          ranges:
            description:
              - Addresses that each node of a cluster gives, by number of node; two nodes never share an address.
              - The keys are free; null takes an entry away.
            type: dict
          gateway:
            description:
              - Router that it gives.
              - Null is a value here, an absent key declares nothing.
            type: str
          dns:
            description:
              - DNS servers that it gives, two at most.
              - The system's own default is C([]).
            type: list
            elements: str
          domain:
            description:
              - Search list of domains that it gives.
              - Null is a value here, an absent key declares nothing.
            type: str
          lease:
            description: Seconds for which an address is given.
            type: int
      cvi_mode:
        description:
          - Way in which nodes share addresses, C(packetdispatch) (physical interface).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      mac_address:
        description:
          - MAC address that the nodes share (physical interface).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      aggregate:
        description:
          - Other interfaces that make up one link with it; null gives them back (physical interface).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: dict
        suboptions:
          mode:
            description: C(lb) is LACP on all; C(ha) keeps the second for a failure.
            type: str
            choices: [lb, ha]
          interfaces:
            description:
              - 'Numbers of the others: C(2).'
              - The order has no meaning.
            type: list
            elements: str
extends_documentation_fragment: [attributes.converges, options.smc, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Donner au pare-feu le réseau des invités de l’école
  smc_engine_interfaces:
    smc: "{{ piste_smc }}"
    owner: ecole-jaures
    config:
      - engine: fw_cluster/FW-Bourget
        interface: "1.1044"
        comment: École Jaurès, invités
        zone: interface_zone/Invités
        addresses:
          - network: 10.93.44.0/24
            cluster: 10.93.44.1
            nodes: {1: 10.93.44.2, 2: 10.93.44.3}
        relay: [dhcp_server/srv-dhcp1]
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: smc, owner: commune, kind: engine_interface, key: 1.1044/fw_cluster/FW-Bourget, label: FW-Bourget 1.1044,
       action: create, fields: [engine, interface, comment, zone, addresses, relay], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("smc_engine_interfaces")
