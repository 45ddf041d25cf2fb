#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the devices of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_devices
short_description: Declare the devices of a Meraki network
description:
  - Assigns devices to the network (claiming them into the organization where needed), names, tags and places them.
  - A device that works in another network is refused, and a removal asks for a confirmation, since it erases the device.
  - A fixed management address is a part of its own and asks for a confirmation.
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
- name: Affecter et nommer les équipements
  meraki_devices:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    network: VLB ecole-jaures
    config:
      - {serial: QZZZ-0005-0001, name: sw-jau-01, tags: [ecole, acces]}
      - {serial: QZZZ-0005-0041, name: ap-jau-01, tags: [ecole]}

- name: Fixer l'adresse d'administration d'un commutateur
  meraki_devices:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    network: VLB ecole-jaures
    confirm: [management]
    config:
      - serial: QZZZ-0005-0001
        management_interface:
          wan1:
            using_static_ip: true
            static_ip: 10.93.40.11
            static_subnet_mask: 255.255.255.0
            static_gateway_ip: 10.93.40.254
            static_dns: [10.93.2.11, 10.93.2.12]
            vlan: 150

- name: Retirer un équipement du réseau
  meraki_devices:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    network: VLB ecole-jaures
    state: deleted
    confirm: [release:QZZZ-0005-0041]
    config:
      - {serial: QZZZ-0005-0041}
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
      kind: device
      key: QZZZ-0005-0001
      label: sw-jau-01
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
    main("meraki_devices")
