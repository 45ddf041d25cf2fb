#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Give the clusters of Prism Central, their capacity and their power"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_clusters
short_description: Give the clusters of Prism Central, their capacity and their power
description:
  - Reads and changes nothing.
  - Gives the nodes of each cluster, what their machines are given, what is left for machines after the loss of the largest
    node, and the power of each node that measures it.
author: Ville du Bourget
options:
  cluster:
    description: Name of the cluster; all those that hold machines without it.
    type: str
  cvm_memory:
    description: Memory that the controller of each node takes, C(32 GiB).
    type: str
  power:
    description: Whether to ask each node for what it uses and the power that it draws.
    type: bool
    default: false
extends_documentation_fragment: [attributes.reads, options.prism]
"""

EXAMPLES = r"""
- name: Relever la grappe, et ce qu’elle consomme
  prism_clusters:
    prism: "{{ piste_prism }}"
    cluster: ntnx-hdv
    cvm_memory: 32 GiB
    power: true
"""

RETURN = r"""
gathered:
  description: A dictionary a cluster.
  returned: always
  type: list
  elements: dict
  sample:
    - name: ntnx-hdv
      version: "7.5"
      redundancy_factor: 2
      nodes:
        - name: ntnx-hdv-a
          model: NX-1065-G8
          serial: EX-ntnx-001
          cores: 16
          threads: 32
          memory_gib: 128
          memory_for_machines_gib: 96
          state: NORMAL
          machines: {count: 8, running: 8, vcpus: 15, memory_gib: 34}
          cpu_used: 0.19
          memory_used_gib: 58
          watts: 258
      machines: {count: 22, running: 22, vcpus: 44, memory_gib: 102}
      after_the_loss_of_a_node: {memory_gib: 192, free_gib: 90}
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("prism_clusters")
