#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the DNS of an Active Directory domain"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_checks
short_description: Check the DNS of an Active Directory domain
description:
  - Reads the zones that the directory keeps, and judges who may create names there, the names that computers look for by
    themselves, dynamic updates and aging. Gives the conditional forwarders.
  - A fault is a finding, never a failure. Changes nothing in any mode.
author: Ville du Bourget
options:
  winrm:
    description: Addresses of Windows hosts by WinRM, and the account that connects.
    type: dict
    suboptions:
      domain:
        description: DNS domain of the hosts, added to a name without a dot.
        type: str
        default: ''
      urls:
        description: Addresses, by name, of hosts that are not at C(https://NAME.DOMAIN:5986/wsman).
        type: dict
      username:
        description: 'Account that connects: C(DOMAIN\\name) or C(name@domain).'
        type: str
        required: true
      password:
        description: Password, secret.
        type: str
        default: ''
      authentication:
        description: Authentication of the account.
        type: str
        choices: [ntlm, basic, kerberos]
        default: ntlm
      keytab:
        description: Keytab of the account, in place of C(password) with Kerberos.
        type: path
      kdc:
        description: Name or address of the domain's key distribution centre, where DNS does not give it.
        type: str
      ca_file:
        description: Certificate authority of the hosts, where the machine does not trust it.
        type: path
      timeout:
        description: Seconds to wait for the end of a snippet.
        type: int
        default: 300
  servers:
    description: Names of the DNS servers, which are controllers of the domain.
    type: list
    elements: str
    default: []
  forwarders:
    description: Declared addresses to which each sends what it does not know; any where left out.
    type: list
    elements: str
  update_account:
    description: Declared account by which the DHCP servers register names; any by default.
    type: str
extends_documentation_fragment: [attributes.reads, options.domain]
"""

EXAMPLES = r"""
- name: Contrôler le DNS du domaine
  dns_checks:
    domain: "{{ piste_ad }}"
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: dns.creators
      state: ok
      what: seuls des comptes choisis peuvent créer des noms
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where a controller is given
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("dns_checks")
