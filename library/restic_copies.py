#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the copies that a repository of restic has"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: restic_copies
short_description: Read the copies that a repository of restic has
description:
  - Lists the snapshots of each set, whose tag is the name of the set. A repository that does not answer is unknown, with
    the reason, and never empty.
  - Changes nothing in any mode.
author: Ville du Bourget
options:
  restic:
    description: 'Repositories of restic, by the name of the store that each is: C(repository); C(password), path of its secret;
      C(environment), paths of the secrets of the variables that its store wants; C(source), folder where the share is mounted
      here, to compare with it.'
    type: dict
    default: {}
  store:
    description: Name of the store, as the declaration has it.
    type: str
    required: true
  sets:
    description: Names of the sets, each the tag of its snapshots.
    type: list
    required: true
    elements: str
  secrets:
    description: Values of the secret references, by path.
    type: dict
    default: {}
extends_documentation_fragment: [attributes.reads]
"""

EXAMPLES = r"""
- name: Lire les copies du dépôt restic
  restic_copies:
    store: depot-restic
    sets: [partages]
  register: restic_read
"""

RETURN = r"""
reading:
  description: The reading of the store, as C(piste backups) keeps it.
  returned: always
  type: dict
  sample: {store: depot-restic, read_at: "2026-11-28T08:00:00Z", copies: [], unknown: null}
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("restic_copies")
