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
  config:
    description:
      - 'Objects of the kind (network), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the network; its identity.
        type: str
        required: true
      product_types:
        description:
          - Kinds of devices that the network holds. Fixed at creation.
          - The order has no meaning.
          - Taken into account at creation only.
        type: list
        choices:
          - appliance
          - camera
          - campusGateway
          - cellularGateway
          - secureConnect
          - sensor
          - switch
          - systemsManager
          - wireless
          - wirelessController
        elements: str
      formerly:
        description:
          - Names under which the network was made by hand. Where it still bears one of them it is renamed,
            which keeps the configuration of its devices; moving them to a new network would erase it.
        type: list
        elements: str
      devices:
        description:
          - Serial numbers of the site's devices. Where no network bears a known name, the one in which
            they work, alone, is the site's, which somebody has renamed.
          - The order has no meaning.
          - Taken into account at creation only.
        type: list
        elements: str
      others:
        description:
          - Names of other sites' networks, which are never taken for it.
          - The order has no meaning.
          - Taken into account at creation only.
        type: list
        elements: str
      time_zone:
        description:
          - Time zone, a name of the tz database.
        type: str
      tags:
        description:
          - Tags of the network.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      notes:
        description:
          - Notes; null clears them.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
  state:
    description:
      - C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects
        back to their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted)
        removes the declared objects; C(gathered) reads and changes nothing.
    type: str
    choices:
      - merged
      - replaced
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
