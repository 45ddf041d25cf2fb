#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to a Forcepoint SMC"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_checks
short_description: Check the access to a Forcepoint SMC
description:
  - Whether the SMC answers over verified TLS, until when its certificate lasts, how far the clocks are
    apart, whether the pinned version of the API is offered and a session opened, and what waits to be
    installed.
  - What is wrong is a finding, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  smc:
    description:
      - Where the SMC listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      url:
        description:
          - Base of the API, C(https://smc.example:8082).
        type: str
        required: true
      api_version:
        description:
          - 'Version of the API, C(7.4). It is never replaced by another: an SMC that does not offer it
            is refused.'
        type: str
        required: true
      api_key:
        description:
          - Key of the API client, secret.
        type: str
      login:
        description:
          - Administrator account, where there is no API client.
        type: str
      password:
        description:
          - Its password, secret.
        type: str
      domain:
        description:
          - Administrative domain.
        type: str
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
attributes:
  check_mode:
    support: full
    description: Reads only.
"""

EXAMPLES = r"""
- name: Contrôler l'accès au SMC
  smc_checks:
    smc: "{{ piste_smc }}"
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: smc.version
      state: ok
      what: le SMC est en version 7.4.1, son API 7.4 est offerte
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where the SMC has an address
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("smc_checks")
