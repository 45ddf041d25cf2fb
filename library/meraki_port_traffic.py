#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the traffic of ports of switches of a Meraki organization"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_port_traffic
short_description: Read the traffic of ports of switches of a Meraki organization
description:
  - Reads the kilobytes that ports sent and received, by day (UTC), in one paged read; writes nothing.
  - The Dashboard goes back 31 days; an older day is absent, and so is the present day, which is not over.
author: Ville du Bourget
options:
  ports:
    description: Ports, C(serial/port).
    type: list
    required: true
    elements: str
  start:
    description: Midnight (UTC) when the period begins, seconds since 1970.
    type: int
    required: true
  end:
    description: When it ends.
    type: int
    required: true
extends_documentation_fragment: [attributes.reads, options.meraki]
"""

EXAMPLES = r"""
- name: Lire le débit d’un port
  meraki_port_traffic:
    dashboard: "{{ piste_meraki }}"
    ports: [QZZZ-0000-0001/5]
    start: 1759276800
    end: 1761955200
"""

RETURN = r"""
traffic:
  description: Kilobytes and seconds by day, by port; a port that was not measured is absent.
  returned: always
  type: dict
read_at:
  description: When the Dashboard was read.
  returned: always
  type: str
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("meraki_port_traffic")
