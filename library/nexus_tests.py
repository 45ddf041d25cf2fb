#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Try what the Nexus switches carry"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nexus_tests
short_description: Try what the Nexus switches carry
description:
  - Compares configuration, active VLANs and working port-channels to the declaration. A switch that does not answer is unknown.
  - Changes nothing in any mode.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.nexus]
"""

EXAMPLES = r"""
- name: Essayer les Nexus
  nexus_tests:
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"
"""

RETURN = r"""
trials:
  description: One entry a trial, in order, switch by switch.
  returned: always
  type: list
  elements: dict
  sample:
    - id: nexus.nx-hdv-1.vlans
      state: ok
      what: "nx-hdv-1, VLAN en service : 2 VLAN en service"
      todo: ""
      title: nx-hdv-1, VLAN en service
      expected: 2 VLAN en service
      observed: 2 VLAN en service
living:
  description: What lives on each switch, as M(nexus_living) gives it.
  returned: where an account is given
  type: dict
  sample: {read_at: "2026-11-24T16:57:00+00:00", versions: {nx-hdv-1: 9.3(13)}, nexus_ports: {}, unread: {}}
routers:
  description: The switches that route something, as plain data for a trace.
  returned: always
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where an account is given
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("nexus_tests")
