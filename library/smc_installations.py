#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Install Forcepoint policies on their engines"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_installations
short_description: Install Forcepoint policies on their engines
description:
  - Installs a policy on an engine only where something is pending or where another policy runs, and follows it to its end.
  - Refuses as long as the SMC does not hold exactly what I(policies) says of the policy, or where this run has not written
    all of the policy.
author: Ville du Bourget
options:
  policies:
    description: 'What the installed policies must be, as C(config) of M(smc_policies): an installation is refused as long
      as the SMC holds anything else, or rules of Piste''s that none of it declares. Rules of others in it ask for a word.'
    type: list
    elements: dict
    default: []
  preserve_connections:
    description: Whether what is open stays open.
    type: bool
    default: true
  snapshot:
    description: Whether the SMC keeps what it installed.
    type: bool
    default: true
  time_limit:
    description: Seconds after which an installation that has no end is aborted.
    type: float
    default: 900
  config:
    description: 'Objects of the kind (installation), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      engine:
        description: 'Engine, C(type/name): C(fw_cluster/FW-Bourget).'
        type: str
        required: true
      policy:
        description:
          - Policy that runs on it, C(fw_policy/name).
          - Null is a value here, an absent key declares nothing.
        type: str
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, gathered]
    default: merged
attributes:
  check_mode:
    support: full
    description: Says what would be installed; never installs.
  diff_mode:
    support: full
    description: Shows each object that changes, before and after, as YAML.
extends_documentation_fragment: [options.smc, options.task, options.kind]
"""

EXAMPLES = r"""
- name: Installer la politique de la ville
  smc_installations:
    smc: "{{ piste_smc }}"
    owner: commune
    policies: "{{ firewall_policies }}"
    config:
      - engine: fw_cluster/FW-Bourget
        policy: fw_policy/VLB
  tags: [installation]
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: smc, owner: commune, kind: installation, key: fw_cluster/FW-Bourget, label: fw_cluster/FW-Bourget, action: update,
       fields: [pending], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("smc_installations")
