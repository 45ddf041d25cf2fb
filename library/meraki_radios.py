#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the radio of a network's access points"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_radios
short_description: Declare the radio of a network's access points
description:
  - The RF profile of each access point, and what is set by hand over it. One read gives the profiles of the organization.
  - Another profile clears what was set by hand; the plan says so, and an undo gives it back.
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
  config:
    description: 'Objects of the kind (radio), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      serial:
        description: Serial number of the access point.
        type: str
        required: true
      rf_profile:
        description:
          - Name of its RF profile; null for the vendor's own, indoor or outdoor. Another profile clears what was set by hand
            and is not declared.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      two_four_ghz:
        description: What is set by hand of the 2.4 GHz radio.
        type: dict
        suboptions:
          channel:
            description:
              - Channel; null leaves it to the profile.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: int
            choices: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
          target_power: &target_power
            description:
              - Power, dBm; null leaves it to the profile.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: int
      five_ghz:
        description: What is set by hand of the 5 GHz radio.
        type: dict
        suboptions:
          channel:
            description:
              - Channel; null leaves it to the profile.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: int
            choices: [36, 40, 44, 48, 52, 56, 60, 64, 100, 104, 108, 112, 116, 120, 124, 128, 132, 136, 140, 144, 149, 153,
              157, 161, 165, 169, 173, 177]
          channel_width:
            description:
              - Width of the channel, MHz, 0 for automatic; null leaves it to the profile.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: int
            choices: [0, 20, 40, 80, 160]
          target_power: *target_power
extends_documentation_fragment: [attributes.converges, options.meraki, options.task, options.kind, options.partial_states]
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
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: radio, key: QZZZ-0005-0041, action: update, fields: [rf_profile]}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_radios")
