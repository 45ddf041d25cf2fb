#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Put machines to sleep out of their hours, bring them back before"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_power_hours
short_description: Put machines to sleep out of their hours, bring them back before
description:
  - Asks the guest of each machine that follows hours to shut down, by its tools or by ACPI, and waits. Power is never cut;
    the machines that do not go down are listed.
  - Starts before its hours each machine that it put down. A machine that somebody else stopped stays as it is; a machine
    that somebody turned on again stays on until its hours wake it.
  - Never touches a machine of production, nor a machine of another tool.
  - The time is that of Prism Central. A category on each machine notes what was done, so that any workstation can run the
    next time.
  - Gives the share of the eligible machines whose hours are applied, with their list.
author: Ville du Bourget
options:
  cluster:
    description: Cluster to which the objects belong, by its name.
    type: str
    required: true
  owner:
    description: Who owns the machines.
    type: str
    default: ''
  hours:
    description: Schedules, calendar and machines, as the filter C(prism_intent) gives them from the declaration.
    type: dict
    required: true
  mode:
    description: C(follow) the hours; C(bring_back) what they put down, until they next wake it; or only C(report).
    type: str
    choices: [follow, bring_back, report]
    default: follow
  lead_minutes:
    description: How long before its hours a machine is started.
    type: int
    default: 30
  grace:
    description: Seconds that a guest is given to shut down.
    type: float
    default: 300.0
attributes:
  check_mode:
    support: full
    description: Tells exactly what would be done.
extends_documentation_fragment: [options.prism, options.foreign]
"""

EXAMPLES = r"""
- name: Arrêter et rallumer les machines selon leurs heures
  prism_power_hours:
    prism: "{{ piste_prism }}"
    cluster: ntnx-hdv
    apart: {tool: Citrix, names: ["CTX-*"]}
    owner: commune
    hours: "{{ (ansible_facts['piste_site'] | prism_intent).hours }}"
"""

RETURN = r"""
machines:
  description: Each machine that is not excluded, whether it runs and should, what was done and why.
  returned: always
  type: list
  elements: dict
  sample:
    - name: hdv-rct1
      schedule: nuits-et-week-ends
      running: true
      should_run: false
      action: sleep
      why: arrêtée hors de ses heures
      until: "2026-11-25T06:00"
refused:
  description: Names of the machines whose guest would not go down.
  returned: always
  type: list
  elements: str
report:
  description: A line for each machine, then the figure, as people read them.
  returned: always
  type: list
  elements: str
figure:
  description: The share of the eligible machines whose hours are applied, its list, what is excluded and what is unknown.
  returned: always
  type: dict
  sample:
    id: F3
    value: 1.0
    target: 0.8
    numerator: 2
    denominator: 2
    source: Prism Central pc-hdv, grappe ntnx-hdv
    date: "2026-11-24T22:10"
    method: relevé
    eligible: [{name: hdv-rct1, schedule: nuits-et-week-ends, applied: true, why: ""}]
    excluded: [{name: hdv-dc1, why: en production}]
    unknown: []
    to_confirm: [hdv-rct1]
operations:
  description: The changes of power, in the form of those of C(prism_vms), by which the run can be taken back.
  returned: always
  type: list
  elements: dict
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("prism_power_hours")
