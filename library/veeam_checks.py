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
  veeam:
    description: Where Veeam Backup & Replication listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      base_url:
        description: Its address, C(https://veeam.example:9419).
        type: str
        required: true
      api_version:
        description: Revision of the API, in each request.
        type: str
        choices: [1.1-rev0, 1.1-rev1, 1.1-rev2, 1.2-rev0, 1.2-rev1, 1.3-rev0, 1.3-rev1, 1.3-rev2]
        default: 1.2-rev1
      username:
        description: Account, which reads and has no other right.
        type: str
      password:
        description: Password of the account, secret.
        type: str
        default: ''
      ca_file:
        description: Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description: Proxy, C(http://host:port).
        type: str
      no_proxy:
        description: Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description: Seconds for which an answer is waited for.
        type: float
        default: 60
      repositories:
        description: By store of the declaration, the names of its repositories; by default the repository of its name.
        type: dict
      objects:
        description: By name of an object of Veeam, the protected set, where the names differ.
        type: dict
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
