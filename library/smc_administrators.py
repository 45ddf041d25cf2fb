#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the administrators of an SMC, and remove those who leave"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_administrators
short_description: List the administrators of an SMC, and remove those who leave
description: Lists in any mode; removes only where C(remove) is true, then reads again. The last account that can do everything
  is never removed; its owner does not matter.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.removes_accounts, options.smc, options.administrators]
"""

EXAMPLES = r"""
- name: Relever les administrateurs du prestataire sortant
  smc_administrators:
    smc: "{{ piste_smc }}"
    outgoing: ["*prestataire*"]
"""

RETURN = r"""
extends_documentation_fragment: [results.administrators, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("smc_administrators")
