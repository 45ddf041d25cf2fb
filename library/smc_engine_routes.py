#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Manage the static routes of Forcepoint engines"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_engine_routes
short_description: Manage the static routes of Forcepoint engines
description:
  - Brings the static routes of an engine to what is declared, by destination; other routes stay.
  - A new route is written before an old route is removed.
  - The SMC derives antispoofing from interfaces and routes. Nothing acts before a policy is installed on the engine.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (engine_routes), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      engine:
        description: 'Engine, C(type/name): C(fw_cluster/FW-Bourget).'
        type: str
        required: true
      routes:
        description:
          - Static routes by destination, C(10.93.0.0/16), each with its gateways; null takes a route away.
          - The keys are free; null takes an entry away.
          - C(via) (list of str, required) Gateways, each on a network of an interface.
        type: dict
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, gathered]
    default: merged
extends_documentation_fragment: [attributes.converges, options.smc, options.task, options.kind]
"""

EXAMPLES = r"""
- name: Rendre au cœur du réseau ce qui vient d’ailleurs
  smc_engine_routes:
    smc: "{{ piste_smc }}"
    owner: commune
    config:
      - engine: fw_cluster/FW-Bourget
        routes:
          10.93.0.0/16: {via: [10.93.240.1]}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: smc, owner: commune, kind: engine_routes, key: fw_cluster/FW-Bourget, label: routes de FW-Bourget,
       action: update, fields: [routes], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("smc_engine_routes")
