#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare what print queues do by default"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: win_print_queues
short_description: Declare what print queues do by default
description:
  - Sets the sides and the colour by default of print queues, where they are and what people are told of them, on
    one print server, over WinRM. Queues are made and removed there, with their drivers and ports, and never by
    this module: a declared queue that does not exist is refused, with all others, before anything is written.
  - All the queues of a task are read in one call, written in one, and read again.
author: Ville du Bourget
options: {}
"""

EXAMPLES = r"""
- name: Imprimer recto verso en noir et blanc
  win_print_queues:
    winrm: "{{ piste_winrm }}"
    server: hdv-imp1
    owner: ecole-jaures
    prefix: imp-jau-
    config:
      - {name: imp-jau-01, duplexing: long_edge, color: false, location: Salle des maîtres}
"""

RETURN = r"""
operations:
  description: What changed (or would), in order, one entry an object.
  returned: always
  type: list
  elements: dict
  sample:
    - system: print
      owner: ecole-jaures
      kind: print_queue
      key: imp-jau-01
      label: imp-jau-01
      action: update
      fields: [duplexing, color]
      before: 1f0c6c7ef8a2d931
      after: 8b7df143d91c716e
summary:
  description: The same, one readable line each.
  returned: always
  type: list
  elements: str
withheld:
  description: What was not done for want of a confirmation.
  returned: always
  type: list
  elements: str
gathered:
  description: What is there, in the form of C(config).
  returned: when I(state=gathered)
  type: list
  elements: dict
calls:
  description: Snippets run, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("win_print_queues")
