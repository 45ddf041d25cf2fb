#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the ports of Meraki switches"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_switch_ports
short_description: Declare the ports of Meraki switches
description:
  - One read a switch, whatever the number of ports; writes go in action batches.
  - A port that is an uplink, or behind which a managed device answers, is changed only with a confirmation, and last.
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  replaced:
    description: Devices that others replace. While an old device is in the network, the new device takes over the live settings
      of the old that the task does not give.
    type: list
    elements: dict
    default: []
    suboptions:
      serial:
        description: Serial number of the old device.
        type: str
        required: true
      by:
        description: Serial number of the new device.
        type: str
        required: true
      model:
        description: Model that the new device must be, or begin with.
        type: str
  holder:
    description: 'Site whose network it is, where it is not the owner''s: the name of each port says so.'
    type: str
  config:
    description: 'Objects of the kind (switch_port), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      serial:
        description: Serial number of the switch.
        type: str
        required: true
      port_id:
        description: Port number, a text for the Dashboard.
        type: str
        required: true
      name:
        description:
          - Name of the port; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      tags:
        description:
          - Tags of the port.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      enabled:
        description:
          - Whether the port is on.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(true).
        type: bool
      poe_enabled:
        description: Whether the port feeds its device, on models that can.
        type: bool
      type:
        description:
          - Mode of the port.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(trunk).
        type: str
        choices: [access, dad, routed, stack, svl, trunk]
      vlan:
        description:
          - VLAN of an access port, native VLAN of a trunk; null clears the latter.
          - Null is a value here, an absent key declares nothing.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(1).
        type: int
      voice_vlan:
        description:
          - Voice VLAN of an access port; null for none.
          - Null is a value here, an absent key declares nothing.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(null).
        type: int
      allowed_vlans:
        description:
          - 'VLANs that a trunk carries: C(all), or numbers and ranges.'
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(all).
        type: str
      isolation_enabled:
        description:
          - Whether the port only talks to uplinks.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(false).
        type: bool
      rstp_enabled:
        description:
          - Whether the port takes part in RSTP.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(true).
        type: bool
      stp_guard:
        description:
          - Spanning tree guard.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(disabled).
        type: str
        choices: [bpdu guard, disabled, loop guard, root guard]
      stp_port_fast_trunk:
        description: Whether a trunk forwards at once.
        type: bool
      link_negotiation:
        description:
          - Speed and duplex, as the port's capabilities list them.
          - The system's own default is C(Auto negotiate).
        type: str
      port_schedule:
        description:
          - Name of the schedule outside whose hours the port is off; null for none.
          - Null is a value here, an absent key declares nothing.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(null).
        type: str
      udld:
        description:
          - Unidirectional link detection.
          - The system's own default is C(Alert only).
        type: str
        choices: [Alert only, Enforce]
      access_policy_type:
        description:
          - What admits a device on an access port.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(Open).
        type: str
        choices: [Custom access policy, MAC allow list, Open, Sticky MAC allow list]
      access_policy:
        description:
          - Name of the access policy, with the custom type only.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
        type: str
      mac_allow_list:
        description:
          - MAC addresses admitted, 20 at most.
          - The order has no meaning.
        type: list
        elements: str
      mac_whitelist_limit:
        description:
          - How many MAC addresses the port admits.
          - Null is a value here, an absent key declares nothing.
        type: int
      sticky_mac_allow_list:
        description:
          - MAC addresses learnt.
          - The order has no meaning.
        type: list
        elements: str
      sticky_mac_allow_list_limit:
        description: How many MAC addresses the port learns.
        type: int
      storm_control_enabled:
        description: Whether storm control applies.
        type: bool
      dai_trusted:
        description:
          - Whether ARP inspection trusts the port.
          - The system's own default is C(false).
        type: bool
extends_documentation_fragment: [attributes.converges, options.meraki, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Converger deux ports
  meraki_switch_ports:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    network: VLB ecole-jaures
    config:
      - serial: QZZZ-0005-0001
        port_id: "5"
        name: Poste de travail
        type: access
        vlan: 151
        voice_vlan: 153
        access_policy_type: Custom access policy
        access_policy: agents
      - {serial: QZZZ-0005-0001, port_id: "1", name: Borne Wi-Fi, type: trunk, vlan: 150, allowed_vlans: "150,151,155"}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: switch_port, key: QZZZ-0005-0001/5, label: sw-jau-01/5, action: update,
       fields: [vlan], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_switch_ports")
