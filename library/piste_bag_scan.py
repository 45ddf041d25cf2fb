#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Look in a folder for the values of the environment's secrets"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_bag_scan
short_description: Look in a folder for the values of the environment's secrets
description: In clear, in UTF-16, in Base64, in hexadecimal, escaped as in JSON and XML; of a git bundle, in all its history.
  Only the names of files and the paths of secrets are said. Changes nothing in any mode.
author: Ville du Bourget
options:
  folder:
    description: Folder in which to look.
    type: path
    required: true
  clones:
    description: Private folder of the clones of its repositories, each made there once.
    type: path
  secrets:
    description: Values of secrets that must not be there, by path.
    type: dict
    required: true
extends_documentation_fragment: [attributes.reads]
"""

EXAMPLES = r"""
- name: Chercher les secrets de l’environnement dans un sac
  piste_bag_scan:
    folder: /srv/remise/sac
    secrets: "{{ piste_secrets }}"
"""

RETURN = r"""
findings:
  description: One finding a file that holds a secret, or a single finding that is C(ok).
  returned: always
  type: list
  elements: dict
  sample:
    - id: bag.secrets
      state: ok
      what: aucune des valeurs de 30 secrets connus
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_bag_scan")
