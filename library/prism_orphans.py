#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the objects of Prism Central that nobody declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_orphans
short_description: List the objects of Prism Central that nobody declares
description:
  - Reads and changes nothing.
  - An object of another tool (I(apart)) is not an orphan.
author: Ville du Bourget
options:
  cluster:
    description: Cluster to which the objects belong, by its name.
    type: str
    required: true
  vms:
    description: Names of all the machines that are declared.
    type: list
    required: true
    elements: str
  subnets:
    description: Names of all the subnets that are declared.
    type: list
    required: true
    elements: str
  images:
    description: Names of all the images that are declared.
    type: list
    required: true
    elements: str
  categories:
    description: All the categories that are declared, C(key/value).
    type: list
    required: true
    elements: str
  affinity_policies:
    description: Names of all the affinity policies that are declared.
    type: list
    required: true
    elements: str
  protection_policies:
    description: Names of all the protection policies that are declared.
    type: list
    required: true
    elements: str
  recovery_plans:
    description: Names of all the recovery plans that are declared.
    type: list
    required: true
    elements: str
extends_documentation_fragment: [attributes.reads, options.prism, options.foreign]
"""

EXAMPLES = r"""
- name: Relever ce que personne ne déclare
  prism_orphans:
    prism: "{{ piste_prism }}"
    cluster: ntnx-hdv
    vms: [hdv-dc1, hdv-dc2]
    subnets: [serveurs]
    images: []
    categories: [Environnement/Production]
    affinity_policies: []
"""

RETURN = r"""
orphans:
  description: Undeclared objects, one entry each.
  returned: always
  type: list
  elements: dict
  sample:
    - {kind: vm, key: Copie de HDV-SQL1, why: personne ne le déclare}
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("prism_orphans")
