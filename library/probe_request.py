#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Prepare the trials of a place of a site"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: probe_request
short_description: Prepare the trials of a place of a site
description:
  - Derives from the declaration what a computer at a place must see, and must not, as a program and its input for a station.
  - The input has the values of secrets and is given to the standard input of the command, never to its arguments.
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
  wired:
    description: Interface of the station for a port.
    type: str
  wifi:
    description: Interface of the station for an SSID.
    type: str
  isolate:
    description: Whether the interface goes into a namespace of its own.
    type: bool
    default: true
attributes:
  check_mode:
    support: full
    description: Prepares the same.
"""

EXAMPLES = r"""
- name: Préparer les essais du segment des agents
  probe_request:
    site: ecole-jaures
    place: utilisateurs
    wired: eth0
  register: prepared
  no_log: true
"""

RETURN = r"""
argv:
  description: Command to run on the station, by root.
  returned: always
  type: list
  elements: str
input:
  description: Standard input of the command, in Base64.
  returned: always
  type: str
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("probe_request")
