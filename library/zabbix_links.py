#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the measures of links of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_links
short_description: Read the measures of links of Zabbix
description:
  - Reads availability, latency and loss of the hosts C(lien-NAME) over a period; writes nothing.
  - The measures come from the trends, and from the raw values where a trend does not say enough.
author: Ville du Bourget
options:
  start:
    description: When the period begins, in seconds since 1970.
    type: int
    required: true
  end:
    description: When it ends.
    type: int
    required: true
extends_documentation_fragment: [attributes.reads, options.zabbix]
"""

EXAMPLES = r"""
- name: Lire les mesures des liaisons
  zabbix_links:
    zabbix: "{{ piste_zabbix }}"
    start: 1759269600
    end: 1761951600
"""

RETURN = r"""
links:
  description: Counts and sums of the measures, by the name of the link.
  returned: always
  type: dict
read_at:
  description: When Zabbix was read.
  returned: always
  type: str
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("zabbix_links")
