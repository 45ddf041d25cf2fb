#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the networks of a Meraki organization"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_networks
short_description: Declare the networks of a Meraki organization
description:
  - Creates, changes and removes networks, known by name; a name that two networks bear is an error.
  - Product types are fixed at creation.
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
- name: Créer le réseau d'une école
  meraki_networks:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    config:
      - name: VLB ecole-jaures
        product_types: [switch, wireless]
        time_zone: Europe/Paris
        tags: [ecole]

- name: Relever tous les réseaux
  meraki_networks:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    state: gathered
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
      kind: network
      key: VLB ecole-jaures
      label: VLB ecole-jaures
      action: update
      fields: [tags]
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
    main("meraki_networks")
