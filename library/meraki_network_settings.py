#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the settings of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_network_settings
short_description: Declare the settings of a Meraki network
description:
  - One document a key (status pages, spanning tree, MTU, storm control, syslog…), read and written only where declared.
  - What could cut switches off (management VLAN, spanning tree, MTU) asks for a confirmation.
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
- name: Envoyer les journaux au concentrateur
  meraki_network_settings:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    network: VLB ecole-jaures
    config:
      - network: VLB ecole-jaures
        storm_control: {broadcast_threshold: 30, multicast_threshold: 30, unknown_unicast_threshold: 30}
        syslog:
          servers:
            - {host: 10.93.2.24, port: 514, roles: [switchEventLog, wirelessEventLog]}
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
      kind: network_settings
      key: VLB ecole-jaures
      label: VLB ecole-jaures
      action: update
      fields: [syslog]
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
    main("meraki_network_settings")
