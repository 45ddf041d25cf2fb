#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the settings of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_network_settings
short_description: Declare the settings of a Meraki network
description:
  - One document a key (status pages, spanning tree, MTU, storm control, syslog…), read and written only where declared.
  - A change that could cut switches off (management VLAN, spanning tree, MTU) asks for a confirmation.
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  withdrawn:
    description: Rules that leave the access list, which keeps those of others; it replaces the rules of C(access_lists).
    type: list
    elements: str
  list_lengths:
    description: Rules that a list of a model holds at most, where people say it.
    type: dict
  config:
    description: 'Objects of the kind (network_settings), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      network:
        description: Name of the network.
        type: str
        required: true
      general:
        description: Local and remote status pages.
        type: dict
        suboptions:
          local_status_page_enabled:
            description: Whether devices serve their status page.
            type: bool
          remote_status_page_enabled:
            description: Whether they serve it on their LAN address.
            type: bool
      switch:
        description:
          - Switches of the network.
          - 'Changing it on a live system asks for C(confirm: [management]).'
        type: dict
        suboptions:
          vlan:
            description: Management VLAN. A mistake here cuts every switch off.
            type: int
          use_combined_power:
            description: Whether two power supplies add up.
            type: bool
      stp:
        description:
          - Spanning tree.
          - 'Changing it on a live system asks for C(confirm: [stp]).'
        type: dict
        suboptions:
          rstp_enabled:
            description: Whether RSTP runs.
            type: bool
          stp_bridge_priority:
            description:
              - Bridge priorities.
              - The order has no meaning.
            type: list
            elements: dict
            suboptions:
              switches:
                description:
                  - Serial numbers.
                  - The order has no meaning.
                  - The system's own default is C([]).
                type: list
                elements: str
              stacks:
                description:
                  - Names of stacks.
                  - The order has no meaning.
                  - The system's own default is C([]).
                type: list
                elements: str
              stp_priority:
                description: Priority, a multiple of 4096.
                type: int
                required: true
      mtu:
        description:
          - Frame size.
          - 'Changing it on a live system asks for C(confirm: [mtu]).'
        type: dict
        suboptions:
          default_mtu_size:
            description: Bytes.
            type: int
          overrides:
            description: Switches with another size.
            type: list
            elements: dict
            suboptions:
              switches:
                description:
                  - Serial numbers.
                  - The order has no meaning.
                type: list
                elements: str
              mtu_size:
                description: Bytes.
                type: int
                required: true
      storm_control:
        description: Share of a port that each kind of flood may take, per cent; 100 for no limit.
        type: dict
        suboptions:
          broadcast_threshold:
            description: Threshold of broadcast frames.
            type: int
          multicast_threshold:
            description: Threshold of multicast frames.
            type: int
          unknown_unicast_threshold:
            description: Threshold of unknown unicast frames.
            type: int
      dhcp_server_policy:
        description: Which DHCP servers may answer.
        type: dict
        suboptions:
          default_policy:
            description: Verdict for unlisted servers.
            type: str
            choices: [allow, block]
          allowed_servers:
            description:
              - MAC addresses that may answer.
              - The order has no meaning.
            type: list
            elements: str
          blocked_servers:
            description:
              - MAC addresses that may not.
              - The order has no meaning.
            type: list
            elements: str
          arp_inspection:
            description: Dynamic ARP inspection.
            type: dict
            suboptions:
              enabled:
                description: Whether it runs.
                type: bool
      multicast:
        description: Multicast on switches.
        type: dict
        suboptions:
          default_settings:
            description: What applies to every switch.
            type: dict
            suboptions:
              igmp_snooping_enabled:
                description: Whether groups are learnt.
                type: bool
              flood_unknown_multicast_traffic_enabled:
                description: Whether unknown groups are flooded.
                type: bool
      wireless:
        description: Access points of the network.
        type: dict
        suboptions:
          meshing_enabled:
            description: Whether access points mesh.
            type: bool
          ipv6_bridge_enabled:
            description: Whether IPv6 is bridged.
            type: bool
          location_analytics_enabled:
            description: Whether positions of devices are kept.
            type: bool
          led_lights_on:
            description: Whether the lights are on.
            type: bool
          upgrade_strategy:
            description: What firmware upgrades spare.
            type: str
            choices: [minimizeClientDowntime, minimizeUpgradeTime]
      syslog:
        description: Where events are sent.
        type: dict
        suboptions:
          servers:
            description:
              - Servers.
              - The order has no meaning.
            type: list
            required: true
            elements: dict
            suboptions:
              host:
                description: Address or name.
                type: str
                required: true
              port:
                description:
                  - Port.
                  - The system's own default is C(514).
                type: int
              roles:
                description:
                  - Kinds of events, camelCase codes.
                  - The order has no meaning.
                type: list
                required: true
                elements: str
              transport_protocol:
                description:
                  - Transport.
                  - The system's own default is C(UDP).
                type: str
                choices: [TCP, UDP]
      snmp:
        description: SNMP of the devices.
        type: dict
        suboptions:
          access:
            description: 'Version offered: none, v1/v2c, or v3.'
            type: str
            choices: [community, none, users]
          community_string:
            description:
              - Reference of the community.
              - 'Written C({secret: meraki/network/{network}/snmp}), never in clear.'
            type: dict
            suboptions:
              secret:
                description: Path of the secret in the environment's secrets.
                type: str
                required: true
      traffic_analysis:
        description: Traffic analysis.
        type: dict
        suboptions:
          mode:
            description: How much is kept.
            type: str
            choices: [basic, detailed, disabled]
      netflow:
        description: NetFlow export.
        type: dict
        suboptions:
          reporting_enabled:
            description: Whether flows are exported.
            type: bool
          collector_ip:
            description: Address of the collector.
            type: str
          collector_port:
            description: Port of the collector.
            type: int
      access_lists:
        description: What the switches let pass between their VLANs; all that no rule names passes.
        type: dict
        suboptions:
          rules:
            description: Rules, in order; each direction is a rule.
            type: list
            required: true
            elements: dict
            suboptions:
              comment:
                description:
                  - Why.
                  - The system's own default is C().
                type: str
              policy:
                description: Verdict.
                type: str
                required: true
                choices: [allow, deny]
              ip_version:
                description:
                  - Version of IP.
                  - The system's own default is C(ipv4).
                type: str
                choices: [any, ipv4, ipv6]
              protocol:
                description:
                  - Protocol.
                  - The system's own default is C(any).
                type: str
                choices: [any, tcp, udp]
              src_cidr:
                description:
                  - Source, a prefix or C(any).
                  - The system's own default is C(any).
                type: str
              src_port:
                description:
                  - Port of the source.
                  - The system's own default is C(any).
                type: str
              dst_cidr:
                description:
                  - Destination, a prefix or C(any).
                  - The system's own default is C(any).
                type: str
              dst_port:
                description:
                  - Port of the destination.
                  - The system's own default is C(any).
                type: str
              vlan:
                description:
                  - VLAN of the traffic, a text.
                  - The system's own default is C(any).
                type: str
      quality:
        description: 'Priorities of traffic, in order: the first rule that fits counts.'
        type: dict
        suboptions:
          rules:
            description: Rules.
            type: list
            required: true
            elements: dict
            suboptions:
              vlan:
                description:
                  - VLAN of the traffic; null for all.
                  - Null is a value here, an absent key declares nothing.
                  - The system's own default is C(null).
                type: int
              protocol:
                description:
                  - Protocol.
                  - The system's own default is C(ANY).
                type: str
                choices: [ANY, TCP, UDP]
              src_port:
                description:
                  - Port of the source; null for all.
                  - Null is a value here, an absent key declares nothing.
                  - The system's own default is C(null).
                type: int
              src_port_range:
                description: Ports of the source, C(70-80).
                type: str
              dst_port:
                description:
                  - Port of the destination; null for all.
                  - Null is a value here, an absent key declares nothing.
                  - The system's own default is C(null).
                type: int
              dst_port_range:
                description: Ports of the destination, C(5060-5061).
                type: str
              dscp:
                description:
                  - Mark of the packets; -1 leaves theirs.
                  - The system's own default is C(0).
                type: int
      alternate_management:
        description:
          - Interface by which the switches speak to some servers, beside their management address.
          - 'Changing it on a live system asks for C(confirm: [management]).'
        type: dict
        suboptions:
          enabled:
            description: Whether it is used.
            type: bool
          vlan:
            description: Its VLAN.
            type: int
          protocols:
            description:
              - What goes by it.
              - The order has no meaning.
            type: list
            choices: [radius, snmp, syslog]
            elements: str
          switches:
            description:
              - Addresses of the switches.
              - The order has no meaning.
            type: list
            elements: dict
            suboptions:
              serial:
                description: Serial number.
                type: str
                required: true
              address:
                description: Address.
                type: str
                required: true
              subnet_mask:
                description: Mask, dotted.
                type: str
              gateway:
                description: Gateway.
                type: str
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, replaced, gathered]
    default: merged
extends_documentation_fragment: [attributes.converges, options.meraki, options.task, options.kind]
"""

EXAMPLES = r"""
- name: Envoyer les journaux au concentrateur
  meraki_network_settings:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    network: VLB ecole-jaures
    config:
      - network: VLB ecole-jaures
        storm_control: {broadcast_threshold: 30, multicast_threshold: 30, unknown_unicast_threshold: 30}
        syslog:
          servers:
            - {host: 10.93.2.24, port: 514, roles: [switchEventLog, wirelessEventLog]}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: network_settings, key: VLB ecole-jaures, label: VLB ecole-jaures, action: update,
       fields: [syslog], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_network_settings")
