#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the cables that the switches of a Meraki organization hear"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_cables
short_description: List the cables that the switches of a Meraki organization hear
description: Gives what each port hears of its neighbour by LLDP and CDP. Changes nothing in any mode.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.meraki]
"""

EXAMPLES = r"""
- name: Relever le câblage que les commutateurs entendent
  meraki_cables:
    dashboard: "{{ piste_meraki }}"
"""

RETURN = r"""
cables:
  description: One entry an end that hears the other, with the port at each end.
  returned: always
  type: list
  elements: dict
  sample:
    - {serial: QZZZ-0005-0002, port: "9", to: QZZZ-0005-0001, to_port: "26"}
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("meraki_cables")
