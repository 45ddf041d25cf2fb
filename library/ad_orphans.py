#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the objects of a directory that nobody declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_orphans
short_description: List the objects of a directory that nobody declares
description:
  - Units and groups under the town's place, policies and WMI filters. Objects that the domain was made with are left out.
    Changes nothing in any mode.
  - Gives the defects of each such policy, the folders of SYSVOL without a policy, and the links to policies that no longer
    exist.
author: Ville du Bourget
options:
  base:
    description: 'Place of the owner, as a path from the domain''s root: C(Ville/Ecoles/ecole-jaures), C(/) for the whole
      domain. Objects elsewhere are neither read nor changed.'
    type: str
    default: /
  units:
    description: Paths of all the declared units.
    type: list
    required: true
    elements: str
  groups:
    description: Names of all the declared groups.
    type: list
    required: true
    elements: str
  wmi_filters:
    description: Names of all the declared WMI filters.
    type: list
    required: true
    elements: str
  gpos:
    description: Names of all the declared policies.
    type: list
    required: true
    elements: str
  links:
    description: All the declared links, as C(config) of M(ad_gpo_links).
    type: list
    required: true
    elements: dict
  kept_links:
    description: Links kept as found, by place.
    type: dict
  sites:
    description: Names of all the declared sites of the forest.
    type: list
    elements: str
  subnets:
    description: Prefixes of all the declared subnets of the forest.
    type: list
    elements: str
  dhcp_servers:
    description: Whole names of all the declared DHCP servers.
    type: list
    elements: str
extends_documentation_fragment: [attributes.reads, options.domain]
"""

EXAMPLES = r"""
- name: Relever ce que personne ne déclare
  ad_orphans:
    domain: "{{ piste_ad }}"
    base: Ville
    units: [Ville, Ville/Ecoles]
    groups: [GG-ecole-jaures]
    wmi_filters: [Portables]
    gpos: [Socle Ecoles]
"""

RETURN = r"""
orphans:
  description: One entry an orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: group
      key: GG-Essai-prestataire
      why: personne ne le déclare
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("ad_orphans")
