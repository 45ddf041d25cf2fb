#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare where group policies apply, and in which order"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_gpo_links
short_description: Declare where group policies apply, and in which order
description:
  - Links policies to organizational units and to the domain's root, in the order that the console shows.
  - Links that the declaration does not name stay in their place.
author: Ville du Bourget
options:
  base:
    description: 'Place of the owner, as a path from the domain''s root: C(Ville/Ecoles/ecole-jaures), C(/) for the whole
      domain. Objects elsewhere are neither read nor changed.'
    type: str
    default: /
  apart:
    description: Places beneath C(base) that belong to other owners, with all their contents.
    type: list
    elements: str
    default: []
  config:
    description: 'Objects of the kind (gpo_links), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      target:
        description: 'Where the policies apply: path of an organizational unit, or C(/) for the whole domain.'
        type: str
        required: true
      block_inheritance:
        description:
          - Whether policies from above stop here, those that are enforced excepted.
          - The system's own default is C(false).
        type: bool
      links:
        description:
          - The links, by name of policy; null takes one away. Those that are not named stay in their place, unless the state
            is C(replaced) or C(overridden); links to policies that do not exist any more always stay, unless named by GUID.
          - The keys are free; null takes an entry away.
          - C(enforced) (bool, default false) Whether it holds against what is below.
          - C(enabled) (bool, default true) Whether it acts at all.
          - The system's own default is C({}).
        type: dict
      order:
        description: 'Names of policies in the order that the console shows: the first wins over the next. Links that are
          not named here keep their place; without it a new link comes last.'
        type: list
        elements: str
extends_documentation_fragment: [attributes.converges, options.domain, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Lier les stratégies des écoles
  ad_gpo_links:
    domain: "{{ piste_ad }}"
    owner: commune
    config:
      - target: Ville/Ecoles
        links:
          Socle Ecoles: {enforced: true}
          Sobriété Ecoles: {}
        order: [Socle Ecoles, Sobriété Ecoles]
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: ad, owner: commune, kind: gpo_links, key: Ville/Ecoles, label: Ville/Ecoles, action: update, fields: [links],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("ad_gpo_links")
