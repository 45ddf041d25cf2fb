#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the local administrators of a Windows server, and remove those who leave"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: win_administrators
short_description: List the local administrators of a Windows server, and remove those who leave
description:
  - Lists the members of the server's Administrators group, by its well-known SID, over WinRM; takes those who leave out of
    it only where C(remove) is true, then reads again. Their accounts stay.
  - The last member is never removed, even where it leaves.
author: Ville du Bourget
options:
  server:
    description: Name of the server.
    type: str
    required: true
extends_documentation_fragment: [attributes.removes_accounts, options.winrm, options.administrators]
"""

EXAMPLES = r"""
- name: Relever les administrateurs du prestataire sortant
  win_administrators:
    winrm: "{{ piste_winrm }}"
    server: hdv-nps1
    outgoing: ["*prestataire*"]
"""

RETURN = r"""
extends_documentation_fragment: [results.administrators, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("win_administrators")
