#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read what lives in a Meraki organization"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_living
short_description: Read what lives in a Meraki organization
description: Gives status and last report of devices, their firmware, link, speed and faults of switch ports, SSIDs on the
  air, clients. Changes nothing in any mode.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.meraki]
"""

EXAMPLES = r"""
- name: Relever ce qui vit du réseau
  meraki_living:
    dashboard: "{{ piste_meraki }}"
"""

RETURN = r"""
living:
  description: What lives, by part; C(unread) gives the reason for each part that the system refused.
  returned: always
  type: dict
  sample:
    read_at: "2026-11-24T16:57:00+00:00"
    devices:
      QZZZ-0005-0001:
        name: sw-jau-01
        model: MS220-24
        status: online
        reported_at: "2026-11-24T16:56:12+00:00"
        firmware: switch-17-1
        supplies: []
    ports:
      QZZZ-0005-0001:
        "25": {status: Connected, uplink: false, speed_mbps: 1000, duplex: full, errors: [], warnings: [], fed: false}
    radios: {QZZZ-0005-0041: [VLB-Agents, VLB-Pedagogique]}
    clients: {QZZZ-0005-0041: 12}
    unread: {}
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("meraki_living")
