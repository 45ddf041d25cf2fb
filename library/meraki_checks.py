#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to a Meraki organization"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_checks
short_description: Check the access to a Meraki organization
description:
  - Whether the Dashboard answers over verified TLS, until when its certificate lasts, how far the clocks
    are apart, whether the key is accepted, sees the organization and may write, and whether the rate
    is the vendor's.
  - What is wrong is a finding, never a failure. Changes nothing in any mode.
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
- name: Contrôler l'accès au Dashboard
  meraki_checks:
    dashboard: "{{ piste_meraki }}"
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: meraki.rights
      state: ok
      what: la clé peut lire et écrire dans l'organisation (droit full)
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where the Dashboard has an address
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("meraki_checks")
