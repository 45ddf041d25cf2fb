#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the networks of a Meraki organization and the devices at work in each"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_places
short_description: List the networks of a Meraki organization and the devices at work in each
description:
  - What there is to adopt, by its names. Changes nothing in any mode.
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
attributes:
  check_mode:
    support: full
    description: Reads only.
"""

EXAMPLES = r"""
- name: Relever les réseaux et les équipements de l'organisation
  meraki_places:
    dashboard: "{{ piste_meraki }}"
"""

RETURN = r"""
places:
  description: One entry a network, with the serial numbers of its devices and the model of each.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: network
      key: ECOLE JAURES ne pas toucher
      devices: [QZZZ-0005-0001, QZZZ-0005-0041]
      models: {QZZZ-0005-0001: MS220-24, QZZZ-0005-0041: MR46}
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("meraki_places")
