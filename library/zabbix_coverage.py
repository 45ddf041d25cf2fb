#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Measure the coverage of the supervision (F11)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_coverage
short_description: Measure the coverage of the supervision (F11)
description: Compares the declared assets with the hosts of Zabbix that are enabled and have fresh data; M(piste_site) comes
  before.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.zabbix]
"""

EXAMPLES = r"""
- name: Mesurer la couverture de la supervision
  zabbix_coverage:
    zabbix: "{{ piste_zabbix }}"
"""

RETURN = r"""
coverage:
  description: Assets in service that are to be watched, each with its state and the reason.
  returned: always
  type: list
  elements: dict
figures:
  description: By class, then for all (C(*)), how many are watched, counted, and unknown.
  returned: always
  type: dict
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("zabbix_coverage")
