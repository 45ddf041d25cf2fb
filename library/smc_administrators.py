#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the administrators of an SMC, and remove those who leave"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_administrators
short_description: List the administrators of an SMC, and remove those who leave
description:
  - Lists in any mode; removes only where C(remove) is true, then reads again. The last account that can
    do everything is never removed, whoever it belongs to.
author: Ville du Bourget
options:
  smc:
    description:
      - Where the SMC listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      url:
        description:
          - Base of the API, C(https://smc.example:8082).
        type: str
        required: true
      api_version:
        description:
          - 'Version of the API, C(7.4). It is never replaced by another: an SMC that does not offer it
            is refused.'
        type: str
        required: true
      api_key:
        description:
          - Key of the API client, secret.
        type: str
      login:
        description:
          - Administrator account, where there is no API client.
        type: str
      password:
        description:
          - Its password, secret.
        type: str
      domain:
        description:
          - Administrative domain.
        type: str
      ca_file:
        description:
          - Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description:
          - Proxy, C(http://host:port).
        type: str
      no_proxy:
        description:
          - Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description:
          - Seconds for which an answer is waited for.
        type: float
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
  smc_administrators:
    smc: "{{ piste_smc }}"
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
    main("smc_administrators")
