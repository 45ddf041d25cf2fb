#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Count the tickets of GLPI by month"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_tickets
short_description: Count the tickets of GLPI by month
description:
  - Volumes, delays and satisfaction; neither content nor person is kept.
  - The satisfaction is unknown without the legacy API.
author: Ville du Bourget
options:
  first:
    description: First month, C(2026-10).
    type: str
    required: true
  last:
    description: Last month; the first where not given.
    type: str
  legacy:
    description: Whether the town allows the legacy API, which has the satisfaction.
    type: bool
    default: false
extends_documentation_fragment: [attributes.reads, options.glpi]
"""

EXAMPLES = r"""
- name: Compter les tickets d’octobre
  glpi_tickets:
    glpi: "{{ piste_glpi }}"
    first: 2026-10
"""

RETURN = r"""
months:
  description: One entry a month.
  returned: always
  type: list
  elements: dict
csv:
  description: The same as a table.
  returned: always
  type: str
unread:
  description: What could not be read.
  returned: always
  type: list
  elements: str
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("glpi_tickets")
