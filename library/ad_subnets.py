#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the subnets of the sites of Active Directory"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_subnets
short_description: Declare the subnets of the sites of Active Directory
description: Creates, changes and removes subnets of the forest, known by their prefix; each names the site of its nearest
  controllers.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (ad_subnet), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      subnet:
        description: Prefix, C(10.93.64.0/24); its identity.
        type: str
        required: true
      site:
        description:
          - Site whose controllers are the nearest; null for none.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
extends_documentation_fragment: [attributes.converges, options.domain, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Dire aux postes de l’école où sont leurs contrôleurs
  ad_subnets:
    domain: "{{ piste_ad }}"
    owner: ecole-jaures
    config:
      - subnet: 10.93.64.0/24
        site: Hotel-de-Ville
        description: École Jean Jaurès, utilisateurs
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: ad, owner: ecole-jaures, kind: ad_subnet, key: 10.93.64.0/24, label: 10.93.64.0/24, action: update, fields: [site],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("ad_subnets")
