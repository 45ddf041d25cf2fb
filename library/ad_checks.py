#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Check the access to an Active Directory domain"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_checks
short_description: Check the access to an Active Directory domain
description:
  - Whether a controller answers over verified TLS and accepts the account, which one is the PDC emulator,
    until when its certificate lasts, how far the clocks are apart, the functional levels, and whether
    the account may create policies in the directory and in SYSVOL, and WMI filters.
  - What is wrong is a finding, never a failure. Changes nothing in any mode.
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
attributes:
  check_mode:
    support: full
    description: Reads only.
"""

EXAMPLES = r"""
- name: Contrôler l'accès au domaine
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
      what: le compte peut créer le dossier d'une stratégie dans SYSVOL
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where a controller is given
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("ad_checks")
