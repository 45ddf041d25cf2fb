#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the DNS zones that the directory keeps"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_zones
short_description: Declare the DNS zones that the directory keeps
description: Creates missing zones in the domain's partition, known by name; a zone that exists keeps its settings, and none
  is removed.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (dns_zone), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the zone, C(ad.lebourget.example), C(93.10.in-addr.arpa); its identity.
        type: str
        required: true
      updates:
        description:
          - 'Dynamic updates that a new zone accepts: of C(none), of accounts of the domain (C(secure)), of C(any). An existing
            zone keeps its own.'
          - Taken into account at creation only.
          - The system's own default is C(secure).
        type: str
        choices: [none, any, secure]
      creators:
        description:
          - 'Accounts that may create names in a new zone, besides the computers of the domain: that of the dynamic updates
            of the DHCP servers, C(DOMAIN\\name) or C(name). An existing zone keeps its own.'
          - The order has no meaning.
          - Taken into account at creation only.
          - The system's own default is C([]).
        type: list
        elements: str
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, replaced, gathered]
    default: merged
extends_documentation_fragment: [attributes.converges, options.domain, options.task, options.kind]
"""

EXAMPLES = r"""
- name: Avoir la zone inverse des adresses de la Ville
  dns_zones:
    domain: "{{ piste_ad }}"
    owner: commune
    config:
      - name: 93.10.in-addr.arpa
        updates: secure
        creators: ['LEBOURGET\svc-dhcp']
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: dns, owner: commune, kind: dns_zone, key: 93.10.in-addr.arpa, label: 93.10.in-addr.arpa, action: create, fields: [name, updates, creators],
       before: '-', after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("dns_zones")
