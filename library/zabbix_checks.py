#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_checks
short_description: Check the access to Zabbix
description:
  - Reads and changes nothing; a fault is a finding, never a failure.
  - Checks that it answers in the branch that Piste knows, its account, its role, and the versions of the templates in use.
author: Ville du Bourget
options:
  supervision:
    description: What the town declares of its supervision.
    type: dict
    default: {}
extends_documentation_fragment: [attributes.reads, options.zabbix]
"""

EXAMPLES = r"""
- name: Contrôler l’accès à Zabbix
  zabbix_checks:
    zabbix: "{{ piste_zabbix }}"
    supervision: "{{ supervision }}"
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: zabbix.account
      state: ok
      what: le jeton est celui de svc-piste, qui peut tout écrire
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where Zabbix has an address
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("zabbix_checks")
