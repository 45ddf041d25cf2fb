#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the runs of the journal that have written"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_runs
short_description: Read the runs of the journal that have written
description: Gives the id, the commit and the objects of each run, by name; no value, no secret.
author: Ville du Bourget
options:
  environment:
    description: Environment of the runs, C(production).
    type: str
    required: true
  last:
    description: Newest runs to look at.
    type: int
    default: 200
extends_documentation_fragment: [attributes.reads]
"""

EXAMPLES = r"""
- name: Lire les exécutions au journal
  piste_runs:
    environment: production
"""

RETURN = r"""
runs:
  description: Runs, oldest first.
  returned: always
  type: list
  elements: dict
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_runs")
