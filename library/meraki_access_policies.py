#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the 802.1X access policies of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_access_policies
short_description: Declare the 802.1X access policies of a Meraki network
description:
  - Policies for wired ports against RADIUS servers, known by name.
  - RADIUS secrets are never read back; a rotation is seen by a keyed fingerprint and applied.
  - A policy that ports still use is not removed.
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  config:
    description: 'Objects of the kind (access_policy), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the policy; its identity.
        type: str
        required: true
      access_policy_type:
        description:
          - What admits a device.
          - The system's own default is C(802.1x).
        type: str
        choices: [802.1x, Hybrid authentication, MAC authentication bypass]
      host_mode:
        description:
          - How many devices a port admits. C(Multi-Domain) asks for the hybrid type.
          - The system's own default is C(Single-Host).
        type: str
        choices: [Multi-Auth, Multi-Domain, Multi-Host, Single-Host]
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
        description:
          - Whether sessions are accounted.
          - The system's own default is C(false).
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
      radius_coa_support_enabled:
        description:
          - Whether a server may change an admitted session.
          - The system's own default is C(false).
        type: bool
      radius_group_attribute:
        description: 'Attribute that names a group policy: empty, or C(11).'
        type: str
      guest_port_bouncing:
        description:
          - Whether a port bounces when its guest is admitted.
          - The system's own default is C(false).
        type: bool
      guest_vlan_id:
        description:
          - VLAN of who does not authenticate; null for none.
          - Null is a value here, an absent key declares nothing.
        type: int
      voice_vlan_clients:
        description: Whether phones are let into the voice VLAN unauthenticated.
        type: bool
      increase_access_speed:
        description: Whether 802.1X and MAC bypass are tried at once (hybrid only).
        type: bool
      dot1x:
        description: 802.1X details.
        type: dict
        suboptions:
          control_direction:
            description:
              - Directions that are blocked.
              - Null is a value here, an absent key declares nothing.
            type: str
            choices: [both, inbound]
      radius:
        description: RADIUS details.
        type: dict
        suboptions:
          critical_auth:
            description: What happens when no server answers.
            type: dict
            suboptions:
              data_vlan_id:
                description:
                  - VLAN of data devices; null for none.
                  - Null is a value here, an absent key declares nothing.
                type: int
              voice_vlan_id:
                description:
                  - VLAN of phones; null for none.
                  - Null is a value here, an absent key declares nothing.
                type: int
              suspend_port_bounce:
                description: Whether ports bounce when a server is back.
                type: bool
          failed_auth_vlan_id:
            description:
              - VLAN of who fails to authenticate; null for none.
              - Null is a value here, an absent key declares nothing.
            type: int
          re_authentication_interval:
            description:
              - Seconds between two authentications; null for never.
              - Null is a value here, an absent key declares nothing.
            type: int
          cache:
            description: Answers kept for when no server answers.
            type: dict
            suboptions:
              enabled:
                description: Whether answers are kept.
                type: bool
              timeout:
                description: Hours for which they are kept.
                type: int
      url_redirect_walled_garden_enabled:
        description: Whether some addresses are free before admission.
        type: bool
      url_redirect_walled_garden_ranges:
        description:
          - Those addresses.
          - The order has no meaning.
        type: list
        elements: str
extends_documentation_fragment: [attributes.converges, options.meraki, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Converger la politique des postes d’agents
  meraki_access_policies:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    network: VLB ecole-jaures
    secrets_lock: "{{ piste_secrets_lock }}"
    config:
      - name: agents
        access_policy_type: 802.1x
        radius_servers:
          - {host: 10.93.2.13, port: 1812, secret: {secret: radius/ecole-jaures}}
          - {host: 10.93.2.14, port: 1812, secret: {secret: radius/ecole-jaures}}
        radius_accounting_enabled: true
        radius_accounting_servers:
          - {host: 10.93.2.13, port: 1813, secret: {secret: radius/ecole-jaures}}
        guest_vlan_id: 154
        radius: {critical_auth: {data_vlan_id: 151}}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: access_policy, key: agents, label: agents, action: update, fields: [
           guest_vlan_id], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_access_policies")
