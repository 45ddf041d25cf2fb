#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List what a Meraki organization holds and nobody declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_orphans
short_description: List what a Meraki organization holds and nobody declares
description:
  - Networks that no site declares, and devices at work that no site declares. Changes nothing in any
    mode.
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
  networks:
    description:
      - Names of all the networks that are declared.
    type: list
    required: true
    elements: str
  devices:
    description:
      - Serial numbers of all the devices that are declared.
    type: list
    required: true
    elements: str
attributes:
  check_mode:
    support: full
    description: Reads only.
"""

EXAMPLES = r"""
- name: Relever ce que personne ne déclare
  meraki_orphans:
    dashboard: "{{ piste_meraki }}"
    networks: [VLB ecole-jaures, VLB ecole-mermoz]
    devices: [QZZZ-0005-0001, QZZZ-0006-0001]
"""

RETURN = r"""
orphans:
  description: One entry an orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: network
      key: Essai prestataire
      why: aucun site ne le déclare
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("meraki_orphans")
