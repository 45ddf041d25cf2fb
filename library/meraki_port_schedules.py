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
  - A day that is not declared keeps its hours; one of a new schedule is on at all hours.
  - A schedule that ports still follow is not removed.
author: Ville du Bourget
options:
  dashboard:
    description:
      - Where the Dashboard API listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      base_url:
        description:
          - Base of the API, C(/api/v1) included.
        type: str
        required: true
      api_key:
        description:
          - Key of the API, secret.
        type: str
        required: true
      organization:
        description:
          - Name or id of the organization.
        type: str
        required: true
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
      rate:
        description:
          - Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 10
  network:
    description:
      - Network to which the objects belong, by its name.
    type: str
    required: true
  config:
    description:
      - 'Objects of the kind (port_schedule), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the schedule; its identity.
        type: str
        required: true
      week:
        description:
          - Its days.
        type: dict
        suboptions:
          monday:
            description:
              - Hours of Monday; all of it unless they are given.
            type: dict
            suboptions:
              active:
                description:
                  - Whether ports are on between these hours; false from 00:00 to 24:00 for a day on which
                    they stay off.
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
            description:
              - Hours of Tuesday; all of it unless they are given.
            type: dict
            suboptions:
              active:
                description:
                  - Whether ports are on between these hours; false from 00:00 to 24:00 for a day on which
                    they stay off.
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
          wednesday:
            description:
              - Hours of Wednesday; all of it unless they are given.
            type: dict
            suboptions:
              active:
                description:
                  - Whether ports are on between these hours; false from 00:00 to 24:00 for a day on which
                    they stay off.
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
          thursday:
            description:
              - Hours of Thursday; all of it unless they are given.
            type: dict
            suboptions:
              active:
                description:
                  - Whether ports are on between these hours; false from 00:00 to 24:00 for a day on which
                    they stay off.
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
          friday:
            description:
              - Hours of Friday; all of it unless they are given.
            type: dict
            suboptions:
              active:
                description:
                  - Whether ports are on between these hours; false from 00:00 to 24:00 for a day on which
                    they stay off.
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
          saturday:
            description:
              - Hours of Saturday; all of it unless they are given.
            type: dict
            suboptions:
              active:
                description:
                  - Whether ports are on between these hours; false from 00:00 to 24:00 for a day on which
                    they stay off.
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
          sunday:
            description:
              - Hours of Sunday; all of it unless they are given.
            type: dict
            suboptions:
              active:
                description:
                  - Whether ports are on between these hours; false from 00:00 to 24:00 for a day on which
                    they stay off.
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
  state:
    description:
      - C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects
        back to their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted)
        removes the declared objects; C(gathered) reads and changes nothing.
    type: str
    choices:
      - merged
      - replaced
      - overridden
      - deleted
      - gathered
    default: merged
  absent:
    description:
      - Names of objects that must not be there, whatever the state.
    type: list
    elements: str
    default: []
  owner:
    description:
      - Site, or C(commune), to which the objects belong; it appears in plans and in secrets' paths.
    type: str
  confirm:
    description:
      - 'Guarded changes that are wanted, by the words that a refusal lists: C(uplink) for all of a kind,
        C(uplink:QZZZ-0005-0001/25) for one.'
    type: list
    elements: str
    default: []
  as_found:
    description:
      - 'What was found and is kept as it is, by system, kind and key: it takes the place of what C(config)
        says.'
    type: dict
    default: {}
  survey:
    description:
      - In check mode, also tell what is there and what of it the task does not declare.
    type: bool
    default: false
  plan:
    description:
      - 'Saved plan to keep to: any other operation stops the task before it writes.'
    type: path
  max_removals:
    description:
      - Removals allowed without the word C(removals).
    type: int
    default: 5
  secrets:
    description:
      - Values of the secrets, by path.
    type: dict
    default: {}
  secrets_lock:
    description:
      - File of the fingerprints of what was written and cannot be read back. Without it, such a value
        counts as unchanged.
    type: path
attributes:
  check_mode:
    support: full
    description: Plans and writes nothing; the operations are those of the run.
  diff_mode:
    support: full
    description: Shows each object that changes, before and after, as YAML.
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
  description: What changed (or would), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - system: meraki
      owner: ecole-jaures
      kind: port_schedule
      key: Heures du site
      action: create
      fields: [name, week]
summary:
  description: The same, one readable line each.
  returned: always
  type: list
  elements: str
withheld:
  description: What was not done for want of a secret or of a confirmation.
  returned: always
  type: list
  elements: str
gathered:
  description: What is there, in the form of C(config).
  returned: when I(state=gathered)
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("meraki_port_schedules")
