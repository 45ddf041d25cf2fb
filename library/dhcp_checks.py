#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the DHCP servers of the town"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dhcp_checks
short_description: Check the DHCP servers of the town
description:
  - Checks that each server answers, has the role, runs its service and has free addresses, that the first two have the same
    scopes, and that the directory authorises these servers and no other.
  - A fault is a finding, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  servers:
    description: Names of the DHCP servers, the first of a relation first.
    type: list
    required: true
    elements: str
  failover:
    description: Declared terms of the relation of the first two; none by default.
    type: dict
  update_account:
    description: Declared account of the DNS updates of the servers; any by default.
    type: str
extends_documentation_fragment: [attributes.reads, options.domain, options.winrm]
"""

EXAMPLES = r"""
- name: Contrôler les serveurs DHCP
  dhcp_checks:
    winrm: "{{ piste_winrm }}"
    domain: "{{ piste_ad }}"
    servers: [hdv-dc1, hdv-dc2]
    failover: {mode: load_balance, share: 50}
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: dhcp.relation
      state: ok
      what: hdv-dc1 et hdv-dc2 ont les mêmes étendues, et se les reprennent
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where an access is given
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("dhcp_checks")
