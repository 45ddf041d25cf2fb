#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Name how the DNS servers depart from the declaration"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_server_orphans
short_description: Name how the DNS servers depart from the declaration
description:
  - The forwarders of each server, which its registry keeps, against the declared ones, over WinRM. Their order means nothing.
  - Changes nothing in any mode.
author: Ville du Bourget
options:
  servers:
    description: Names of the DNS servers, which are controllers of the domain.
    type: list
    elements: str
    default: []
  forwarders:
    description: Declared addresses to which each sends what it does not know; any where left out.
    type: list
    elements: str
extends_documentation_fragment: [attributes.reads, options.winrm]
"""

EXAMPLES = r"""
- name: Relever en quoi les serveurs DNS s’écartent de la déclaration
  dns_server_orphans:
    winrm: "{{ piste_winrm }}"
    servers: [hdv-dc1, hdv-dc2]
    forwarders: [198.51.100.253]
"""

RETURN = r"""
orphans:
  description: One entry a departure; C(said) is there where it is no orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: dns_server
      key: hdv-dc1
      why: redirige vers personne, 198.51.100.253 déclaré
      said: écart
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("dns_server_orphans")
