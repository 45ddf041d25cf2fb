#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Count what a print server printed, by queue and day"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: win_print_accounting
short_description: Count what a print server printed, by queue and day
description:
  - Reads the event log of the print service after a record, and counts jobs, pages and colour by queue and day. The counting
    is done on the server; no name of a person, of a document or of a computer leaves it.
  - The log gives neither the sides of a job nor its paper, and its copies only where the server renders it.
  - Changes nothing in any mode.
author: Ville du Bourget
options:
  server:
    description: Name of the print server.
    type: str
    required: true
  queues:
    description: Declared queues; others count without name, unless shared.
    type: list
    elements: str
  after:
    description: Record of the log after which to count; 0 counts the whole log.
    type: int
    default: 0
  after_at:
    description: Moment of this record; another one says that the log was cleared.
    type: str
extends_documentation_fragment: [attributes.reads, options.winrm]
"""

EXAMPLES = r"""
- name: Compter ce que les files ont imprimé
  win_print_accounting:
    winrm: "{{ piste_winrm }}"
    server: hdv-imp1
    queues: [imp-jau-01, imp-jau-02]
"""

RETURN = r"""
accounting:
  description: The state of the log, C(last) record counted, and C(days), one entry a queue and day.
  returned: always
  type: dict
  sample:
    server: hdv-imp1
    enabled: true
    after: 0
    last: 1204
    complete: true
    days:
      - {day: "2026-11-02", queue: imp-jau-01, jobs: 12, pages: 40, copied: 12, mono: 9, color: 3}
findings:
  description: A log that is off, too small, or that stops when it is full.
  returned: always
  type: list
  elements: dict
extends_documentation_fragment: [results.snippets]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("win_print_accounting")
