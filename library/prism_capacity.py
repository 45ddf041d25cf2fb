#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Give the load of a cluster, its power and what sleep saves"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_capacity
short_description: Give the load of a cluster, its power and what sleep saves
description:
  - Reads and changes nothing.
  - 'Gives machines per node, processors and memory allotted and used, what is left after the loss of a node, and watts per
    node: measured where the nodes give them, else modelled by the declared factors.'
  - Gives each machine its share of the power and its marginal power. The share also counts what nodes draw with nobody on
    them, which no machine that sleeps gives back, so that the marginal figure alone is claimed as a saving.
author: Ville du Bourget
options:
  cluster:
    description: Cluster to which the objects belong, by its name.
    type: str
    required: true
  cvm_memory:
    description: Memory that the controller of each node takes, C(32 GiB).
    type: str
    required: true
  hours:
    description: Schedules, calendar and machines, as the filter C(prism_intent) gives them from the declaration.
    type: dict
    required: true
  energy:
    description: Factors by which power and emissions are estimated, as the declaration gives them.
    type: dict
    required: true
extends_documentation_fragment: [attributes.reads, options.prism, options.foreign]
"""

EXAMPLES = r"""
- name: Relever la capacité et l’énergie de la grappe
  prism_capacity:
    prism: "{{ piste_prism }}"
    cluster: ntnx-hdv
    apart: {tool: Citrix, names: ["CTX-*"]}
    cvm_memory: 32 GiB
    hours: "{{ (ansible_facts['piste_site'] | prism_intent).hours }}"
    energy: "{{ energy }}"
"""

RETURN = r"""
capacity:
  description: The report of the cluster.
  returned: always
  type: dict
  sample:
    cluster: ntnx-hdv
    date: "2026-11-24T12:00"
    totals: {count: 22, machines_per_node: 7.33, memory_left_gib: 90, holds_the_loss_of_a_node: true, watts: 774}
    saving: {claimed: marginal, kwh_per_year: 69.4, kwh_per_year_shared: 331.5}
report:
  description: The report, a line a fact, as people read it.
  returned: always
  type: list
  elements: str
csv:
  description: The tables of nodes and of machines as CSV.
  returned: always
  type: dict
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("prism_capacity")
