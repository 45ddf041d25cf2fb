#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the computer accounts of an Active Directory domain"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_computers
short_description: List the computer accounts of an Active Directory domain
description:
  - Reads and changes nothing.
  - Gives the name, the unit, the system and the day of the last sign-in of each computer. No account of a person is read.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.domain]
"""

EXAMPLES = r"""
- name: Relever les comptes d’ordinateurs
  ad_computers:
    domain: "{{ piste_ad }}"
"""

RETURN = r"""
gathered:
  description: One entry a computer account, by name.
  returned: always
  type: list
  elements: dict
  sample:
    - name: pc-jau-001
      unit: OU=Postes,OU=ecole-jaures,DC=ad,DC=lebourget,DC=example
      enabled: true
      system: Windows 11 Pro
      version: 10.0 (22631)
      last_seen: "2026-11-20"
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("ad_computers")
