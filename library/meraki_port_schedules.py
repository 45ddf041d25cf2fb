#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the port schedules of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_port_schedules
short_description: Declare the port schedules of a Meraki network
description:
  - Hours outside which a switch turns ports off, known by name; a port takes one in M(meraki_switch_ports).
  - A day that is not declared keeps its hours; in a new schedule it is on at all hours.
  - A schedule that ports still follow is not removed.
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  config:
    description: 'Objects of the kind (port_schedule), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the schedule; its identity.
        type: str
        required: true
      week:
        description: Its days.
        type: dict
        suboptions:
          monday:
            description: Hours of Monday; all of it unless they are given.
            type: dict
            suboptions: &monday
              active:
                description:
                  - Whether ports are on between these hours; false from 00:00 to 24:00 for a day on which they stay off.
                  - The system's own default is C(true).
                type: bool
              start:
                description:
                  - When they come on, on the half hour.
                  - The system's own default is C(00:00).
                type: str
              end:
                description:
                  - When they go off, on the half hour.
                  - The system's own default is C(24:00).
                type: str
          tuesday:
            description: Hours of Tuesday; all of it unless they are given.
            type: dict
            suboptions: *monday
          wednesday:
            description: Hours of Wednesday; all of it unless they are given.
            type: dict
            suboptions: *monday
          thursday:
            description: Hours of Thursday; all of it unless they are given.
            type: dict
            suboptions: *monday
          friday:
            description: Hours of Friday; all of it unless they are given.
            type: dict
            suboptions: *monday
          saturday:
            description: Hours of Saturday; all of it unless they are given.
            type: dict
            suboptions: *monday
          sunday:
            description: Hours of Sunday; all of it unless they are given.
            type: dict
            suboptions: *monday
extends_documentation_fragment: [attributes.converges, options.meraki, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Converger les horaires des ports
  meraki_port_schedules:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    network: VLB ecole-jaures
    config:
      - name: Heures du site
        week:
          monday: {active: true, start: "07:30", end: "19:00"}
          sunday: {active: false, start: "00:00", end: "24:00"}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: port_schedule, key: Heures du site, action: create, fields: [name, week]}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_port_schedules")
