#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to a Meraki organization"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_checks
short_description: Check the access to a Meraki organization
description:
  - Checks that the Dashboard answers over verified TLS, that it accepts the key, that the key sees the organization and may
    write, and that the rate is the vendor's. Gives the end of its certificate and the difference between the clocks.
  - A fault is a finding, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  core:
    description: The core of the town.
    type: dict
    suboptions:
      network:
        description: Network of the core.
        type: str
        required: true
      carrier:
        description: Its stack by name, or its switch by serial number.
        type: str
        required: true
      models:
        description: Models that route and that Piste does not know, each with its C(interfaces) and C(static_routes) at most,
          and whether it has a C(dhcp_server).
        type: dict
  links:
    description: Ports of the core whose other end nothing declares, C(SERIAL/PORT).
    type: list
    elements: str
extends_documentation_fragment: [attributes.reads, options.meraki]
"""

EXAMPLES = r"""
- name: Contrôler l’accès au Dashboard
  meraki_checks:
    dashboard: "{{ piste_meraki }}"
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
  returned: where the Dashboard has an address
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("meraki_checks")
