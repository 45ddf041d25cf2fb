#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the VLANs of a Nutanix cluster"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_subnets
short_description: Declare the VLANs of a Nutanix cluster
description:
  - Creates, changes, renames and removes subnets of type VLAN, known by name in a cluster; a name shared by two is an error.
  - A subnet that machines are in is never removed. Subnets of virtual private clouds are left alone.
  - Properties outside the table (DHCP options, projects) are sent back as they were read.
author: Ville du Bourget
options:
  cluster:
    description: Cluster to which the objects belong, by its name.
    type: str
    required: true
  rehearse:
    description: Only refuse what the task would refuse without it, so that nothing of the run is written before; a later
      task does the work. Does nothing in check mode.
    type: bool
    default: false
  config:
    description: 'Objects of the kind (subnet), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the subnet; its identity in the cluster.
        type: str
        required: true
      formerly:
        description: 'Names that it bore before: it is renamed.'
        type: list
        elements: str
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      vlan:
        description:
          - Number of the VLAN; 0 for the untagged one. Its machines change VLAN with it.
          - 'Changing it on a live system asks for C(confirm: [vlan]).'
        type: int
      virtual_switch:
        description:
          - Virtual switch that carries it; the cluster's own choice without it.
          - Taken into account at creation only.
        type: str
      advanced:
        description:
          - Whether the network controller manages it.
          - Taken into account at creation only.
        type: bool
      ip:
        description: Addresses that the cluster gives to its machines. Without it somebody else's DHCP, or nobody, does.
        type: dict
        suboptions:
          network:
            description: Addresses of the subnet, C(10.93.2.0/24).
            type: str
          gateway:
            description: Gateway that machines are given.
            type: str
          dhcp_server:
            description: Address of the cluster's own DHCP server.
            type: str
          pools:
            description:
              - Ranges to give from, C(first-last).
              - The order has no meaning.
            type: list
            elements: str
      dhcp:
        description: What the cluster tells its machines with their address.
        type: dict
        suboptions:
          dns:
            description:
              - Name servers, in order.
              - The system's own default is C([]).
            type: list
            elements: str
          domain:
            description: Name of their domain.
            type: str
          search:
            description:
              - Domains where short names are looked for.
              - The system's own default is C([]).
            type: list
            elements: str
          tftp:
            description: Server that they start from, over the network.
            type: str
          boot_file:
            description: File that they start from.
            type: str
extends_documentation_fragment: [attributes.converges, options.prism, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Porter le VLAN des serveurs sur la grappe
  prism_subnets:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    cluster: ntnx-hdv
    config:
      - {name: serveurs, description: Serveurs, vlan: 102}

- name: Relever ce qui existe
  prism_subnets:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    cluster: ntnx-hdv
    state: gathered
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: prism, owner: commune, kind: subnet, key: serveurs, label: serveurs, action: update, fields: [vlan], before: 1f0c6c7ef8a2d931,
       after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.foreign, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("prism_subnets")
