#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Write what was read of systems, a file a kind"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_files
short_description: Write what was read of systems, a file a kind
description:
  - Writes in the worker of the task, where C(ansible.builtin.copy) starts two processes a file. Files are private (0600),
    each replaced whole and only where it differs; a name that leaves the folder is refused.
  - YAML is that of a declaration; text that Jinja would evaluate has its mark C(!unsafe).
author: Ville du Bourget
options:
  folder:
    description: Folder of the files, made where it is missing, for its owner alone.
    type: path
    required: true
  kinds:
    description: 'What was read, by kind: a file a kind, named after it.'
    type: dict
  files:
    description: 'Contents of other files, by name: a text as it is, another value as YAML, or as JSON where the name ends
      so.'
    type: dict
  keep:
    description: Leave a file that is already there.
    type: bool
    default: false
extends_documentation_fragment: [attributes.writes]
"""

EXAMPLES = r"""
- name: Écrire ce qui a été lu, un fichier par genre
  piste_files:
    folder: /srv/export/printing
    kinds: "{{ printing_read.gathered }}"

- name: Écrire le relevé des équipements
  piste_files:
    folder: /srv/export/network
    files:
      places.yml: {places: "{{ places_read.places }}"}
"""

RETURN = r"""
written:
  description: Names of the files that were written, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [print_queues.yml]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_files")
