#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the sites of Active Directory"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_sites
short_description: Declare the sites of Active Directory
description: Creates and changes sites of the forest and the links between them, known by name; a site that has controllers
  is never removed.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (ad_site), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the site; its identity.
        type: str
        required: true
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      links:
        description:
          - Links by which controllers of the site replicate with those of others, by name; null takes the site out of a link.
          - The keys are free; null takes an entry away.
          - C(sites) (list of str, required) Names of the other sites of the link.
          - C(cost) (int, default 100) Cost; the cheapest way is taken.
          - C(interval) (int, default 180) Minutes between two replications, a multiple of 15.
          - The system's own default is C({}).
        type: dict
extends_documentation_fragment: [attributes.converges, options.domain, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Donner au stade, qui a un contrôleur, un site à lui
  ad_sites:
    domain: "{{ piste_ad }}"
    owner: commune
    config:
      - name: Stade
        description: Stade municipal
        links:
          HDV-STADE: {sites: [Hotel-de-Ville], cost: 100, interval: 15}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: ad, owner: commune, kind: ad_site, key: Stade, label: Stade, action: create, fields: [name, links],
       before: '-', after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("ad_sites")
