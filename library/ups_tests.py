#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Try the uninterruptible power supplies of a place"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ups_tests
short_description: Try the uninterruptible power supplies of a place
description:
  - Reads each declared supply on a server of Network UPS Tools, without an account, and judges mains, load, charge, runtime
    and the age of the battery. What does not answer is unknown.
  - Changes nothing in any mode.
author: Ville du Bourget
options:
  nut:
    description: Server of Network UPS Tools that knows the supplies.
    type: dict
    required: true
    suboptions:
      address:
        description: Its name or address.
        type: str
        required: true
      port:
        description: Its TCP port.
        type: int
        default: 3493
      ca_file:
        description: 'Its authority: TLS is then due. A server with TLS needs it.'
        type: path
      names:
        description: Name of a supply for NUT, where it is not the declared name.
        type: dict
      timeout:
        description: Seconds to wait for an answer.
        type: float
        default: 10.0
  declared:
    description: Supplies as C(piste_site) gives them (C(premises.ups)).
    type: list
    required: true
    elements: dict
extends_documentation_fragment: [attributes.reads]
"""

EXAMPLES = r"""
- name: Essayer les onduleurs
  ups_tests:
    nut: {address: hdv-sup1.ad.lebourget.example}
    declared: "{{ ansible_facts['piste_site'].premises.ups }}"
"""

RETURN = r"""
trials:
  description: One entry a supply, in the order of the declaration.
  returned: always
  type: list
  elements: dict
supplies:
  description: Variables of NUT, by supply, of those that answered.
  returned: always
  type: dict
  sample: {ups-hdv-1: {ups.status: OL, battery.charge: "100"}}
calls:
  description: Supplies asked, as C(reads), and C(writes), always 0.
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("ups_tests")
