#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the DNS zones and static records that nobody declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_orphans
short_description: List the DNS zones and static records that nobody declares
description: Primary zones, and static A, AAAA, PTR, CNAME and TXT records of the declared zones. Records of the domain itself
  and dynamic records are left out. Changes nothing in any mode.
author: Ville du Bourget
options:
  zones:
    description: Names of the declared zones.
    type: list
    required: true
    elements: str
  records:
    description: All the declared records, as C(zone/name/type).
    type: list
    required: true
    elements: str
  pointed:
    description: 'Names to which a declared reverse name points, as C(zone/name/A address): machines register them.'
    type: list
    elements: str
    default: []
extends_documentation_fragment: [attributes.reads, options.domain]
"""

EXAMPLES = r"""
- name: Relever les enregistrements que personne ne déclare
  dns_orphans:
    domain: "{{ piste_ad }}"
    zones: [ad.lebourget.example]
    records: [ad.lebourget.example/imp-jau-1/A]
"""

RETURN = r"""
orphans:
  description: One entry an orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: dns_record
      key: ad.lebourget.example/essai-prestataire/A
      why: "personne ne le déclare : 10.93.2.250"
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("dns_orphans")
