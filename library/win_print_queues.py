#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the default settings of print queues"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: win_print_queues
short_description: Declare the default settings of print queues
description:
  - Sets the default sides and colour of print queues, their place and the comment that people see, on one print server, over
    WinRM. Queues are made and removed there, with their drivers and ports, and never by this module; a declared queue that
    does not exist is refused, with all others, before anything is written.
  - All the queues of a task are read in one call, written in another, and read again.
author: Ville du Bourget
options:
  server:
    description: Name of the print server.
    type: str
    required: true
  prefix:
    description: 'Beginning of the names of the owner''s queues: C(imp-jau-). Others are neither read whole nor changed.'
    type: str
    default: ''
  config:
    description: 'Objects of the kind (print_queue), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the queue; its identity.
        type: str
        required: true
      duplexing:
        description: Printing on one side, or on both, turned along an edge.
        type: str
        choices: [one_sided, long_edge, short_edge]
      color:
        description: True to print in colour.
        type: bool
      location:
        description:
          - Location, as people look for it; an empty text clears it.
          - The system's own default is C().
        type: str
      comment:
        description:
          - Comment for people; an empty text clears it.
          - The system's own default is C().
        type: str
      shared:
        description: True if computers may connect to it.
        type: bool
      share_name:
        description: Name under which it is shared.
        type: str
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, replaced, gathered]
    default: merged
extends_documentation_fragment: [options.winrm, options.task, options.kind]
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
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: print, owner: ecole-jaures, kind: print_queue, key: imp-jau-01, label: imp-jau-01, action: update, fields: [
           duplexing, color], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.snippets]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("win_print_queues")
