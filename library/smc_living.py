#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read what lives on the firewall"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_living
short_description: Read what lives on the firewall
description: Gives state, policy, last installation and version of each node of the engines, changes that wait, state of tunnels.
  Changes nothing in any mode.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.smc]
"""

EXAMPLES = r"""
- name: Relever ce qui vit du pare-feu
  smc_living:
    smc: "{{ piste_smc }}"
"""

RETURN = r"""
living:
  description: What lives, by part; C(unread) gives the reason for each part that the system refused.
  returned: always
  type: dict
  sample:
    read_at: "2026-11-24T16:57:00+00:00"
    engines:
      fw-hdv:
        pending: 0
        nodes:
          - name: fw-hdv node 1
            state: Online
            monitoring: READY
            configuration: Installed
            policy: fw_policy/Le Bourget
            installed_at: "2026-11-20T18:02:11+00:00"
            version: 7.1.2
    tunnels: []
    unread: {}
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("smc_living")
