#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Tell which declared secrets have no value"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_secrets
short_description: Tell which declared secrets have no value
description: Names the secrets that the sites in service refer to and that have no value in the environment, or a value that
  is too short. No value is returned. Changes nothing in any mode.
author: Ville du Bourget
options:
  inventory:
    description: Folder of the inventory that declares the town.
    type: path
    required: true
  secrets:
    description: Values of the environment's secrets, by path.
    type: dict
    required: true
extends_documentation_fragment: [attributes.reads]
"""

EXAMPLES = r"""
- name: Contrôler les secrets
  piste_secrets:
    inventory: "{{ inventory_dir }}"
    secrets: "{{ piste_secrets }}"
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: secrets.values
      state: wrong
      what: "1 secret sans valeur : radius/ccas"
      todo: Ce qui les attend reste désactivé. Donnez-leur une valeur dans le coffre (voir SECRETS.md).
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_secrets")
