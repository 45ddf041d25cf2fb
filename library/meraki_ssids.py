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
  - An SSID of which a secret is missing is written disabled and listed.
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
- name: Converger les SSID d'une école
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
  description: What changed (or would), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - system: meraki
      owner: ecole-jaures
      kind: ssid
      key: VLB-Pedagogique
      label: VLB-Pedagogique
      action: update
      fields: [default_vlan_id]
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
    main("meraki_ssids")
