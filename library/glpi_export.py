#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Export GLPI whole, with reconciled counts"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_export
short_description: Export GLPI whole, with reconciled counts
description:
  - Writes a file of JSON and a table for each type of item, and their counts.
  - Persons and contents stay out unless asked for.
author: Ville du Bourget
options:
  folder:
    description: Folder of the files, an absolute path.
    type: str
    required: true
  persons:
    description: Include names of persons and contents of tickets.
    type: bool
    default: false
extends_documentation_fragment: [attributes.converges, options.glpi]
"""

EXAMPLES = r"""
- name: Exporter GLPI
  glpi_export:
    glpi: "{{ piste_glpi }}"
    folder: /srv/exports/glpi
"""

RETURN = r"""
counts:
  description: For each type, the announced, read and written numbers.
  returned: always
  type: list
  elements: dict
reconciled:
  description: Whether each file has what was read.
  returned: always
  type: bool
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_export")
