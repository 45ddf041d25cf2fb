#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read a subject of a system"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_read
short_description: Read a subject of a system
description:
  - Reads what the subject says, from the system that holds it, and gives it as data. Changes nothing in any mode.
  - The subject decides which other options are due and which are allowed; what is missing or unknown is refused before the
    system is asked.
  - The results are those of the subject, which their descriptions name.
  - 'C(meraki_living): read what lives in a Meraki organization. Gives status and last report of devices, their firmware,
    link, speed and faults of switch ports, SSIDs on the air, clients.'
  - 'C(zabbix_living): read the life of the hosts of Zabbix. Reads which hosts are enabled, the age of what says that they
    are there, and their open problems.'
author: Ville du Bourget
options:
  subject:
    description: What to read.
    type: str
    required: true
    choices: [meraki_living, zabbix_living]
  dashboard:
    required: false
  zabbix:
    required: false
notes:
  - C(meraki_living) asks the Meraki Dashboard. It takes I(dashboard).
  - C(zabbix_living) asks Zabbix. It takes I(zabbix).
extends_documentation_fragment: [attributes.reads, options.meraki, options.zabbix]
"""

EXAMPLES = r"""
- name: Relever ce qui vit du réseau
  piste_read:
    subject: meraki_living
    dashboard: "{{ piste_meraki }}"

- name: Lire ce qui vit
  piste_read:
    subject: zabbix_living
    zabbix: "{{ piste_zabbix }}"
"""

RETURN = r"""
living:
  description:
    - 'C(meraki_living): What lives, by part; C(unread) gives the reason for each part that the system refused.'
    - 'C(zabbix_living): Moment of the reading, hosts by name, open problems by host, and what was not read.'
  returned: with these subjects
  type: dict
  sample:
    {read_at: '2026-11-24T16:57:00+00:00', devices: {QZZZ-0005-0001: {name: sw-jau-01, model: MS220-24, status: online,
          reported_at: '2026-11-24T16:56:12+00:00', firmware: switch-17-1, supplies: []}}, ports: {QZZZ-0005-0001: {'25': {
            status: Connected, uplink: false, speed_mbps: 1000, duplex: full, errors: [], warnings: [], fed: false}}},
      radios: {QZZZ-0005-0041: [VLB-Agents, VLB-Pedagogique]}, clients: {QZZZ-0005-0041: 12}, unread: {}}
calls:
  description: What the task asked of the system, C(reads) and C(writes).
  returned: where a system was asked
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("piste_read")
