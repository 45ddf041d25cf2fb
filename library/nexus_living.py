#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read what lives on the Nexus switches"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nexus_living
short_description: Read what lives on the Nexus switches
description: Gives the version and the ports of each switch, in a session each. A switch that does not answer, or whose answer
  is not understood, is unknown. Changes nothing in any mode.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.nexus]
"""

EXAMPLES = r"""
- name: Relever ce qui vit des Nexus
  nexus_living:
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"
"""

RETURN = r"""
living:
  description: Version and ports by switch; C(unread) gives the reason for each switch, and under C(NAME/ports) for its ports.
  returned: always
  type: dict
  sample:
    read_at: "2026-11-24T16:57:00+00:00"
    versions: {nx-hdv-1: 9.3(13)}
    nexus_ports:
      nx-hdv-1:
        read_at: "2026-11-24T16:57:02+00:00"
        values:
          "1/1": {status: up, speed_mbps: 10000, reason: ""}
    unread: {nx-hdv-2: ne répond pas}
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("nexus_living")
