#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to Windows servers by WinRM"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: winrm_checks
short_description: Check the access to Windows servers by WinRM
description:
  - Checks that each server answers over verified TLS and accepts the account, that the account is an administrator there,
    and that the print server can be set. Gives the end of its certificate and the difference between the clocks.
  - A fault is a finding, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  servers:
    description: Names of the servers reached by WinRM.
    type: list
    required: true
    elements: str
  print_server:
    description: Name of the print server, if any.
    type: str
extends_documentation_fragment: [options.winrm]
"""

EXAMPLES = r"""
- name: Contrôler l’accès aux serveurs Windows
  winrm_checks:
    winrm: "{{ piste_winrm }}"
    servers: [hdv-nps1, hdv-nps2]
    print_server: hdv-imp1
"""

RETURN = r"""
findings:
  description: One entry a check and server, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: winrm.account
      state: ok
      what: "hdv-nps1 : « svc-piste » y est administrateur"
      todo: ""
extends_documentation_fragment: [results.snippets]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("winrm_checks")
