#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the radio of a network's access points"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_radios
short_description: Declare the radio of a network's access points
description:
  - The RF profile of each access point, and what is set by hand over it. One read gives the profiles
    of the organization.
  - Another profile clears what was set by hand; the plan says so, and an undo gives it back.
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
      - 'Objects of the kind (radio), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      serial:
        description:
          - Serial number of the access point.
        type: str
        required: true
      rf_profile:
        description:
          - Name of its RF profile; null for the vendor's own, indoor or outdoor. Another profile clears
            what was set by hand and is not declared.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      two_four_ghz:
        description:
          - What is set by hand of the 2.4 GHz radio.
        type: dict
        suboptions:
          channel:
            description:
              - Channel; null leaves it to the profile.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: int
            choices:
              - 1
              - 2
              - 3
              - 4
              - 5
              - 6
              - 7
              - 8
              - 9
              - 10
              - 11
              - 12
              - 13
              - 14
          target_power:
            description:
              - Power, dBm; null leaves it to the profile.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: int
      five_ghz:
        description:
          - What is set by hand of the 5 GHz radio.
        type: dict
        suboptions:
          channel:
            description:
              - Channel; null leaves it to the profile.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: int
            choices:
              - 36
              - 40
              - 44
              - 48
              - 52
              - 56
              - 60
              - 64
              - 100
              - 104
              - 108
              - 112
              - 116
              - 120
              - 124
              - 128
              - 132
              - 136
              - 140
              - 144
              - 149
              - 153
              - 157
              - 161
              - 165
              - 169
              - 173
              - 177
          channel_width:
            description:
              - Width of the channel, MHz, 0 for automatic; null leaves it to the profile.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: int
            choices:
              - 0
              - 20
              - 40
              - 80
              - 160
          target_power:
            description:
              - Power, dBm; null leaves it to the profile.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
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
- name: Converger la radio des bornes
  meraki_radios:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    network: VLB ecole-jaures
    config:
      - serial: QZZZ-0005-0041
        rf_profile: Puissance réduite
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
      kind: radio
      key: QZZZ-0005-0041
      action: update
      fields: [rf_profile]
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
    main("meraki_radios")
