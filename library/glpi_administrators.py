#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the accounts of GLPI, and deactivate those that leave"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_administrators
short_description: List the accounts of GLPI, and deactivate those that leave
description:
  - Lists every account; makes those that leave inactive only where C(remove) is true, then reads again.
  - The last account that starts as Super-Admin is never deactivated. The API gives no other profile of an account, so whether
    another can do everything is unknown.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.removes_accounts, options.glpi, options.administrators]
"""

EXAMPLES = r"""
- name: Relever les administrateurs du prestataire sortant
  glpi_administrators:
    glpi: "{{ piste_glpi }}"
    outgoing: ["*prestataire*"]
"""

RETURN = r"""
extends_documentation_fragment: [results.administrators, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_administrators")
