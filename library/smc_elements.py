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
          group, tcp_service, udp_service, icmp_service, icmp_ipv6_service, ip_service, url_list_application, tcp_service_group,
          udp_service_group, icmp_service_group, ip_service_group, service_group, role, admin_user, alias, radius_server,
          authentication_service, active_directory_server, ldap_server, external_ldap_user_domain, internal_user_domain, internal_user_group,
          gateway_profile, vpn_profile, external_gateway, vpn]
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
          - IPv4 address (host, router, dhcp_server, ntp, radius_server, active_directory_server, ldap_server).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      ipv6_address:
        description:
          - IPv6 address (host, router, dhcp_server, ntp, radius_server, active_directory_server, ldap_server).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      secondary:
        description:
          - Other addresses (host, router, dhcp_server, ntp, radius_server, active_directory_server, ldap_server).
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
      urls:
        description:
          - Addresses of the Web that it stands for among the services of a rule (url_list_application).
          - The order has no meaning.
        type: list
        elements: str
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
          - Tools that the console offers for it (host, router, dhcp_server, ntp, radius_server, active_directory_server,
            ldap_server), C(type/name).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      permissions:
        description:
          - What it allows, by the names that the vendor's library gives; all else is refused (role).
          - The order has no meaning.
        type: list
        choices: [admin_mgmt, alert_mgmt, auth_server_user_mgmt, backup_mgmt, bookmark_manage, element_create, element_delete,
          element_edit, element_view_content, internal_user_mgmt, license_mgmt, log_mgmt, log_pruning_mgmt, overview_manage,
          refresh_policy, send_advanced_commands, send_commands, updates_and_upgrades_mgmt, upload_policy, view_audit, view_edit_report,
          view_logs, view_system_alerts, vpn_mgmt]
        elements: str
      grants:
        description:
          - Roles that somebody has, C(role/name > admin_domain/name), and on what; null takes one away (admin_user).
          - The keys are free; null takes an entry away.
          - C(elements) (list of str, default []) Engines, policies and lists of them, C(type/name) each.
        type: dict
      password:
        description:
          - Reference of the password; written, never read (admin_user).
          - 'Written C({secret: smc/{name}/password}), never in clear.'
        type: dict
        suboptions:
          secret:
            description: Path of the secret in the environment's secrets.
            type: str
            required: true
      can_use_api:
        description:
          - Whether it may use the API (admin_user).
          - The system's own default is C(false).
        type: bool
      shared_domain:
        description:
          - Whether it may sign in to the shared domain (admin_user).
          - The system's own default is C(true).
        type: bool
      default_values:
        description:
          - What it stands for where an engine has no value of its own, C(type/name) each (alias).
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      engine_values:
        description:
          - What it stands for on an engine, C(type/name); null takes it away (alias).
          - The keys are free; null takes an entry away.
          - C(elements) (list of str, default []) What it stands for there, C(type/name) each.
        type: dict
      port:
        description: Port on which it answers (radius_server, active_directory_server, ldap_server).
        type: int
      timeout:
        description: Seconds for which an answer is awaited (radius_server, active_directory_server, ldap_server).
        type: int
      retries:
        description: Times that it is asked again (radius_server).
        type: int
      shared_secret:
        description:
          - Reference of the shared secret; written, never read (radius_server).
          - 'Written C({secret: smc/{name}/shared_secret}), never in clear.'
        type: dict
        suboptions:
          secret:
            description: Path of the secret in the environment's secrets.
            type: str
            required: true
      ldap_protocol:
        description: How it is spoken to (active_directory_server, ldap_server).
        type: str
        choices: [ldap, ldaps, ldap_tls]
      tls_profile:
        description:
          - Profile of an encrypted connection, C(type/name) (active_directory_server, ldap_server).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      tls_identity:
        description:
          - Identity that its certificate must have (active_directory_server, ldap_server).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      base_dn:
        description:
          - Place of the directory under which people are looked for (active_directory_server, ldap_server).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      bind_user:
        description:
          - Account that reads the directory, as a distinguished name (active_directory_server, ldap_server).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      bind_password:
        description:
          - Reference of that account's password; written, never read (active_directory_server, ldap_server).
          - 'Written C({secret: smc/{name}/bind_password}), never in clear.'
        type: dict
        suboptions:
          secret:
            description: Path of the secret in the environment's secrets.
            type: str
            required: true
      methods:
        description:
          - Methods of authentication, C(type/name) each (active_directory_server, ldap_server, internal_user_group).
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      method:
        description: How people prove who they are (authentication_service).
        type: str
        choices: [radius, tacacs, saml, openid]
      servers:
        description:
          - Servers that are asked, in order, C(type/name) each (authentication_service).
          - The system's own default is C([]).
        type: list
        elements: str
      ldap_servers:
        description:
          - Servers of its directory, C(type/name) each (external_ldap_user_domain).
          - The system's own default is C([]).
        type: list
        elements: str
      default_domain:
        description:
          - Whether people need not say this domain (external_ldap_user_domain, internal_user_domain).
          - The system's own default is C(false).
        type: bool
      auth_method:
        description:
          - Method of those whose directory says none, C(type/name) (admin_user, external_ldap_user_domain).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      browsed:
        description:
          - Whether the SMC reads its people and groups (external_ldap_user_domain).
          - The system's own default is C(true).
        type: bool
      resolved_by_engines:
        description:
          - Whether engines ask its servers (external_ldap_user_domain).
          - The system's own default is C(true).
        type: bool
      suffixes:
        description:
          - Other ends of names that mean it (external_ldap_user_domain).
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      users:
        description:
          - People and groups in it, C(type/name) each (internal_user_group).
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      expires:
        description:
          - Last day of the access of its people (internal_user_group).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      capabilities:
        description:
          - What it accepts, by the names that the vendor's library gives; all else is refused (gateway_profile, vpn_profile).
          - The order has no meaning.
        type: list
        choices: [aes128_for_ike, aes128_for_ipsec, aes256_for_ike, aes256_for_ipsec, aes_gcm_256_for_ike, aes_gcm_256_for_ipsec,
          aes_gcm_for_ipsec, aes_xcbc_for_ipsec, aggressive_mode, ah_for_ipsec, blowfish_for_ike, blowfish_for_ipsec, des_for_ike,
          des_for_ipsec, dh_group_14_for_ike, dh_group_15_for_ike, dh_group_16_for_ike, dh_group_17_for_ike, dh_group_18_for_ike,
          dh_group_19_for_ike, dh_group_1_for_ike, dh_group_20_for_ike, dh_group_21_for_ike, dh_group_2_for_ike, dh_group_5_for_ike,
          dss_signature_for_ike, ecdsa_signature_for_ike, esp_for_ipsec, external_for_ipsec, forward_client_vpn, forward_gw_to_gw_vpn,
          ike_v1, ike_v2, ipcomp_deflate_for_ipsec, main_mode, md5_for_ike, md5_for_ipsec, null_for_ipsec, pfs_dh_group_14_for_ipsec,
          pfs_dh_group_15_for_ipsec, pfs_dh_group_16_for_ipsec, pfs_dh_group_17_for_ipsec, pfs_dh_group_18_for_ipsec, pfs_dh_group_19_for_ipsec,
          pfs_dh_group_1_for_ipsec, pfs_dh_group_20_for_ipsec, pfs_dh_group_21_for_ipsec, pfs_dh_group_2_for_ipsec, pfs_dh_group_5_for_ipsec,
          pre_shared_key_for_ike, rsa_signature_for_ike, sa_per_host, sa_per_net, sha1_for_ike, sha1_for_ipsec, sha2_for_ike,
          sha2_for_ipsec, triple_des_for_ike, triple_des_for_ipsec, vpn_client_dss_signature_for_ike, vpn_client_ecdsa_signature_for_ike,
          vpn_client_rsa_signature_for_ike, vpn_client_sa_per_host, vpn_client_sa_per_net, 'sha2_ike_hash_length:256', 'sha2_ike_hash_length:384',
          'sha2_ike_hash_length:512', 'sha2_ipsec_hash_length:256', 'sha2_ipsec_hash_length:384', 'sha2_ipsec_hash_length:512']
        elements: str
      sa_life_time:
        description: Seconds after which IKE negotiates again (vpn_profile).
        type: int
      tunnel_life_time:
        description: Seconds after which a tunnel negotiates again (vpn_profile).
        type: int
      tunnel_life_kbytes:
        description: Kilobytes after which it does; 0 for no limit (vpn_profile).
        type: int
      keep_alive:
        description:
          - Whether tunnels stay up without traffic (vpn_profile).
          - The system's own default is C(false).
        type: bool
      no_anti_replay:
        description:
          - Whether repeated packets are taken (vpn_profile).
          - The system's own default is C(false).
        type: bool
      no_path_discovery:
        description:
          - Whether packets have no discovered size (vpn_profile).
          - The system's own default is C(false).
        type: bool
      any_network:
        description:
          - Whether a tunnel may carry any network (vpn_profile).
          - The system's own default is C(false).
        type: bool
      hybrid_clients:
        description:
          - Whether clients prove themselves by a method behind a certificate of the gateway (vpn_profile).
          - The system's own default is C(false).
        type: bool
      certificate_clients:
        description:
          - Whether the name in a certificate is enough for a client (vpn_profile).
          - The system's own default is C(false).
        type: bool
      preshared_clients:
        description:
          - Whether clients may use a shared key (vpn_profile).
          - The system's own default is C(false).
        type: bool
      trust_all_cas:
        description:
          - Whether a certificate of any known authority is taken (vpn_profile, external_gateway).
          - The system's own default is C(false).
        type: bool
      authorities:
        description:
          - Authorities whose certificates are taken, C(type/name) each (vpn_profile, external_gateway).
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      gateway_profile:
        description:
          - What the other side is capable of, C(type/name) (external_gateway).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      endpoints:
        description:
          - Its addresses, by name; null takes one away (external_gateway).
          - The keys are free; null takes an entry away.
          - C(address) (str, default null) Address; none for one that changes.
          - C(dynamic) (bool, default false) Whether its address changes.
          - C(enabled) (bool, default true) Whether it serves.
          - C(ipsec_vpn) (bool, default true) Whether it takes tunnels.
          - C(nat_t) (bool, default false) Whether translation on the way is allowed for.
          - C(force_nat_t) (bool, default false) Whether it always is.
          - C(id_type) (str, one of 0, 1, 2, 3, default null) Kind of the identity that it shows; C(0) name, C(1) mail, C(2)
            certificate, C(3) address.
          - C(id_value) (str, default null) That identity.
          - C(connection_type) (str, default connection_type/Active) Whether it is active, C(connection_type/name).
        type: dict
      sites:
        description:
          - What is behind it, by name; null takes one away (external_gateway).
          - The keys are free; null takes an entry away.
          - C(elements) (list of str, default []) Networks and hosts, C(type/name) each.
        type: dict
      vpn_profile:
        description:
          - How its tunnels are made, C(type/name) (vpn).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      nat:
        description:
          - Whether addresses are translated in its tunnels (vpn).
          - The system's own default is C(false).
        type: bool
      link_usage_profile:
        description:
          - How its links share the traffic, C(type/name) (vpn).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      mobile_topology:
        description:
          - Gateways at which clients come in (vpn).
          - The system's own default is C(none).
        type: str
        choices: [none, selected, central, all]
      central:
        description:
          - Gateways in the middle, C(type/name) of the engine or external gateway each (vpn).
          - The order has no meaning.
        type: list
        elements: str
      satellites:
        description:
          - Gateways that speak to the central ones alone, C(type/name) of the engine or external gateway each (vpn).
          - The order has no meaning.
        type: list
        elements: str
      mobile:
        description:
          - Gateways at which clients come in, where C(mobile_topology) is C(selected), C(type/name) of the engine or external
            gateway each (vpn).
          - The order has no meaning.
        type: list
        elements: str
      tunnels:
        description:
          - Tunnels that its gateways make, C(type/name > type/name); the others stay as they are (vpn).
          - The keys are free; null takes an entry away.
          - C(enabled) (bool, default true) Whether it serves.
          - C(preshared_key) (str) Reference of the shared key; written, never read.
        type: dict
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
