#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Push values to items of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_push
short_description: Push values to items of Zabbix
description:
  - Pushes values to items of type trapper. A value that is no newer than the last of its item is not pushed again.
  - A value whose item is not on the server is named, and is no error.
author: Ville du Bourget
options:
  values:
    description: Values to push.
    type: list
    required: true
    elements: dict
    suboptions:
      host:
        description: Technical name of the host.
        type: str
        required: true
      key:
        description: Key of its item.
        type: str
        required: true
      value:
        description: The value, a whole number.
        type: int
        required: true
      clock:
        description: Second of the value, since 1970.
        type: int
        required: true
extends_documentation_fragment: [attributes.writes, options.zabbix]
"""

EXAMPLES = r"""
- name: Dire à la supervision la fin d’un certificat
  zabbix_push:
    zabbix: "{{ piste_zabbix }}"
    values:
      - {host: certificat-vpn-agents, key: piste.certificate.not_after, value: 1798761599, clock: 1795820400}
"""

RETURN = r"""
pushed:
  description: The values that were pushed, or would be, by host and key.
  returned: always
  type: list
  elements: str
absent:
  description: Those whose item is not on the server.
  returned: always
  type: list
  elements: str
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_push")
