#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the link aggregations of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_link_aggregations
short_description: Declare the link aggregations of a Meraki network
description:
  - Aggregations, known by their ports: the system gives them no name.
  - An aggregation that has some of the ports of a declared aggregation is changed into it.
  - Where a port faces the rest of the network, C(confirm) must contain C(uplink).
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  config:
    description: 'Objects of the kind (link_aggregation), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      ports:
        description: 'Its ports, C(SERIAL/PORT), joined by C(+): 2 to 8, of one switch or one stack; its identity.'
        type: str
        required: true
extends_documentation_fragment: [options.meraki, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Converger les agrégations du cœur
  meraki_link_aggregations:
    dashboard: "{{ piste_meraki }}"
    owner: hotel-de-ville
    network: VLB hotel-de-ville
    config:
      - ports: QZZZ-0000-0001/21+QZZZ-0000-0002/21
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: hotel-de-ville, kind: link_aggregation, key: QZZZ-0000-0001/21+QZZZ-0000-0002/21,
       action: create, fields: [ports]}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("meraki_link_aggregations")
