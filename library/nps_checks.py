#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the NPS servers of a pair"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nps_checks
short_description: Check the NPS servers of a pair
description:
  - Checks that each server answers, has the role, runs its service and is registered in the directory, that no change of
    it was interrupted, and that the servers hold the same. Gives the end of the certificates of its policies.
  - A fault is a finding, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  servers:
    description: 'Identical servers, in the order of writes: a server is written once the server before it is verified.'
    type: list
    required: true
    elements: str
extends_documentation_fragment: [attributes.reads, options.domain, options.winrm]
"""

EXAMPLES = r"""
- name: Contrôler les serveurs NPS
  nps_checks:
    winrm: "{{ piste_winrm }}"
    domain: "{{ piste_ad }}"
    servers: [hdv-nps1, hdv-nps2]
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: nps.pair
      state: ok
      what: hdv-nps1 et hdv-nps2 tiennent les mêmes clients et les mêmes stratégies
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where an access is given
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("nps_checks")
