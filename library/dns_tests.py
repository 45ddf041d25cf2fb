#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Ask the domain's name servers for the names that a site needs"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_tests
short_description: Ask the domain's name servers for the names that a site needs
description:
  - Asks each name server for the domain controllers of the domain, and for the address of each server that the site needs,
    by real DNS queries.
  - A fault is a finding, never a failure. Nothing is written anywhere.
author: Ville du Bourget
options:
  servers:
    description: Names of the domain's name servers, among C(names).
    type: list
    required: true
    elements: str
  elsewhere:
    description: By name, another C(address) and C(port) of a name server than that of C(names) and 53.
    type: dict
    default: {}
  domain:
    description: Domain of the names.
    type: str
    required: true
  names:
    description: Addresses that must be found, by name, without the domain.
    type: dict
    required: true
  records:
    description: 'Records that must be found: C(zone), C(name), C(type), C(values).'
    type: list
    elements: dict
    default: []
attributes:
  check_mode:
    support: full
    description: Asks the same.
"""

EXAMPLES = r"""
- name: Résoudre les serveurs dont l’école a besoin
  dns_tests:
    servers: [hdv-dc1, hdv-dc2]
    domain: ad.lebourget.example
    names: "{{ ansible_facts['piste_site'].relies_on }}"
"""

RETURN = r"""
findings:
  description: Two entries a server, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: dns.hdv-dc1.servers
      state: ok
      what: "hdv-dc1 résout les serveurs du site : 5 noms, chacun à son adresse"
      todo: ""
trials:
  description: The tests, each with its C(title), C(expected) and C(observed).
  returned: always
  type: list
  elements: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("dns_tests")
