#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the copies in the repositories of Veeam Backup & Replication"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: veeam_copies
short_description: Read the copies in the repositories of Veeam Backup & Replication
description:
  - Reads repositories, jobs, sessions, backups and restore points by the REST API, and gives the copies of the protected
    sets in each store that Veeam feeds. A copy is a restore point; a job that says success without one is named.
  - A store whose repository does not answer, is off line or is absent is unknown.
  - Changes nothing in any mode, restores nothing.
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
  days:
    description: Days of restore points to read.
    type: int
    default: 45
  sizes:
    description: 'Read the size of restore points too: a read more a backup.'
    type: bool
    default: true
extends_documentation_fragment: [attributes.reads, options.veeam]
"""

EXAMPLES = r"""
- name: Lire les copies de Veeam
  veeam_copies:
    veeam: "{{ piste_veeam }}"
    declared: "{{ ansible_facts['piste_site'].protection }}"
"""

RETURN = r"""
readings:
  description: One entry a store that Veeam feeds; C(unknown) is the reason where it could not be read.
  returned: always
  type: list
  elements: dict
  sample:
    - store: sauvegarde
      read_at: "2026-11-28T06:00:00Z"
      unknown: null
      copies:
        - {set: hdv-sql1, store: sauvegarde, taken_at: "2026-11-27T21:00:00Z", size_bytes: 9000000000, state: complete}
warnings:
  description: Jobs that failed, or that say success without a restore point; repositories and objects that nobody declares.
  returned: always
  type: list
  elements: str
calls:
  description: Requests sent, as C(reads) and C(writes).
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("veeam_copies")
