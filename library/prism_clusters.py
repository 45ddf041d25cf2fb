#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Tell the clusters of Prism Central, their capacity and their power"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_clusters
short_description: Tell the clusters of Prism Central, their capacity and their power
description:
  - Reads and changes nothing.
  - Gives the nodes of each cluster, what their machines are given, what is left for machines where the
    largest node is lost, and the power that each node draws where it measures it.
author: Ville du Bourget
options:
  prism:
    description:
      - Where Prism Central listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      base_url:
        description:
          - Its address, C(https://prism.example:9440).
        type: str
        required: true
      username:
        description:
          - Account, where no key is given.
        type: str
      password:
        description:
          - Password of the account, secret.
        type: str
      api_key:
        description:
          - Key of the API, secret.
        type: str
      ca_file:
        description:
          - Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description:
          - Proxy, C(http://host:port).
        type: str
      no_proxy:
        description:
          - Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description:
          - Seconds for which an answer is waited for.
        type: float
        default: 60
      task_timeout:
        description:
          - Seconds for which a task is followed.
        type: float
        default: 600
      rate:
        description:
          - Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 3
  cluster:
    description:
      - Name of the cluster; all those that hold machines without it.
    type: str
  cvm_memory:
    description:
      - Memory that the controller of each node takes, C(32 GiB).
    type: str
  power:
    description:
      - Whether to ask each node for what it uses and the power that it draws.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Reads, in check mode as well.
"""

EXAMPLES = r"""
- name: Relever la grappe, et ce qu'elle consomme
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
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("prism_clusters")
