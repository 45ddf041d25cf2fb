#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Manage the VPN gateways of Forcepoint engines"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_engine_gateways
short_description: Manage the VPN gateways of Forcepoint engines
description:
  - Brings the VPN gateway of an engine to what is declared, its clients, their addresses, its endpoints.
  - The gateway and its endpoints are made by the SMC; their certificates and keys are never written.
  - A change acts once the policy is installed on the engine.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (engine_gateway), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      engine:
        description: 'Engine, C(type/name): C(fw_cluster/FW-Bourget).'
        type: str
        required: true
      client_mode:
        description: How people's clients come in.
        type: str
        choices: ['no', ipsec, ssl, both]
      trust_all_cas:
        description: Whether a certificate of any known authority is taken.
        type: bool
      authorities:
        description:
          - Authorities whose certificates are taken, C(type/name) each.
          - The order has no meaning.
        type: list
        elements: str
      pool:
        description: Addresses of clients.
        type: dict
        suboptions:
          mode:
            description: Whether clients get addresses from DHCP servers, and how.
            type: str
            choices: [none, direct, relay]
          servers:
            description:
              - Those servers, C(dhcp_server/name) each.
              - The order has no meaning.
            type: list
            elements: str
          interfaces:
            description:
              - Addresses of the engine that relay.
              - The order has no meaning.
            type: list
            elements: str
          ranges:
            description: The only addresses that clients may have, C(a-b) each.
            type: list
            elements: str
          proxy_arp:
            description: Addresses for which the engine answers ARP, C(a-b) each.
            type: list
            elements: str
          tells:
            description: What the servers are told of the client.
            type: str
            choices: [none, user, group]
      endpoints:
        description:
          - Its endpoints, which follow the addresses of interfaces, C(192.0.2.2) each.
          - The keys are free; null takes an entry away.
          - C(enabled) (bool, required) Whether it serves.
          - C(ipsec_vpn) (bool) Whether it takes tunnels.
          - C(ssl_vpn_tunnel) (bool) Whether it takes clients over TLS.
          - C(ssl_vpn_portal) (bool) Whether it shows the portal.
          - C(nat_t) (bool) Whether translation on the way is allowed for.
          - C(force_nat_t) (bool) Whether it always is.
          - C(udp_encapsulation) (bool) Whether UDP carries the tunnels.
          - C(connection_type) (str) Whether it is active, C(connection_type/name).
        type: dict
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, gathered]
    default: merged
extends_documentation_fragment: [attributes.converges, options.smc, options.task, options.kind]
"""

EXAMPLES = r"""
- name: Laisser entrer les clients par l’adresse publique, avec des adresses du DHCP de la ville
  smc_engine_gateways:
    smc: "{{ piste_smc }}"
    owner: commune
    confirm: [vpn]
    config:
      - engine: fw_cluster/fw-hdv
        client_mode: ipsec
        pool: {mode: direct, servers: [dhcp_server/VLB-dhcp-10.93.2.11], ranges: [10.93.250.10-10.93.250.99]}
        endpoints:
          192.0.2.2: {enabled: true}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: smc, owner: commune, kind: engine_gateway, key: fw_cluster/fw-hdv, label: passerelle VPN de fw-hdv,
       action: update, fields: [client_mode, endpoints], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("smc_engine_gateways")
