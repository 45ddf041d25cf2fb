#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the accounts of Prism Central, and deactivate those that leave"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_administrators
short_description: List the accounts of Prism Central, and deactivate those that leave
description:
  - Lists the active accounts that Prism Central keeps itself, service accounts included; makes those
    that leave inactive only where C(remove) is true, then reads again. Accounts of a directory leave
    with it.
  - The built-in administrator is never deactivated where it is the last one.
author: Ville du Bourget
options:
  prism:
    description:
      - Where Prism Central listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      base_url:
        description:
          - Its address, C(https://prism.example:9440).
        type: str
        required: true
      username:
        description:
          - Account, where no key is given.
        type: str
      password:
        description:
          - Password of the account, secret.
        type: str
      api_key:
        description:
          - Key of the API, secret.
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
      task_timeout:
        description:
          - Seconds for which a task is followed.
        type: float
        default: 600
      rate:
        description:
          - Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 3
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
  prism_administrators:
    prism: "{{ piste_prism }}"
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
    main("prism_administrators")
