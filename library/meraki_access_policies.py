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
- name: Converger la politique des postes d'agents
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
  description: What changed (or would), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - system: meraki
      owner: ecole-jaures
      kind: access_policy
      key: agents
      label: agents
      action: update
      fields: [guest_vlan_id]
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
    main("meraki_access_policies")
