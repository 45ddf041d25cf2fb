#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to a Forcepoint SMC"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_checks
short_description: Check the access to a Forcepoint SMC
description:
  - Checks that the SMC answers over verified TLS, offers the pinned version of the API and opens a session. Gives the end
    of its certificate, the difference between the clocks and what waits to be installed.
  - A fault is a finding, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  carrier:
    description: What carries the town's VLANs, where something does.
    type: dict
    suboptions:
      engine:
        description: Name of the engine.
        type: str
      interface:
        description: Number of its physical interface.
        type: int
  logs:
    description: Name of the log server of the engine, where the town declares it.
    type: str
extends_documentation_fragment: [attributes.reads, options.smc]
"""

EXAMPLES = r"""
- name: Contrôler l’accès au SMC
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

if __name__ == "__main__":
    from piste.dispatch import main

    main("smc_checks")
