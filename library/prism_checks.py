#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to Prism Central"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_checks
short_description: Check the access to Prism Central
description:
  - Reads and changes nothing; a fault is a finding, never a failure.
  - Checks that it answers and that the cluster is visible. Gives its versions and the account.
author: Ville du Bourget
options:
  cluster:
    description: Cluster to which the objects belong, by its name.
    type: str
    required: true
extends_documentation_fragment: [attributes.reads, options.prism, options.foreign]
"""

EXAMPLES = r"""
- name: Contrôler l’accès à Prism Central
  prism_checks:
    prism: "{{ piste_prism }}"
    cluster: ntnx-hdv
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: meraki.rights
      state: ok
      what: la clé peut lire et écrire dans l’organisation (droit full)
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where Prism Central has an address
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("prism_checks")
