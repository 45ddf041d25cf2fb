#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the life of the hosts of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_living
short_description: Read the life of the hosts of Zabbix
description: Reads which hosts are enabled, the age of what says that they are there, and their open problems; writes nothing.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.zabbix]
"""

EXAMPLES = r"""
- name: Lire ce qui vit
  zabbix_living:
    zabbix: "{{ piste_zabbix }}"
"""

RETURN = r"""
living:
  description: Moment of the reading, hosts by name, open problems by host, and what was not read.
  returned: always
  type: dict
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("zabbix_living")
