#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the accounts of Zabbix, and shut those that leave"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_administrators
short_description: List the accounts of Zabbix, and shut those that leave
description:
  - Lists every account with its role; where C(remove) is true, adds those that leave to the group of users that Zabbix delivers
    disabled, then reads again. Their other groups stay.
  - The last super administrator is never shut. Zabbix tells no sign-in, only the last use of a token of its API.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.removes_accounts, options.zabbix, options.administrators]
"""

EXAMPLES = r"""
- name: Relever les administrateurs du prestataire sortant
  zabbix_administrators:
    zabbix: "{{ piste_zabbix }}"
    outgoing: ["*prestataire*"]
"""

RETURN = r"""
extends_documentation_fragment: [results.administrators, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_administrators")
