#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the hand-over of the supervision"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_handover
short_description: Read the hand-over of the supervision
description: Gives the files with which a successor makes an empty Zabbix the same, without Piste; writes nothing.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.zabbix]
"""

EXAMPLES = r"""
- name: Préparer la remise
  zabbix_handover:
    zabbix: "{{ piste_zabbix }}"
"""

RETURN = r"""
files:
  description: Contents of the files, by name.
  returned: always
  type: dict
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("zabbix_handover")
