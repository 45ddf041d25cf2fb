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
  carried:
    description: Owners whose gateways are on a stack or a switch, or in a network, by its name. Its removal asks for a word.
    type: dict
  config:
    description: 'Objects of the kind (device), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      serial:
        description: Serial number; the device's identity.
        type: str
        required: true
      replaces:
        description:
          - Serial number of the device whose place it took.
          - Taken into account at creation only.
        type: str
      name:
        description:
          - Name of the device.
          - Null is a value here, an absent key declares nothing.
        type: str
      tags:
        description:
          - Tags of the device.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      address:
        description:
          - Street address, shown on the Dashboard's map.
          - Null is a value here, an absent key declares nothing.
        type: str
      lat:
        description: Latitude, degrees.
        type: float
      lng:
        description: Longitude, degrees.
        type: float
      notes:
        description:
          - Notes, 255 characters at most.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      management_interface:
        description:
          - Address by which the device reaches the Dashboard. A mistake here cuts the device off, hence the guard.
          - 'Changing it on a live system asks for C(confirm: [management]).'
        type: dict
        suboptions:
          wan1:
            description: The only interface of switches and access points.
            type: dict
            suboptions:
              using_static_ip:
                description: True for a fixed address, false for DHCP.
                type: bool
              static_ip:
                description: Fixed IPv4 address.
                type: str
              static_gateway_ip:
                description: Gateway of the fixed address.
                type: str
              static_subnet_mask:
                description: Mask of the fixed address, dotted.
                type: str
              static_dns:
                description: Name servers, two at most, in order of use.
                type: list
                elements: str
              vlan:
                description:
                  - Management VLAN; null for untagged.
                  - Null is a value here, an absent key declares nothing.
                type: int
extends_documentation_fragment: [attributes.converges, options.meraki, options.task, options.kind, options.states]
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

- name: Fixer l’adresse d’administration d’un commutateur
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
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: device, key: QZZZ-0005-0001, label: sw-jau-01, action: update, fields: [
           tags], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_devices")
