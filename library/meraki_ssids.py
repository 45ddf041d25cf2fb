#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the SSIDs of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_ssids
short_description: Declare the SSIDs of a Meraki network
description:
  - SSIDs are known by name; the slot is a detail, taken when the SSID is new and kept afterwards.
  - Firewall rules, shaping, portal and hours are parts of their own, read and written only where declared.
  - An SSID that lacks the value of a secret is written disabled, and listed.
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  config:
    description: 'Objects of the kind (ssid), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the SSID; its identity.
        type: str
        required: true
      number:
        description:
          - Slot to take when the SSID is new, 0 to 14; where it already is, it stays.
          - Taken into account at creation only.
        type: int
      enabled:
        description:
          - Whether the SSID is broadcast.
          - The system's own default is C(false).
        type: bool
      auth_mode:
        description:
          - How clients are admitted.
          - The system's own default is C(open).
        type: str
        choices: [8021x-entra, 8021x-google, 8021x-localradius, 8021x-meraki, 8021x-nac, 8021x-radius, ipsk-with-nac, ipsk-with-radius,
          ipsk-with-radius-easy-psk, ipsk-without-radius, open, open-enhanced, open-enhanced-with-radius, open-with-nac, open-with-radius,
          psk]
      psk:
        description:
          - Reference of the shared key, with C(psk).
          - 'Written C({secret: meraki/ssid/{name}/psk}), never in clear.'
        type: dict
        suboptions:
          secret:
            description: Path of the secret in the environment's secrets.
            type: str
            required: true
      wpa_encryption_mode:
        description: WPA version.
        type: str
        choices: [WPA1 and WPA2, WPA1 only, WPA2 only, WPA3 192-bit Security, WPA3 Transition Mode, WPA3 only]
      dot11w:
        description: Protected management frames.
        type: dict
        suboptions:
          enabled:
            description: Whether they are offered.
            type: bool
          required:
            description: Whether they are required.
            type: bool
      dot11r:
        description: Fast roaming.
        type: dict
        suboptions:
          enabled:
            description: Whether it is offered.
            type: bool
          adaptive:
            description: Whether it is adaptive.
            type: bool
      splash_page:
        description:
          - Portal of the SSID.
          - The system's own default is C(None).
        type: str
        choices: [Billing, Cisco ISE, Click-through splash page, Facebook Wi-Fi, Google OAuth, Microsoft Entra ID, None, Password-protected
            with Active Directory, Password-protected with LDAP, Password-protected with Meraki RADIUS, Password-protected
            with custom RADIUS, SMS authentication, Sponsored guest, Systems Manager Sentry]
      radius_servers:
        description: Authentication servers, in order of use.
        type: list
        elements: dict
        suboptions:
          host:
            description: Address or name of the server.
            type: str
            required: true
          port:
            description:
              - Port of the server.
              - The system's own default is C(1812).
            type: int
          secret: &secret
            description:
              - Reference of the shared secret.
              - 'Written C({secret: radius/{owner}}), never in clear.'
            type: dict
            suboptions:
              secret:
                description: Path of the secret in the environment's secrets.
                type: str
                required: true
      radius_accounting_enabled:
        description: Whether sessions are accounted.
        type: bool
      radius_accounting_servers:
        description: Accounting servers, in order of use.
        type: list
        elements: dict
        suboptions:
          host:
            description: Address or name of the server.
            type: str
            required: true
          port:
            description:
              - Port of the server.
              - The system's own default is C(1813).
            type: int
          secret: *secret
      radius_testing_enabled:
        description: Whether the cloud probes the servers.
        type: bool
      radius_coa_enabled:
        description: Whether a server may change an admitted session.
        type: bool
      radius_override:
        description: Whether the server may give the VLAN.
        type: bool
      radius_proxy_enabled:
        description: Whether requests pass through the cloud.
        type: bool
      radius_attribute_for_group_policies:
        description: Attribute that names a group policy.
        type: str
        choices: [Airespace-ACL-Name, Aruba-User-Role, Filter-Id, Reply-Message]
      radius_failover_policy:
        description: What happens when no server answers.
        type: str
        choices: [Allow access, Deny access]
      radius_load_balancing_policy:
        description: How servers are chosen.
        type: str
        choices: [Round robin, Strict priority order]
      radius_fallback_enabled:
        description: Whether the first server is tried again once it is back.
        type: bool
      radius_called_station_id:
        description: Called-Station-Id that servers see.
        type: str
      radius_authentication_nas_id:
        description: NAS-Identifier that servers see.
        type: str
      radius_server_timeout:
        description: Seconds before another try.
        type: int
      radius_server_attempts_limit:
        description: Tries before another server.
        type: int
      radius_accounting_interim_interval:
        description: Seconds between two reports.
        type: int
      ip_assignment_mode:
        description:
          - How clients get an address.
          - The system's own default is C(NAT mode).
        type: str
        choices: [NAT mode, Bridge mode, Layer 3 roaming, Ethernet over GRE, Layer 3 roaming with a concentrator, VPN, Campus
            Gateway]
      use_vlan_tagging:
        description: Whether traffic is tagged (bridge and roaming modes).
        type: bool
      default_vlan_id:
        description: VLAN of the clients.
        type: int
      lan_isolation_enabled:
        description: Whether clients are kept from each other (bridge mode).
        type: bool
      walled_garden_enabled:
        description: Whether some addresses are free before the portal.
        type: bool
      walled_garden_ranges:
        description:
          - Those addresses.
          - The order has no meaning.
        type: list
        elements: str
      min_bitrate:
        description:
          - 'Lowest rate, Mbit/s; it acts in the default indoor RF profile alone: access points of another profile have that
            one''s.'
          - The system's own default is C(11).
        type: float
      band_selection:
        description:
          - 'Bands of the SSID; it acts in the default indoor RF profile alone: access points of another profile have that
            one''s.'
          - The system's own default is C(Dual band operation).
        type: str
        choices: [Dual band operation, 5 GHz band only, Dual band operation with Band Steering]
      per_client_bandwidth_limit_up:
        description:
          - Upload of a client, kbit/s; 0 for none.
          - The system's own default is C(0).
        type: int
      per_client_bandwidth_limit_down:
        description:
          - Download of a client, kbit/s; 0 for none.
          - The system's own default is C(0).
        type: int
      per_ssid_bandwidth_limit_up:
        description:
          - Upload of the SSID, kbit/s; 0 for none.
          - The system's own default is C(0).
        type: int
      per_ssid_bandwidth_limit_down:
        description:
          - Download of the SSID, kbit/s; 0 for none.
          - The system's own default is C(0).
        type: int
      visible:
        description:
          - Whether the name is announced.
          - The system's own default is C(true).
        type: bool
      available_on_all_aps:
        description:
          - Whether every access point broadcasts it.
          - The system's own default is C(true).
        type: bool
      availability_tags:
        description:
          - Tags of the access points that broadcast it.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      mandatory_dhcp_enabled:
        description:
          - Whether a fixed address is refused.
          - The system's own default is C(false).
        type: bool
      adult_content_filtering_enabled:
        description:
          - Whether adult content is filtered (NAT mode).
          - The system's own default is C(false).
        type: bool
      speed_burst:
        description: Short bursts above the limit.
        type: dict
        suboptions:
          enabled:
            description:
              - Whether they are allowed.
              - The system's own default is C(false).
            type: bool
      l3_firewall:
        description: What clients may reach, by address. The two rules that the system adds at the end are never declared.
        type: dict
        suboptions:
          rules:
            description: Rules, in order.
            type: list
            elements: dict
            suboptions:
              comment:
                description:
                  - What the rule is for.
                  - The system's own default is C().
                type: str
              policy:
                description: Verdict.
                type: str
                required: true
                choices: [allow, deny]
              ip_ver:
                description:
                  - IP version.
                  - The system's own default is C(both).
                type: str
                choices: [both, ipv4, ipv6]
              protocol:
                description: Protocol.
                type: str
                required: true
                choices: [any, icmp, icmp6, tcp, udp]
              dest_port:
                description:
                  - Ports, or C(Any).
                  - The system's own default is C(any).
                type: str
              dest_cidr:
                description: Addresses, names, or C(Any).
                type: str
                required: true
          allow_lan_access:
            description: Whether clients reach the local network.
            type: bool
      l7_firewall:
        description: What clients may reach, by application.
        type: dict
        suboptions:
          rules:
            description: Rules, in order.
            type: list
            elements: dict
            suboptions:
              policy:
                description:
                  - Verdict.
                  - The system's own default is C(deny).
                type: str
                choices: [deny]
              type:
                description: What the value is.
                type: str
                required: true
                choices: [application, applicationCategory, host, ipRange, port]
              value:
                description: 'The value: a text, or an object for applications.'
                type: raw
                required: true
      traffic_shaping:
        description: Shares of the bandwidth.
        type: dict
        suboptions:
          traffic_shaping_enabled:
            description: Whether rules apply.
            type: bool
          default_rules_enabled:
            description: Whether the four default rules apply.
            type: bool
          rules:
            description: Rules, in order, eight at most (four with the default ones).
            type: list
            elements: dict
            suboptions:
              definitions:
                description: What the rule concerns.
                type: list
                required: true
                elements: dict
                suboptions:
                  type:
                    description: What the value is.
                    type: str
                    required: true
                    choices: [application, applicationCategory, host, ipRange, localNet, port]
                  value:
                    description: The value.
                    type: str
                    required: true
              per_client_bandwidth_limits:
                description: Limits of a client.
                type: dict
                suboptions:
                  settings:
                    description: Whose limits apply.
                    type: str
                    choices: [network default, ignore, custom]
                  bandwidth_limits:
                    description: Limits.
                    type: dict
                    suboptions:
                      limit_up:
                        description: Upload, kbit/s.
                        type: int
                      limit_down:
                        description: Download, kbit/s.
                        type: int
              dscp_tag_value:
                description:
                  - DSCP mark; null for none.
                  - Null is a value here, an absent key declares nothing.
                  - The system's own default is C(null).
                type: int
              pcp_tag_value:
                description:
                  - 802.1p mark; null for none.
                  - Null is a value here, an absent key declares nothing.
                  - The system's own default is C(null).
                type: int
      schedule:
        description: Hours during which the SSID is off.
        type: dict
        suboptions:
          enabled:
            description: Whether the hours apply.
            type: bool
          ranges:
            description: Outage windows.
            type: list
            elements: dict
            suboptions:
              start_day:
                description: Day on which it starts.
                type: str
                required: true
              start_time:
                description: Time at which it starts, HH:MM.
                type: str
                required: true
              end_day:
                description: Day on which it ends.
                type: str
                required: true
              end_time:
                description: Time at which it ends, HH:MM.
                type: str
                required: true
      splash:
        description: Portal details; the kind of portal is C(splash_page).
        type: dict
        suboptions:
          splash_url:
            description: Page of an external portal.
            type: str
          use_splash_url:
            description: Whether the external portal is used.
            type: bool
          splash_timeout:
            description: Minutes before the portal is shown again.
            type: int
            choices: [30, 60, 120, 240, 480, 720, 1080, 1440, 2880, 5760, 7200, 10080, 20160, 43200, 86400, 129600]
          redirect_url:
            description: Page after sign-on.
            type: str
          use_redirect_url:
            description: Whether that page is used.
            type: bool
          welcome_message:
            description: Text of the portal.
            type: str
          user_consent:
            description: Consent that the portal asks for.
            type: dict
            suboptions:
              required:
                description: Whether it is asked.
                type: bool
              message:
                description: Text of the consent.
                type: str
          block_all_traffic_before_sign_on:
            description: Whether nothing passes before sign-on.
            type: bool
          controller_disconnection_behavior:
            description: What happens when the cloud is out of reach.
            type: str
            choices: [default, open, restricted]
          allow_simultaneous_logins:
            description: Whether one account signs on several times.
            type: bool
extends_documentation_fragment: [attributes.converges, options.meraki, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Converger les SSID d’une école
  meraki_ssids:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    network: VLB ecole-jaures
    absent: [VLB-Ancien]
    config:
      - name: VLB-Pedagogique
        number: 3
        enabled: true
        auth_mode: psk
        psk: {secret: meraki/ssid/VLB-Pedagogique/psk}
        wpa_encryption_mode: WPA2 only
        ip_assignment_mode: Bridge mode
        use_vlan_tagging: true
        default_vlan_id: 155
        l3_firewall:
          allow_lan_access: false
          rules:
            - {comment: Réseaux internes, policy: deny, protocol: any, dest_cidr: 10.0.0.0/8}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: ssid, key: VLB-Pedagogique, label: VLB-Pedagogique, action: update, fields: [
           default_vlan_id], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_ssids")
