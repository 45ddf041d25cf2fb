#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to an Active Directory domain"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_checks
short_description: Check the access to an Active Directory domain
description:
  - Checks that a controller answers over verified TLS and accepts the account, and that the account may create policies (in
    the directory and in SYSVOL) and WMI filters. Gives the PDC emulator, the end of its certificate, the difference between
    the clocks and the functional levels.
  - A fault is a finding, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.domain]
"""

EXAMPLES = r"""
- name: Contrôler l’accès au domaine
  ad_checks:
    domain: "{{ piste_ad }}"
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: ad.sysvol
      state: ok
      what: le compte peut créer le dossier d’une stratégie dans SYSVOL
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where a controller is given
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("ad_checks")
