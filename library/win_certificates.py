#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the declared certificates that Windows servers keep"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: win_certificates
short_description: Read the declared certificates that Windows servers keep
description:
  - Reads over WinRM the store of the machine of each server that a declared certificate names, and judges that certificate.
  - Private keys stay where they are; only their presence is read. A server that does not answer is unknown.
  - Changes nothing in any mode.
author: Ville du Bourget
options:
  declared:
    description: Certificates of the town and the rules that judge them, as C(piste_site) gives them.
    type: dict
    required: true
  names:
    description: Names of the certificates to read; all of them where it is absent.
    type: list
    elements: str
extends_documentation_fragment: [attributes.reads, options.winrm]
"""

EXAMPLES = r"""
- name: Lire les certificats des magasins de Windows
  win_certificates:
    winrm: "{{ piste_winrm }}"
    declared: "{{ ansible_facts['piste_site'].certificates }}"
"""

RETURN = r"""
certificates:
  description: What was read, by certificate, and C(unread), the reason for each that was not.
  returned: always
  type: dict
trials:
  description: One entry a certificate, as C(certificate_scan) gives them.
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

    main("win_certificates")
