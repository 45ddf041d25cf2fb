#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the elements of a Forcepoint SMC"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_elements
short_description: Declare the elements of a Forcepoint SMC
description:
  - Creates, changes and removes the elements that rules are made of, known by type and name. An element that others refer
    to is made first and removed last.
  - Elements of the system are referred to, never written. An element that something still refers to is never removed.
author: Ville du Bourget
options:
  keep:
    description: 'Elements, C(type/name), of the rules that let administration in: changing one into another asks for a word.'
    type: list
    elements: str
    default: []
  rehearse:
    description: Only refuse what the task would refuse without it, so that nothing of the run is written before; a later
      task does the work. Does nothing in check mode.
    type: bool
    default: false
  config:
    description: 'Objects of the kind (element), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      type:
        description: Kind of element.
        type: str
        required: true
        choices: [location, interface_zone, host, router, dhcp_server, ntp, network, address_range, domain_name, ip_list,
          group, tcp_service, udp_service, icmp_service, icmp_ipv6_service, ip_service, tcp_service_group, udp_service_group,
          icmp_service_group, ip_service_group, service_group]
      name:
        description: 'Name; with the type, the identity: other objects say C(type/name).'
        type: str
        required: true
      comment:
        description:
          - Comment; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      address:
        description:
          - IPv4 address (host, router, dhcp_server, ntp).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      ipv6_address:
        description:
          - IPv6 address (host, router, dhcp_server, ntp).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      secondary:
        description:
          - Other addresses (host, router, dhcp_server, ntp).
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      host_name:
        description:
          - Name by which it is reached (ntp).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      key_type:
        description:
          - Type of the key that signs its answers; the key itself is given in the console (ntp).
          - The system's own default is C(none).
        type: str
      ipv4_network:
        description:
          - IPv4 network, C(10.93.0.0/24) (network).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      ipv6_network:
        description:
          - IPv6 network (network).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      broadcast:
        description:
          - Whether its broadcast address is in it (network).
          - The system's own default is C(false).
        type: bool
      ip_range:
        description:
          - First and last address, C(10.0.0.1-10.0.0.9) (address_range).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      entries:
        description:
          - Addresses or names that the name stands for besides itself (domain_name).
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      addresses:
        description:
          - 'What the list holds: addresses, networks, ranges (ip_list).'
          - The order has no meaning.
        type: list
        elements: str
      members:
        description:
          - What it holds, C(type/name) each (group, tcp_service_group, udp_service_group, icmp_service_group, ip_service_group,
            service_group).
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      monitored:
        description:
          - Whether its members' status is watched (group).
          - The system's own default is C(false).
        type: bool
      ports:
        description:
          - Destination port, or first and last, C(8080-8090) (tcp_service, udp_service).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      source_ports:
        description:
          - Source port, or first and last (tcp_service, udp_service).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      icmp_type:
        description: Type of the message (icmp_service, icmp_ipv6_service).
        type: int
      icmp_code:
        description:
          - Code of the message; null for any (icmp_service, icmp_ipv6_service).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: int
      protocol:
        description: Number of the IP protocol (ip_service).
        type: int
      protocol_agent:
        description:
          - Protocol agent that follows the connection (tcp_service, udp_service, icmp_service, icmp_ipv6_service, ip_service),
            C(type/name).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      location:
        description:
          - Location from which its address is seen, C(type/name).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      tools_profile:
        description:
          - Tools that the console offers for it (host, router, dhcp_server, ntp), C(type/name).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
extends_documentation_fragment: [attributes.converges, options.smc, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Déclarer les éléments d’une école
  smc_elements:
    smc: "{{ piste_smc }}"
    owner: "{{ inventory_hostname }}"
    config:
      - {type: host, name: srv-dc1, address: 10.93.0.10}
      - {type: network, name: net-jaures-utilisateurs, ipv4_network: 10.93.12.0/24}
      - {type: group, name: grp-ecoles-utilisateurs, members: [network/net-jaures-utilisateurs]}
      - {type: tcp_service, name: TCP-8443, ports: "8443"}
      - {type: service_group, name: svc-web, members: [tcp_service/HTTPS, tcp_service/TCP-8443]}

- name: Retirer un élément dont plus rien ne se sert
  smc_elements:
    smc: "{{ piste_smc }}"
    owner: commune
    absent: [host/ancien-serveur]

- name: Relever tous les éléments, hors ceux du système
  smc_elements:
    smc: "{{ piste_smc }}"
    owner: commune
    state: gathered
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: smc, owner: commune, kind: element, key: network/net-jaures-utilisateurs, label: network/net-jaures-utilisateurs,
       action: update, fields: [ipv4_network], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("smc_elements")
