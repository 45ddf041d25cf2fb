#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Refuse to go on where what follows would leave no trace"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_trace
short_description: Refuse to go on where what follows would leave no trace
description:
  - Begins a play whose tasks of Ansible's own modules write on machines. Without a record it fails, as each module of Piste
    that writes does, unless C(piste_without_journal) says who decides so and why.
  - The record then names each task of the run that has changed something, whatever its module.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.writes]
"""

EXAMPLES = r"""
- name: Refuser d’écrire sans trace au journal
  piste_trace:
"""

RETURN = r"""
recorded:
  description: Whether the run has a record.
  returned: success
  type: bool
  sample: true
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_trace")
