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
options: {}
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
