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
  - A port that is an uplink, or behind which a managed device answers, is changed only with a confirmation,
    and last.
author: Ville du Bourget
options:
  dashboard:
    description:
      - Where the Dashboard API listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      base_url:
        description:
          - Base of the API, C(/api/v1) included.
        type: str
        required: true
      api_key:
        description:
          - Key of the API, secret.
        type: str
        required: true
      organization:
        description:
          - Name or id of the organization.
        type: str
        required: true
      ca_file:
        description:
          - Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description:
          - Proxy, C(http://host:port).
        type: str
      no_proxy:
        description:
          - Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description:
          - Seconds for which an answer is waited for.
        type: float
        default: 60
      rate:
        description:
          - Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 10
  network:
    description:
      - Network to which the objects belong, by its name.
    type: str
    required: true
  config:
    description:
      - 'Objects of the kind (switch_port), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      serial:
        description:
          - Serial number of the switch.
        type: str
        required: true
      port_id:
        description:
          - Port number, a text for the Dashboard.
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
        description:
          - Whether the port feeds its device, on models that can.
        type: bool
      type:
        description:
          - Mode of the port.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(trunk).
        type: str
        choices:
          - access
          - dad
          - routed
          - stack
          - svl
          - trunk
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
        choices:
          - bpdu guard
          - disabled
          - loop guard
          - root guard
      stp_port_fast_trunk:
        description:
          - Whether a trunk forwards at once.
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
        choices:
          - Alert only
          - Enforce
      access_policy_type:
        description:
          - What admits a device on an access port.
          - 'Changing it on a live system asks for C(confirm: [uplink]).'
          - The system's own default is C(Open).
        type: str
        choices:
          - Custom access policy
          - MAC allow list
          - Open
          - Sticky MAC allow list
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
        description:
          - How many MAC addresses the port learns.
        type: int
      storm_control_enabled:
        description:
          - Whether storm control applies.
        type: bool
      dai_trusted:
        description:
          - Whether ARP inspection trusts the port.
          - The system's own default is C(false).
        type: bool
  state:
    description:
      - C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects
        back to their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted)
        removes the declared objects; C(gathered) reads and changes nothing.
    type: str
    choices:
      - merged
      - replaced
      - overridden
      - deleted
      - gathered
    default: merged
  absent:
    description:
      - Names of objects that must not be there, whatever the state.
    type: list
    elements: str
    default: []
  owner:
    description:
      - Site, or C(commune), to which the objects belong; it appears in plans and in secrets' paths.
    type: str
  confirm:
    description:
      - 'Guarded changes that are wanted, by the words that a refusal lists: C(uplink) for all of a kind,
        C(uplink:QZZZ-0005-0001/25) for one.'
    type: list
    elements: str
    default: []
  as_found:
    description:
      - 'What was found and is kept as it is, by system, kind and key: it takes the place of what C(config)
        says.'
    type: dict
    default: {}
  survey:
    description:
      - In check mode, also tell what is there and what of it the task does not declare.
    type: bool
    default: false
  plan:
    description:
      - 'Saved plan to keep to: any other operation stops the task before it writes.'
    type: path
  max_removals:
    description:
      - Removals allowed without the word C(removals).
    type: int
    default: 5
  secrets:
    description:
      - Values of the secrets, by path.
    type: dict
    default: {}
  secrets_lock:
    description:
      - File of the fingerprints of what was written and cannot be read back. Without it, such a value
        counts as unchanged.
    type: path
attributes:
  check_mode:
    support: full
    description: Plans and writes nothing; the operations are those of the run.
  diff_mode:
    support: full
    description: Shows each object that changes, before and after, as YAML.
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
  description: What changed (or would), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - system: meraki
      owner: ecole-jaures
      kind: switch_port
      key: QZZZ-0005-0001/5
      label: sw-jau-01/5
      action: update
      fields: [vlan]
      before: 1f0c6c7ef8a2d931
      after: 8b7df143d91c716e
summary:
  description: The same, one readable line each.
  returned: always
  type: list
  elements: str
withheld:
  description: What was not done for want of a secret or of a confirmation.
  returned: always
  type: list
  elements: str
gathered:
  description: What is there, in the form of C(config).
  returned: when I(state=gathered)
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("meraki_switch_ports")
