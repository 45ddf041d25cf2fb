#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the administrators of a Meraki organization, and remove those who leave"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_administrators
short_description: List the administrators of a Meraki organization, and remove those who leave
description: Lists in any mode; removes only where C(remove) is true, then reads again. The last account that can do everything
  is never removed; its owner does not matter.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.removes_accounts, options.meraki, options.administrators]
"""

EXAMPLES = r"""
- name: Relever les administrateurs du prestataire sortant
  meraki_administrators:
    dashboard: "{{ piste_meraki }}"
    outgoing: ["*prestataire*"]
"""

RETURN = r"""
extends_documentation_fragment: [results.administrators, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_administrators")
