#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the accounts of a domain that leave, and disable them"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_administrators
short_description: List the accounts of a domain that leave, and disable them
description:
  - Lists the enabled accounts that are in charge of the domain (Domain Admins, at any depth) and those that leave; disables
    those that leave only where C(remove) is true, then reads again. Nothing is deleted.
  - The last administrator of the domain is never disabled; its owner does not matter.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.removes_accounts, options.domain, options.administrators]
"""

EXAMPLES = r"""
- name: Relever les administrateurs du prestataire sortant
  ad_administrators:
    domain: "{{ piste_ad }}"
    outgoing: ["*prestataire*"]
"""

RETURN = r"""
extends_documentation_fragment: [results.administrators, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("ad_administrators")
