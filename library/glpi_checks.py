#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_checks
short_description: Check the access to GLPI
description:
  - Reads and changes nothing; a fault is a finding, never a failure.
  - Checks that it answers, that the account is accepted and may read, which version of the API answers.
author: Ville du Bourget
options:
  legacy:
    description: Whether the town allows the legacy API.
    type: bool
    default: false
extends_documentation_fragment: [attributes.reads, options.glpi]
"""

EXAMPLES = r"""
- name: Contrôler l’accès à GLPI
  glpi_checks:
    glpi: "{{ piste_glpi }}"
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: glpi.rights
      state: ok
      what: le compte peut lire tout ce que Piste pousse
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where GLPI has an address
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("glpi_checks")
