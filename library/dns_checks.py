#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the DNS of an Active Directory domain"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_checks
short_description: Check the DNS of an Active Directory domain
description:
  - Reads the zones that the directory keeps, and judges who may create names there, the names that computers look for by
    themselves, dynamic updates and aging. Gives the conditional forwarders.
  - A fault is a finding, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  winrm:
    required: false
  servers:
    description: Names of the DNS servers, which are controllers of the domain.
    type: list
    elements: str
    default: []
  forwarders:
    description: Declared addresses to which each sends what it does not know; any where left out.
    type: list
    elements: str
  update_account:
    description: Declared account by which the DHCP servers register names; any by default.
    type: str
extends_documentation_fragment: [attributes.reads, options.domain, options.winrm]
"""

EXAMPLES = r"""
- name: Contrôler le DNS du domaine
  dns_checks:
    domain: "{{ piste_ad }}"
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: dns.creators
      state: ok
      what: seuls des comptes choisis peuvent créer des noms
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where a controller is given
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("dns_checks")
