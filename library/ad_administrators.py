#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the accounts of a domain that leave, and disable them"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_administrators
short_description: List the accounts of a domain that leave, and disable them
description:
  - Lists the enabled accounts that are in charge of the domain (Domain Admins, at any depth) and those
    that leave; disables those that leave only where C(remove) is true, then reads again. Nothing is deleted.
  - The last administrator of the domain is never disabled, whoever it belongs to.
author: Ville du Bourget
options:
  domain:
    description:
      - Where the Active Directory domain is reached, and as whom.
    type: dict
    required: true
    suboptions:
      controller:
        description:
          - Full name of a domain controller, the one in its certificate. The one that holds the PDC emulator
            role is found from it, and spoken to alone.
        type: str
        required: true
      address:
        description:
          - Address at which C(controller) is reached, where its name does not resolve.
        type: str
      username:
        description:
          - 'Who connects: C(name@domain), or a distinguished name.'
        type: str
        required: true
      password:
        description:
          - Password, secret.
        type: str
        default: ''
      authentication:
        description:
          - 'How the account is proven. C(ntlm): a simple bind over LDAPS, NTLM for SMB. C(kerberos):
            Kerberos for both, bound to the TLS channel for LDAPS.'
        type: str
        choices:
          - ntlm
          - kerberos
        default: ntlm
      keytab:
        description:
          - File of the account's keys, which takes the place of C(password) with Kerberos.
        type: path
      kdc:
        description:
          - Name or address of the domain's key distribution centre, where DNS does not tell it.
        type: str
      ca_file:
        description:
          - Certificate authority of the controllers, where it is not one of the machine's.
        type: path
      timeout:
        description:
          - Seconds for which an answer is waited for.
        type: int
        default: 60
  outgoing:
    description:
      - Accounts that leave, by their names or addresses, C(*) for any text; case means nothing.
    type: list
    elements: str
    default: []
  remove:
    description:
      - Remove them; else they are only listed.
    type: bool
    default: false
  known:
    description:
      - Accounts that are declared, by what they sign in with, C(*) for any text; all others are orphans.
        Nobody is removed; an empty list reads nothing and says that nobody is judged.
    type: list
    elements: str
attributes:
  check_mode:
    support: full
    description: Removes nobody.
"""

EXAMPLES = r"""
- name: Relever les administrateurs du prestataire sortant
  ad_administrators:
    domain: "{{ piste_ad }}"
    outgoing: ["*prestataire*"]
"""

RETURN = r"""
administrators:
  description: Every account; C(whole) where it can do everything, C(outgoing) where it leaves.
  returned: always
  type: list
  elements: dict
  sample:
    - {name: dsi@lebourget.example, whole: true, outgoing: false}
removed:
  description: Names of the accounts that were removed.
  returned: always
  type: list
  elements: str
findings:
  description: Whether somebody who leaves is still there.
  returned: always
  type: list
  elements: dict
orphans:
  description: C(kind), C(key) and C(why) an administrator that nobody declares.
  returned: where C(known) is given
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("ad_administrators")
