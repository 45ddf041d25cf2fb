#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the use of access points and access ports of a Meraki organization by hour"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_usage
short_description: Read the use of access points and access ports of a Meraki organization by hour
description:
  - Reads whole weeks, from Monday to Monday in the town's time, by hour of the week; writes nothing.
  - The ports of all switches come in a paged read a day, the clients of access points in a read an access point.
  - An hour that was not measured is null, never zero. The Dashboard goes back 31 days.
author: Ville du Bourget
options:
  places:
    description: Access points and ports of each site.
    type: list
    required: true
    elements: dict
    suboptions:
      site:
        description: Name of the site.
        type: str
        required: true
      access_points:
        description: Serial numbers of its access points.
        type: list
        required: true
        elements: str
      radio:
        description: Ports that feed them, C(serial/port).
        type: list
        required: true
        elements: str
      access:
        description: Its other ports that end at a device.
        type: list
        required: true
        elements: str
  timezone:
    description: Time zone of the town.
    type: str
    required: true
  weeks:
    description: Whole weeks to read, the last ones; four at most.
    type: int
    default: 1
  known:
    description: Weeks not to read again, C(2026-W47).
    type: list
    elements: str
    default: []
extends_documentation_fragment: [options.meraki]
"""

EXAMPLES = r"""
- name: Relever l’usage du réseau de la dernière semaine
  meraki_usage:
    dashboard: "{{ piste_meraki }}"
    timezone: Europe/Paris
    places:
      - site: ecole-jaures
        access_points: [QZZZ-0005-0041]
        radio: [QZZZ-0005-0001/1]
        access: [QZZZ-0005-0001/5]
"""

RETURN = r"""
weeks:
  description: Weeks that were read, with clients, traffic and energy by hour, and what was not read.
  returned: always
  type: list
  elements: dict
timezone:
  description: Time zone of the hours.
  returned: always
  type: str
read_at:
  description: When the Dashboard was read.
  returned: always
  type: str
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("meraki_usage")
