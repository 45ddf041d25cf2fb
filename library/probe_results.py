#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Judge what a station saw at a place of a site"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: probe_results
short_description: Judge what a station saw at a place of a site
description:
  - Compares the answers of a station to the declaration, and keeps the results with their evidence (C(.piste/probes)).
  - What was not answered is unknown, never conform. A fault is a finding, never a failure.
author: Ville du Bourget
options:
  environment:
    description: Environment, whose declaration counts.
    type: str
    required: true
  site:
    description: Name of the site.
    type: str
    required: true
  place:
    description: A segment of the site, by wire, or an SSID.
    type: str
    required: true
  internet:
    description: Address of the Internet to reach.
    type: str
    default: 1.1.1.1
  rate:
    description: Address of an iperf3 server to measure the rate to.
    type: str
  accounts:
    description: 'Test accounts of 802.1X, by name: C(identity), C(policy) that must admit it, and as references of secrets
      C(password), or C(certificate) and C(key).'
    type: dict
  ca_file:
    description: File of the authority of the RADIUS servers (PEM).
    type: path
  secrets:
    description: Values of the environment's secrets, by path.
    type: dict
  status:
    description: Exit code of the command.
    type: int
    required: true
  output:
    description: Standard output of the command.
    type: str
    required: true
  errors:
    description: Its error output.
    type: str
    default: ''
  here:
    description: Whether the station is the machine that runs the playbook.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Judges the same, keeps nothing.
"""

EXAMPLES = r"""
- name: Juger
  probe_results:
    site: ecole-jaures
    place: utilisateurs
    status: "{{ said.rc }}"
    output: "{{ said.stdout }}"
    errors: "{{ said.stderr }}"
"""

RETURN = r"""
verdict:
  description: The gravest verdict, C(conform), C(wrong), C(unknown) or C(untested).
  returned: always
  type: str
findings:
  description: One entry a trial that is not conform.
  returned: always
  type: list
  elements: dict
  sample:
    - id: probe.utilisateurs.lease
      state: wrong
      what: "utilisateurs : Bail DHCP : aucune offre"
      todo: "Attendu : une adresse de 10.93.41.50 à 10.93.41.239, avec ses options."
record:
  description: File of the results, empty in check mode.
  returned: always
  type: str
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("probe_results")
