#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the export that Windows DHCP servers make of themselves"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dhcp_exports
short_description: Read the export that Windows DHCP servers make of themselves
description:
  - Runs C(Export-DhcpServer) into a private folder of the server, reads the file back and removes it, over WinRM.
  - Elements named after a secret are emptied before the text leaves the module. Leases are left out unless asked.
  - Changes nothing in any mode.
author: Ville du Bourget
options:
  servers:
    description: Names of the DHCP servers.
    type: list
    required: true
    elements: str
  leases:
    description: Also export the leases of clients, which name people's computers.
    type: bool
    default: false
extends_documentation_fragment: [attributes.reads, options.winrm]
"""

EXAMPLES = r"""
- name: Lire l’export de chaque serveur
  dhcp_exports:
    winrm: "{{ piste_winrm }}"
    servers: [hdv-dc1, hdv-dc2]
"""

RETURN = r"""
exports:
  description: The text of each export, by the name of its server.
  returned: always
  type: dict
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("dhcp_exports")
