#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the routed interfaces of Meraki switches and stacks"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_routed_interfaces
short_description: Declare the routed interfaces of Meraki switches and stacks
description:
  - The gateways that a switch, or a stack, carries: one a VLAN, with its DHCP document.
  - Several owners declare interfaces of one switch, so a task leaves those that it does not name alone.
  - New interfaces come first, that of the default gateway before all; what goes, goes last.
  - The last gateway of a VLAN, a default gateway and the DHCP of an interface change under confirmation only.
author: Ville du Bourget
options:
  models:
    description: Models that route and that Piste does not know, each with its C(interfaces) and C(static_routes) at most,
      and whether it has a C(dhcp_server).
    type: dict
  behind:
    description: Why the firewall does not route yet, for each address that leaves for it; empty where it does. Until then
      the interface of that address is left alone. Without it a word alone is asked.
    type: dict
  config:
    description: 'Objects of the kind (routed_interface), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      network:
        description: Name of the network of the switch or stack.
        type: str
        required: true
      carrier:
        description: Switch by its serial number, or stack by its name.
        type: str
        required: true
      vlan:
        description:
          - VLAN of the interface; with the switch or stack, its identity.
          - Taken into account at creation only.
        type: int
        required: true
      name:
        description: Name of the interface.
        type: str
      subnet:
        description:
          - Prefix of the VLAN.
          - Null is a value here, an absent key declares nothing.
        type: str
      address:
        description:
          - 'Address of the interface: the gateway of the VLAN.'
          - Null is a value here, an absent key declares nothing.
        type: str
      default_gateway:
        description: Next router of what has no other route; the first interface of a switch or stack must have it.
        type: str
      multicast_routing:
        description:
          - What the interface does with multicast.
          - The system's own default is C(disabled).
        type: str
        choices: [IGMP snooping querier, disabled, enabled]
      ospf:
        description: OSPF on the interface.
        type: dict
        suboptions:
          area:
            description:
              - Area of the interface; C(disabled) for none.
              - The system's own default is C(disabled).
            type: str
          cost:
            description:
              - Cost of the interface.
              - The system's own default is C(1).
            type: int
          passive:
            description:
              - Whether it has no neighbour.
              - The system's own default is C(false).
            type: bool
      dhcp:
        description: DHCP on the interface.
        type: dict
        suboptions:
          mode:
            description:
              - What the interface does with the requests of its VLAN.
              - The system's own default is C(dhcpDisabled).
            type: str
            choices: [dhcpDisabled, dhcpRelay, dhcpServer]
          relay_servers:
            description:
              - Addresses of the servers to which requests are relayed.
              - The order has no meaning.
            type: list
            elements: str
          lease_time:
            description: How long an address is lent.
            type: str
            choices: [1 day, 1 hour, 1 week, 12 hours, 30 minutes, 4 hours]
          dns_option:
            description: Name servers that clients get.
            type: str
            choices: [custom, googlePublicDns, openDns]
          dns_servers:
            description: Their addresses, in order of use.
            type: list
            elements: str
          boot_enabled:
            description: Whether boot options are given.
            type: bool
          boot_server:
            description: Server from which to boot.
            type: str
          boot_file:
            description: File from which to boot.
            type: str
          options:
            description:
              - Other DHCP options.
              - The order has no meaning.
            type: list
            elements: dict
            suboptions:
              code:
                description: Number of the option, 2 to 254.
                type: str
                required: true
              type:
                description: How it is written.
                type: str
                required: true
                choices: [hex, integer, ip, text]
              value:
                description: Its value.
                type: str
                required: true
          reserved_ranges:
            description:
              - Addresses that are never lent.
              - The order has no meaning.
            type: list
            elements: dict
            suboptions:
              start:
                description: First address.
                type: str
                required: true
              end:
                description: Last address.
                type: str
                required: true
              comment:
                description:
                  - Why.
                  - The system's own default is C().
                type: str
          fixed_assignments:
            description:
              - Addresses that are always lent to the same device.
              - The order has no meaning.
            type: list
            elements: dict
            suboptions:
              name:
                description: Name of the device.
                type: str
                required: true
              mac:
                description: Its MAC address.
                type: str
                required: true
              ip:
                description: Its address.
                type: str
                required: true
extends_documentation_fragment: [options.meraki, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Converger les passerelles d’une école sur le cœur
  meraki_routed_interfaces:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    config:
      - network: VLB hotel-de-ville
        carrier: pile-coeur
        vlan: 151
        name: jau-utilisateurs
        subnet: 10.93.41.0/24
        address: 10.93.41.254
        dhcp:
          mode: dhcpRelay
          relay_servers: [10.93.2.11, 10.93.2.12]
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: routed_interface, key: VLB hotel-de-ville/pile-coeur/151, action: update,
       fields: [dhcp]}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("meraki_routed_interfaces")
