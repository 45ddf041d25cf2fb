#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the devices of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_devices
short_description: Declare the devices of a Meraki network
description:
  - Assigns devices to the network (claiming them into the organization where needed), names, tags and
    places them.
  - A device that works in another network is refused, and a removal asks for a confirmation, since it
    erases the device.
  - A fixed management address is a part of its own and asks for a confirmation.
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
      - 'Objects of the kind (device), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      serial:
        description:
          - Serial number; the device's identity.
        type: str
        required: true
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
        description:
          - Latitude, degrees.
        type: float
      lng:
        description:
          - Longitude, degrees.
        type: float
      notes:
        description:
          - Notes, 255 characters at most.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      management_interface:
        description:
          - Address by which the device reaches the Dashboard. A mistake here cuts the device off, hence
            the guard.
          - 'Changing it on a live system asks for C(confirm: [management]).'
        type: dict
        suboptions:
          wan1:
            description:
              - The only interface of switches and access points.
            type: dict
            suboptions:
              using_static_ip:
                description:
                  - True for a fixed address, false for DHCP.
                type: bool
              static_ip:
                description:
                  - Fixed IPv4 address.
                type: str
              static_gateway_ip:
                description:
                  - Gateway of the fixed address.
                type: str
              static_subnet_mask:
                description:
                  - Mask of the fixed address, dotted.
                type: str
              static_dns:
                description:
                  - Name servers, two at most, in order of use.
                type: list
                elements: str
              vlan:
                description:
                  - Management VLAN; null for untagged.
                  - Null is a value here, an absent key declares nothing.
                type: int
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
