#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the stacks of switches of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_switch_stacks
short_description: Declare the stacks of switches of a Meraki network
description:
  - Stacks, known by name; their members are switches of the network.
  - A switch in service that enters or leaves a stack is interrupted, so C(confirm) must contain C(stack).
  - What a switch routed before it entered a stack is not carried over.
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  replaced:
    description: Devices that others replace. While an old device is in the network, the new device takes over the live settings
      of the old that the task does not give.
    type: list
    elements: dict
    default: []
    suboptions:
      serial:
        description: Serial number of the old device.
        type: str
        required: true
      by:
        description: Serial number of the new device.
        type: str
        required: true
      model:
        description: Model that the new device must be, or begin with.
        type: str
  carried:
    description: Owners whose gateways are on a stack or a switch, or in a network, by its name. Its removal asks for a word.
    type: dict
  config:
    description: 'Objects of the kind (switch_stack), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the stack; its identity.
        type: str
        required: true
      members:
        description:
          - Serial numbers of its switches, 2 to 8.
          - The order has no meaning.
        type: list
        elements: str
extends_documentation_fragment: [options.meraki, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Converger la pile du cœur
  meraki_switch_stacks:
    dashboard: "{{ piste_meraki }}"
    owner: hotel-de-ville
    network: VLB hotel-de-ville
    config:
      - name: pile-coeur
        members: [QZZZ-0000-0001, QZZZ-0000-0002]
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: hotel-de-ville, kind: switch_stack, key: pile-coeur, action: create, fields: [name, members]}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("meraki_switch_stacks")
