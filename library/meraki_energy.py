#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Give the power that the switches of a Meraki organization draw"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_energy
short_description: Give the power that the switches of a Meraki organization draw
description:
  - Reads and changes nothing. The Dashboard measures every figure; nothing is estimated or extrapolated.
  - The Dashboard gives the fifty switches that draw most, and no more; C(coverage) says how many there are.
  - The energy that ports feed (PoE) is given for a period of 31 days at most.
author: Ville du Bourget
options:
  start:
    description: When the period begins, C(2026-11-01T00:00:00Z); with I(end).
    type: str
  end:
    description: When it ends, 186 days later at most.
    type: str
  hours:
    description: How many hours before now, where no period is given.
    type: float
    default: 24
extends_documentation_fragment: [attributes.reads, options.meraki]
"""

EXAMPLES = r"""
- name: Relever l’énergie des commutateurs du mois
  meraki_energy:
    dashboard: "{{ piste_meraki }}"
    start: "2026-11-01T00:00:00Z"
    end: "2026-12-01T00:00:00Z"
"""

RETURN = r"""
switches:
  description: Measured switches, the largest draw first. C(poe_kwh) is null where the Dashboard does not give it.
  returned: always
  type: list
  elements: dict
  sample:
    - name: sw-jau-01
      serial: QZZZ-0005-0001
      mac: "02:93:00:00:05:01"
      network: VLB ecole-jaures
      model: MS220-24
      kwh: 12.96
      poe_kwh: 0.0
period:
  description: The period, in UTC, and its length.
  returned: always
  type: dict
  sample: {start: "2026-11-01T00:00:00Z", end: "2026-12-01T00:00:00Z", hours: 720.0}
coverage:
  description: Number of switches measured, of switches in the organization, and the most that the Dashboard gives.
  returned: always
  type: dict
  sample: {measured: 26, switches: 26, most: 50, complete: true}
report:
  description: The figures, a line a fact, as people read them.
  returned: always
  type: list
  elements: str
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("meraki_energy")
