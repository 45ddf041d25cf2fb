#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List print queues that no site declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: win_print_orphans
short_description: List print queues that no site declares
description: Lists the shared queues of a print server that are not declared. Changes nothing in any mode.
author: Ville du Bourget
options:
  server:
    description: Name of the print server.
    type: str
    required: true
  queues:
    description: Names of all the declared queues.
    type: list
    required: true
    elements: str
extends_documentation_fragment: [options.winrm]
"""

EXAMPLES = r"""
- name: Relever les files que personne ne déclare
  win_print_orphans:
    winrm: "{{ piste_winrm }}"
    server: hdv-imp1
    queues: [imp-jau-01, imp-jau-02]
"""

RETURN = r"""
orphans:
  description: One entry an orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: print_queue
      key: imp-ancienne
      why: partagée, et personne ne la déclare
extends_documentation_fragment: [results.snippets]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("win_print_orphans")
