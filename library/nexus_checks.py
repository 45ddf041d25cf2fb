#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to the Nexus switches"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nexus_checks
short_description: Check the access to the Nexus switches
description:
  - Reads and changes nothing; a fault is a finding, never a failure.
  - Checks, for each declared switch, that it answers, its host key, the account, its version, that its configuration reads,
    and that the account may not write.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.nexus]
"""

EXAMPLES = r"""
- name: Contrôler l’accès aux Nexus
  nexus_checks:
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"
"""

RETURN = r"""
findings:
  description: One entry a check, in order, switch by switch.
  returned: always
  type: list
  elements: dict
  sample:
    - id: nexus.reachable
      state: ok
      what: nx-hdv-1 répond
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where an account is given
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("nexus_checks")
