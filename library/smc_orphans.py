#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the objects of a Forcepoint SMC that nobody declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_orphans
short_description: List the objects of a Forcepoint SMC that nobody declares
description:
  - Elements and policies, and the rules in the declared policies; the system's own are left out.
  - Says of each element whether anything uses it. Changes nothing in any mode.
author: Ville du Bourget
options:
  elements:
    description: All elements that are declared, C(type/name) each.
    type: list
    required: true
    elements: str
  policies:
    description: All entries that are declared, of all owners, as C(config) of M(smc_policies).
    type: list
    required: true
    elements: dict
  installations:
    description: All entries that are declared, as C(config) of M(smc_installations).
    type: list
    required: true
    elements: dict
  engine_interfaces:
    description: 'All interfaces that are declared, C(number/type/name) each: C(0.150/fw_cluster/FW-Bourget).'
    type: list
    elements: str
    default: []
  engine_routes:
    description: All entries that are declared, as C(config) of M(smc_engine_routes).
    type: list
    elements: dict
    default: []
  log_servers:
    description: All entries that are declared, as C(config) of M(smc_log_servers).
    type: list
    elements: dict
    default: []
extends_documentation_fragment: [attributes.reads, options.smc]
"""

EXAMPLES = r"""
- name: Relever ce que personne ne déclare dans le pare-feu
  smc_orphans:
    smc: "{{ piste_smc }}"
    elements: [host/srv-dc1, network/net-jaures-utilisateurs]
    policies:
      - type: fw_policy
        scope: "section:Socle"
        name: VLB
        ipv4_access: []
"""

RETURN = r"""
orphans:
  description: One entry an orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: element
      key: host/ancien-serveur
      why: personne ne le déclare, et rien ne s’en sert
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("smc_orphans")
