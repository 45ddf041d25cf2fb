#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the RF profiles of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_rf_profiles
short_description: Declare the RF profiles of a Meraki network
description:
  - Powers, bit rates and channels, known by name; an access point takes one in M(meraki_radios).
  - The profiles of the vendor, indoor and outdoor, are never listed nor changed. Settings by SSID are left as they are.
  - A profile that access points still have is not removed.
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  config:
    description: 'Objects of the kind (rf_profile), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the profile; its identity.
        type: str
        required: true
      band_selection_type:
        description: Whether bands are chosen by access point or by SSID.
        type: str
        choices: [ap, ssid]
      client_balancing_enabled:
        description:
          - Whether clients are shared out.
          - The system's own default is C(true).
        type: bool
      min_bitrate_type:
        description:
          - Whether bit rates are by band or SSID.
          - The system's own default is C(band).
        type: str
        choices: [band, ssid]
      ap_band_settings:
        description: Bands of the access point.
        type: dict
        suboptions:
          band_operation_mode:
            description:
              - Bands in use.
              - The system's own default is C(dual).
            type: str
            choices: [2.4ghz, 5ghz, 6ghz, dual, multi]
          bands:
            description: The same, band by band.
            type: dict
            suboptions:
              enabled:
                description:
                  - Those in use.
                  - The order has no meaning.
                type: list
                choices: ['2.4', '5', '6', disabled]
                elements: str
          band_steering_enabled:
            description:
              - Whether clients are led to 5 GHz.
              - The system's own default is C(true).
            type: bool
      two_four_ghz:
        description: The 2.4 GHz radio.
        type: dict
        suboptions:
          min_power:
            description:
              - Lowest power, dBm.
              - The system's own default is C(5).
            type: int
          max_power:
            description:
              - Highest power, dBm.
              - The system's own default is C(30).
            type: int
          min_bitrate:
            description:
              - Lowest bit rate, Mbit/s.
              - The system's own default is C(11).
            type: float
          valid_auto_channels: &valid_auto_channels
            description:
              - Channels that may be chosen.
              - The order has no meaning.
            type: list
            elements: int
          ax_enabled:
            description:
              - Whether 802.11ax is spoken.
              - The system's own default is C(true).
            type: bool
          rxsop:
            description:
              - Level under which a frame is not listened to, dBm; null for the default.
              - Null is a value here, an absent key declares nothing.
            type: int
      five_ghz:
        description: The 5 GHz radio.
        type: dict
        suboptions:
          min_power:
            description:
              - Lowest power, dBm.
              - The system's own default is C(8).
            type: int
          max_power:
            description:
              - Highest power, dBm.
              - The system's own default is C(30).
            type: int
          min_bitrate: &min_bitrate
            description:
              - Lowest bit rate, Mbit/s.
              - The system's own default is C(12).
            type: int
            choices: [6, 9, 12, 18, 24, 36, 48, 54]
          valid_auto_channels: *valid_auto_channels
          channel_width:
            description: 'Width of the channels, MHz: C(auto), C(20), C(40), C(80).'
            type: str
          rxsop:
            description:
              - Level under which a frame is not listened to, dBm; null for the default.
              - Null is a value here, an absent key declares nothing.
            type: int
      six_ghz:
        description: The 6 GHz radio.
        type: dict
        suboptions:
          min_power:
            description:
              - Lowest power, dBm.
              - The system's own default is C(8).
            type: int
          max_power:
            description:
              - Highest power, dBm.
              - The system's own default is C(30).
            type: int
          min_bitrate: *min_bitrate
          valid_auto_channels: *valid_auto_channels
          channel_width:
            description: 'Width of the channels, MHz: C(auto), C(20), C(40), C(80), C(160).'
            type: str
          rxsop:
            description:
              - Level under which a frame is not listened to, dBm; null for the default.
              - Null is a value here, an absent key declares nothing.
            type: int
      transmission:
        description: Transmission of the access point.
        type: dict
        suboptions:
          enabled:
            description:
              - Whether it transmits at all.
              - The system's own default is C(true).
            type: bool
extends_documentation_fragment: [attributes.converges, options.meraki, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Converger les profils radio
  meraki_rf_profiles:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    network: VLB ecole-jaures
    config:
      - name: Puissance réduite
        band_selection_type: ap
        two_four_ghz: {min_power: 2, max_power: 8}
        five_ghz: {min_power: 8, max_power: 11}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: rf_profile, key: Puissance réduite, action: create, fields: [name, band_selection_type,
           two_four_ghz, five_ghz]}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_rf_profiles")
