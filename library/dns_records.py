#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the static DNS records that the directory keeps"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_records
short_description: Declare the static DNS records that the directory keeps
description: Creates, changes and removes static records, known by zone, name and type. Dynamic records, SOA, NS, SRV and
  the names of controllers are never touched; the record of somebody else asks for a word.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (dns_record), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      zone:
        description: Zone of the record.
        type: str
        required: true
      name:
        description: Name in its zone; C(@) is the zone itself.
        type: str
        required: true
      type:
        description: Type of the record.
        type: str
        required: true
        choices: [A, AAAA, PTR, CNAME, TXT]
      values:
        description:
          - 'All the values of the record: addresses (C(A), C(AAAA)), a full name (C(PTR), C(CNAME)), texts (C(TXT)).'
          - The order has no meaning.
        type: list
        elements: str
      ttl:
        description:
          - Seconds for which resolvers may keep it.
          - The system's own default is C(3600).
        type: int
extends_documentation_fragment: [attributes.converges, options.domain, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Nommer une imprimante
  dns_records:
    domain: "{{ piste_ad }}"
    owner: ecole-jaures
    config:
      - zone: ad.lebourget.example
        name: imp-jau-1
        type: A
        values: [10.93.66.20]
        ttl: 3600
      - zone: 93.10.in-addr.arpa
        name: "20.66"
        type: PTR
        values: [imp-jau-1.ad.lebourget.example]
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: dns, owner: ecole-jaures, kind: dns_record, key: ad.lebourget.example/imp-jau-1/A, label: ad.lebourget.example/imp-jau-1/A, action: update, fields: [values],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("dns_records")
