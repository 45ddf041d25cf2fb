#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the ordered rules of Forcepoint policies"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_policies
short_description: Declare the ordered rules of Forcepoint policies
description:
  - Converges whole ordered lists, with the fewest moves; nothing reaches an engine before M(smc_installations).
  - An entry covers a whole policy, one section of it, or the rules whose ids share a prefix, so that several sites share
    one policy.
  - A rule is known by the id in its comment, C([id:…]), else by its name where no other has it. A rule with neither is named
    by a digest of its content (C(r-…)), which is written only where I(adopt) asks for it.
author: Ville du Bourget
options:
  adopt:
    description: Also write into the comments the ids by which rules without one are called, and take an unnamed rule for
      the declared one of the same content.
    type: bool
    default: false
  keep:
    description: 'Ids or names of the rules that let administration in: removing or weakening one, or putting it behind a
      refusal, asks for a word.'
    type: list
    elements: str
    default: []
  rehearse:
    description: Only refuse what the task would refuse without it, so that nothing of the run is written before; a later
      task does the work. Does nothing in check mode.
    type: bool
    default: false
  config:
    description: 'Objects of the kind (policy), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the policy.
        type: str
        required: true
      type:
        description: Kind of policy.
        type: str
        required: true
        choices: [file_filtering_policy, sub_ipv4_fw_policy, sub_ipv6_fw_policy, fw_template_policy, fw_policy]
      scope:
        description: 'What of the policy the entry is about. C(whole): all of it, in that order, and nothing else; C(section:NAME):
          the rules under that header, which is made where it lacks; C(rules:PREFIX): the rules whose id begins so, wherever
          they are.'
        type: str
        required: true
      before:
        description: Section before which a new section, or the first of the owned rules, is put. Without it, at the end.
        type: str
      comment:
        description:
          - Comment of the policy; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      template:
        description:
          - Template on which it stands, C(type/name).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      inspection_policy:
        description:
          - Inspection policy, C(type/name).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      file_filtering_policy:
        description:
          - File filtering policy, C(type/name).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      ipv4_access:
        description: IPv4 access rules, in order.
        type: list
        elements: dict
        suboptions: &ipv4_access
          id:
            description: Identity that lasts, kept in the comment as C([id:…]). A rule without one is known by its name, which
              must then be unique in the list.
            type: str
          name:
            description: Name of the rule.
            type: str
          section:
            description: Instead of a rule, the header of a section, by its text.
            type: str
          insert_point:
            description: Instead of a rule, a place of a template where policies insert theirs, by its name.
            type: str
          insert_point_type: &insert_point_type
            description: Kind of the insert point.
            type: str
            choices: [normal, automatic]
          comment:
            description: Comment, without the identity.
            type: str
          color:
            description: Colour of a section, C(#5EF527).
            type: str
          disabled:
            description: Whether the rule is switched off.
            type: bool
          sources: &sources
            description:
              - Where the traffic comes from, C(type/name) each; C(any) or C(none) alone.
              - The order has no meaning.
            type: list
            elements: str
          destinations: &destinations
            description:
              - Where it goes, C(type/name) each; C(any) or C(none) alone.
              - The order has no meaning.
            type: list
            elements: str
          services: &services
            description:
              - What it is, C(type/name) each; C(any) or C(none) alone.
              - The order has no meaning.
            type: list
            elements: str
          action:
            description: What is done with it.
            type: list
            choices: [allow, discard, continue, refuse, jump, apply_vpn, enforce_vpn, forward_vpn, block_list, forced_next_hop,
              explicit_proxy_jump]
            elements: str
          sub_policy:
            description: Sub-policy to jump to, C(type/name).
            type: str
          vpn:
            description: VPN that carries it, C(type/name).
            type: str
          mobile_vpn:
            description: Whether any mobile VPN carries it.
            type: bool
          forward_to:
            description: Proxy that it is forwarded to, C(type/name).
            type: str
          forced_next_hop_ip:
            description: Gateway that it is forced through.
            type: str
          forced_next_hop_element:
            description: The same, as an element, C(type/name).
            type: str
          explicit_proxy_sub_policy:
            description: Sub-policy of the explicit proxy, C(type/name).
            type: str
          user_response:
            description: What a refused user is shown, C(type/name).
            type: str
          block_listers: &block_listers
            description:
              - Who may add to the block list, C(type/name) each.
              - The order has no meaning.
            type: list
            elements: str
          deep_inspection:
            description: Whether the inspection policy applies; undeclared, as before.
            type: bool
          decrypting:
            description: Whether TLS is decrypted; undeclared, as before.
            type: bool
          file_filtering:
            description: Whether files are filtered; undeclared, as before.
            type: bool
          snort:
            description: Whether Snort inspects it.
            type: bool
          dos_protection:
            description: Whether DoS protection applies.
            type: bool
          reset_icmp:
            description: Whether a refusal is told by ICMP.
            type: bool
          scan_detection:
            description: Scan detection.
            type: str
          latency_monitoring:
            description: Health of applications.
            type: str
          tracking:
            description: Connection tracking mode.
            type: str
          idle_timeout:
            description: Seconds of silence before it is forgotten.
            type: int
          mss_enforced:
            description: Whether the TCP segment size is bounded.
            type: bool
          mss_min:
            description: Its least.
            type: int
          mss_max:
            description: Its most.
            type: int
          source_limit:
            description: Connections a source.
            type: int
          source_limit_action:
            description: What is done beyond.
            type: str
          destination_limit:
            description: Connections a destination.
            type: int
          destination_limit_action:
            description: What is done beyond.
            type: str
          sync_connections:
            description: Whether the nodes share them.
            type: bool
          require_auth:
            description: Whether the user must authenticate.
            type: bool
          auth_methods:
            description:
              - How, C(type/name) each.
              - The order has no meaning.
            type: list
            elements: str
          auth_users:
            description:
              - Who, C(type/name) each.
              - The order has no meaning.
            type: list
            elements: str
          vpn_match:
            description: Kind of VPN that it comes from.
            type: str
          vpn_matches:
            description:
              - VPN that it comes from, C(type/name) each.
              - The order has no meaning.
            type: list
            elements: str
          validity_times:
            description:
              - When the rule holds, C(type/name) each.
              - The order has no meaning.
            type: list
            elements: str
          log:
            description: 'What is logged: C(none), C(transient), C(stored), C(essential), C(alert)…'
            type: str
          alert:
            description: Alert that is raised, C(type/name).
            type: str
          log_severity:
            description: Severity of the alert.
            type: int
          log_closing:
            description: Whether the end of connections is logged.
            type: bool
          log_accounting:
            description: Whether volumes are logged.
            type: bool
          log_payload_excerpt:
            description: Whether an excerpt is kept.
            type: bool
          log_payload_record:
            description: Whether all is kept.
            type: bool
          log_compression:
            description: Compression of the log.
            type: str
          log_compression_rate:
            description: Entries a second.
            type: int
          log_compression_burst:
            description: Entries at once.
            type: int
          log_users:
            description: Whether users are logged.
            type: str
          log_applications:
            description: Whether applications are logged.
            type: str
          log_url_categories:
            description: Whether categories are logged.
            type: str
          log_executables:
            description: Whether executables are logged.
            type: str
          qos_class:
            description: QoS class, C(type/name).
            type: str
      ipv6_access:
        description: IPv6 access rules, in order.
        type: list
        elements: dict
        suboptions: *ipv4_access
      ipv4_nat:
        description: IPv4 NAT rules, in order.
        type: list
        elements: dict
        suboptions: &ipv4_nat
          id:
            description: Identity that lasts, kept in the comment as C([id:…]). A rule without one is known by its name, which
              must then be unique in the list.
            type: str
          name:
            description: Name of the rule.
            type: str
          section:
            description: Instead of a rule, the header of a section, by its text.
            type: str
          insert_point:
            description: Instead of a rule, a place of a template where policies insert theirs, by its name.
            type: str
          insert_point_type: *insert_point_type
          comment:
            description: Comment, without the identity.
            type: str
          color:
            description: Colour of a section, C(#5EF527).
            type: str
          disabled:
            description: Whether the rule is switched off.
            type: bool
          sources: *sources
          destinations: *destinations
          services: *services
          used_on:
            description: 'Engine on which the rule holds: C(any), C(none) or C(type/name).'
            type: str
          dynamic_src_nat:
            description: Sources that share addresses and ports.
            type: dict
            suboptions: &dynamic_src_nat
              to:
                description: What the address becomes.
                type: list
                elements: dict
                suboptions: &to
                  element:
                    description: Element whose address it is, C(type/name).
                    type: str
                  address:
                    description: The address itself, or a network or range.
                    type: str
                  ports:
                    description: Port, or first and last.
                    type: str
              automatic_proxy:
                description: Whether the firewall answers ARP for the address.
                type: bool
          static_src_nat:
            description: A source that takes another address.
            type: dict
            suboptions: &static_src_nat
              original:
                description: Address and ports before.
                type: dict
                suboptions: *to
              translated:
                description: Address and ports after.
                type: dict
                suboptions: *to
              automatic_proxy:
                description: Whether the firewall answers ARP for the address.
                type: bool
          static_dst_nat:
            description: A destination that is another one inside.
            type: dict
            suboptions: *static_src_nat
          dynamic_dst_nat:
            description: Destinations that share addresses.
            type: dict
            suboptions: *dynamic_src_nat
          log:
            description: 'What is logged: C(none), C(transient), C(stored), C(essential), C(alert)…'
            type: str
          alert:
            description: Alert that is raised, C(type/name).
            type: str
          log_severity:
            description: Severity of the alert.
            type: int
          log_closing:
            description: Whether the end of connections is logged.
            type: bool
          log_accounting:
            description: Whether volumes are logged.
            type: bool
          log_payload_excerpt:
            description: Whether an excerpt is kept.
            type: bool
          log_payload_record:
            description: Whether all is kept.
            type: bool
          log_compression:
            description: Compression of the log.
            type: str
          log_compression_rate:
            description: Entries a second.
            type: int
          log_compression_burst:
            description: Entries at once.
            type: int
          log_users:
            description: Whether users are logged.
            type: str
          log_applications:
            description: Whether applications are logged.
            type: str
          log_url_categories:
            description: Whether categories are logged.
            type: str
          log_executables:
            description: Whether executables are logged.
            type: str
          qos_class:
            description: QoS class, C(type/name).
            type: str
      ipv6_nat:
        description: IPv6 NAT rules, in order.
        type: list
        elements: dict
        suboptions: *ipv4_nat
      files:
        description: Rules of file filtering, in order.
        type: list
        elements: dict
        suboptions:
          id:
            description: Identity that lasts, kept in the comment as C([id:…]). A rule without one is known by its name, which
              must then be unique in the list.
            type: str
          name:
            description: Name of the rule.
            type: str
          section:
            description: Instead of a rule, the header of a section, by its text.
            type: str
          insert_point:
            description: Instead of a rule, a place of a template where policies insert theirs, by its name.
            type: str
          insert_point_type: *insert_point_type
          comment:
            description: Comment, without the identity.
            type: str
          color:
            description: Colour of a section, C(#5EF527).
            type: str
          disabled:
            description: Whether the rule is switched off.
            type: bool
          sources: *sources
          destinations: *destinations
          situations:
            description:
              - What files, by kinds and their tags; a rule for C(none) is ignored, C(type/name) each; C(any) or C(none) alone.
              - The order has no meaning.
            type: list
            elements: str
          action:
            description: What is done with them.
            type: list
            choices: [allow, discard, allow_after]
            elements: str
          sub_policy:
            description: Sub-policy to jump to, C(type/name).
            type: str
          vpn:
            description: VPN that carries it, C(type/name).
            type: str
          mobile_vpn:
            description: Whether any mobile VPN carries it.
            type: bool
          forward_to:
            description: Proxy that it is forwarded to, C(type/name).
            type: str
          user_response:
            description: What a refused user is shown, C(type/name).
            type: str
          block_listers: *block_listers
          deep_inspection:
            description: Whether the inspection policy applies; undeclared, as before.
            type: bool
          decrypting:
            description: Whether TLS is decrypted; undeclared, as before.
            type: bool
          file_filtering:
            description: Whether files are filtered; undeclared, as before.
            type: bool
          snort:
            description: Whether Snort inspects it.
            type: bool
          dos_protection:
            description: Whether DoS protection applies.
            type: bool
          reset_icmp:
            description: Whether a refusal is told by ICMP.
            type: bool
          scan_detection:
            description: Scan detection.
            type: str
          latency_monitoring:
            description: Health of applications.
            type: str
          tracking:
            description: Connection tracking mode.
            type: str
          idle_timeout:
            description: Seconds of silence before it is forgotten.
            type: int
          mss_enforced:
            description: Whether the TCP segment size is bounded.
            type: bool
          mss_min:
            description: Its least.
            type: int
          mss_max:
            description: Its most.
            type: int
          source_limit:
            description: Connections a source.
            type: int
          source_limit_action:
            description: What is done beyond.
            type: str
          destination_limit:
            description: Connections a destination.
            type: int
          destination_limit_action:
            description: What is done beyond.
            type: str
          sync_connections:
            description: Whether the nodes share them.
            type: bool
          antivirus:
            description: Whether the antivirus looks at them.
            type: bool
          file_reputation:
            description: Whether their reputation is asked.
            type: bool
          reputation_allows:
            description: Reputation from which they pass.
            type: str
          reputation_discards:
            description: Reputation from which they do not.
            type: str
          sandbox:
            description: Whether a sandbox tries them.
            type: bool
          sandbox_allows:
            description: Verdict of the sandbox from which they pass.
            type: str
          sandbox_delays:
            description: Whether they wait for that verdict.
            type: bool
          dlp:
            description: Whether a DLP server looks at them (ICAP).
            type: bool
          dlp_size:
            description: Largest file that it is given, in megabytes.
            type: int
          dlp_beyond:
            description: What is done with larger files.
            type: str
          dlp_silent:
            description: What is done where it does not answer.
            type: str
          archive_content:
            description: Whether what archives contain is matched too.
            type: bool
          spooling:
            description: How much of a file is held back.
            type: str
          unscanned:
            description: What is done with what no method could look at.
            type: str
          default_behavior:
            description: What is done where nothing is said.
            type: str
          dirty_log:
            description: What is logged of a malicious file.
            type: str
          log:
            description: 'What is logged: C(none), C(transient), C(stored), C(essential), C(alert)…'
            type: str
          alert:
            description: Alert that is raised, C(type/name).
            type: str
          log_severity:
            description: Severity of the alert.
            type: int
          log_closing:
            description: Whether the end of connections is logged.
            type: bool
          log_accounting:
            description: Whether volumes are logged.
            type: bool
          log_payload_excerpt:
            description: Whether an excerpt is kept.
            type: bool
          log_payload_record:
            description: Whether all is kept.
            type: bool
          log_compression:
            description: Compression of the log.
            type: str
          log_compression_rate:
            description: Entries a second.
            type: int
          log_compression_burst:
            description: Entries at once.
            type: int
          log_users:
            description: Whether users are logged.
            type: str
          log_applications:
            description: Whether applications are logged.
            type: str
          log_url_categories:
            description: Whether categories are logged.
            type: str
          log_executables:
            description: Whether executables are logged.
            type: str
          qos_class:
            description: QoS class, C(type/name).
            type: str
          quarantine:
            description: Whether malicious files are kept apart.
            type: bool
extends_documentation_fragment: [attributes.converges, options.smc, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Déclarer la politique de la ville et ce qui encadre les sections des sites
  smc_policies:
    smc: "{{ piste_smc }}"
    owner: commune
    keep: [admin-pare-feu]
    config:
      - type: fw_policy
        scope: whole
        name: VLB
        template: fw_template_policy/Firewall Inspection Template
      - type: fw_policy
        scope: "section:Socle"
        name: VLB
        ipv4_access:
          - id: admin-pare-feu
            sources: [host/poste-admin]
            destinations: [any]
            services: [tcp_service/SSH]
            action: [allow]
            log: stored
      - type: fw_policy
        scope: "section:Refus"
        name: VLB
        ipv4_access:
          - {id: refus-final, sources: [any], destinations: [any], services: [any], action: [discard], log: stored}

- name: Déclarer la section d’une école
  smc_policies:
    smc: "{{ piste_smc }}"
    owner: ecole-jaures
    config:
      - type: fw_policy
        scope: "section:Site ecole-jaures"
        before: Refus
        name: VLB
        ipv4_access:
          - id: jaures-web
            sources: [network/net-jaures-utilisateurs]
            destinations: [any]
            services: [service_group/svc-web]
            action: [allow]

- name: Relever toutes les politiques
  smc_policies:
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
    - {system: smc, owner: ecole-jaures, kind: policy, key: 'fw_policy/section:Site ecole-jaures/VLB', label: 'VLB [Site
           ecole-jaures]', action: update, fields: [ipv4_access], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("smc_policies")
