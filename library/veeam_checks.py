#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check that Veeam Backup & Replication can be read"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: veeam_checks
short_description: Check that Veeam Backup & Replication can be read
description:
  - Checks that the server answers, its certificate, the account, the revision of its API, what the account may read, and
    that each declared store has its repositories.
  - Changes nothing in any mode.
author: Ville du Bourget
options:
  declared:
    description: Protection of the town, as C(piste_site) gives it (C(protection)).
    type: dict
    required: true
extends_documentation_fragment: [attributes.reads, options.veeam]
"""

EXAMPLES = r"""
- name: Contrôler l’accès à Veeam
  veeam_checks:
    veeam: "{{ piste_veeam }}"
    declared: "{{ ansible_facts['piste_site'].protection }}"
"""

RETURN = r"""
findings:
  description: What was checked; C(state) is ok, wrong or unknown.
  returned: always
  type: list
  elements: dict
calls:
  description: Requests sent, as C(reads) and C(writes).
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("veeam_checks")
