#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the use of DHCP scopes"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dhcp_uses
short_description: Read the use of DHCP scopes
description:
  - Reads, on each server, which scopes of some prefixes are active, and how many of their addresses are free or lent.
  - A silence is a server that was not read, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  servers:
    description: Names of the DHCP servers.
    type: list
    required: true
    elements: str
  subnets:
    description: Prefixes of the scopes.
    type: list
    required: true
    elements: str
extends_documentation_fragment: [attributes.reads, options.winrm]
"""

EXAMPLES = r"""
- name: Lire l’occupation des étendues de l’école
  dhcp_uses:
    winrm: "{{ piste_winrm }}"
    servers: [hdv-dc1, hdv-dc2]
    subnets: [10.93.41.0/24]
"""

RETURN = r"""
lenders:
  description: By server, its C(scopes), each with C(active), C(free) and C(in_use); C(unread) says why it is unknown.
  returned: always
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("dhcp_uses")
