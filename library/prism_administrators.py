#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the accounts of Prism Central, and deactivate those that leave"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_administrators
short_description: List the accounts of Prism Central, and deactivate those that leave
description:
  - Lists the active accounts that Prism Central keeps itself, service accounts included; makes those that leave inactive
    only where C(remove) is true, then reads again. Accounts of a directory leave with it.
  - The built-in administrator is never deactivated where it is the last.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.removes_accounts, options.prism, options.administrators]
"""

EXAMPLES = r"""
- name: Relever les administrateurs du prestataire sortant
  prism_administrators:
    prism: "{{ piste_prism }}"
    outgoing: ["*prestataire*"]
"""

RETURN = r"""
extends_documentation_fragment: [results.administrators, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("prism_administrators")
