#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Tell what a cluster carries, what it draws, and what sleep saves"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_capacity
short_description: Tell what a cluster carries, what it draws, and what sleep saves
description:
  - Reads and changes nothing.
  - Gives machines per node, processors and memory allotted and used, what is left where a node is lost,
    and watts per node, measured where the nodes tell them and modelled by the declared factors where
    they do not.
  - Gives each machine its share of the power and its marginal power. The share also counts what nodes
    draw with nobody on them, which no machine that sleeps gives back, so that the marginal figure alone
    is claimed as a saving.
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
      - Cluster to which the objects belong, by its name.
    type: str
    required: true
  apart:
    description:
      - What belongs to another tool (a Citrix site, say) and is never planned, written or removed; an
        export counts it.
    type: dict
    default: {}
    suboptions:
      tool:
        description:
          - What people call that tool.
        type: str
        default: un autre outil
      categories:
        description:
          - Categories of its objects, C(key:value), or C(key) for all its values.
        type: list
        elements: str
      names:
        description:
          - Patterns of their names, with C(*) and C(?), whatever the case.
        type: list
        elements: str
      projects:
        description:
          - Identifiers of the projects that they are in.
        type: list
        elements: str
      owners:
        description:
          - Identifiers of the accounts that own them.
        type: list
        elements: str
  cvm_memory:
    description:
      - Memory that the controller of each node takes, C(32 GiB).
    type: str
    required: true
  hours:
    description:
      - Schedules, calendar and machines, as the filter C(prism_intent) gives them from the declaration.
    type: dict
    required: true
  energy:
    description:
      - Factors by which power and emissions are estimated, as the declaration gives them.
    type: dict
    required: true
attributes:
  check_mode:
    support: full
    description: Reads, in check mode as well.
"""

EXAMPLES = r"""
- name: Relever la capacité et l'énergie de la grappe
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
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("prism_capacity")
