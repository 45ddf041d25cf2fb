#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Note the runs of Piste as changes in GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_changes
short_description: Note the runs of Piste as changes in GLPI
description:
  - Creates a change for each run that has none, known by the id of the run; it is never noted twice.
  - A run that answers a change asked in GLPI is a follow-up of it.
  - Names and kinds of objects alone travel, never a value.
author: Ville du Bourget
options:
  runs:
    description: Runs to note, as M(piste_runs) gives them.
    type: list
    required: true
    elements: dict
    suboptions:
      id:
        description: Id of the run.
        type: str
        required: true
      started:
        description: When it began.
        type: str
      commit:
        description: Commit of the declaration.
        type: str
      plan:
        description: Saved plan that it applied.
        type: str
      outcome:
        description: How it ended.
        type: str
      said:
        description: 'Text of what is no run, as the report of a month: it takes the place of the rest.'
        type: str
      clean:
        description: Whether the declaration was committed whole.
        type: bool
        default: false
      change:
        description: Number of the change in GLPI that it answers.
        type: int
      documents:
        description: Files to attach to its change, by the legacy API.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: 'Name of the document: it decides whether it is filed.'
            type: str
            required: true
          path:
            description: Where the file is, a PDF.
            type: str
            required: true
      objects:
        description: Objects that it touched.
        type: list
        elements: dict
        default: []
        suboptions:
          owner:
            description: Its owner.
            type: str
            required: true
          kind:
            description: Its kind.
            type: str
            required: true
          label:
            description: Its name.
            type: str
            required: true
          action:
            description: What was done.
            type: str
            required: true
  timezone:
    description: 'Time zone of GLPI, as C(Europe/Paris): it shows dates by its own clock.'
    type: str
    required: true
extends_documentation_fragment: [attributes.converges, options.glpi]
"""

EXAMPLES = r"""
- name: Noter les exécutions qui manquent
  glpi_changes:
    glpi: "{{ piste_glpi }}"
    runs: "{{ changes_read.runs }}"
"""

RETURN = r"""
noted:
  description: Ids of the runs that were noted, or would be.
  returned: always
  type: list
  elements: str
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_changes")
