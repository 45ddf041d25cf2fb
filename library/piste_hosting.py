#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge the hosting of the town (Nutanix Prism Central)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_hosting
short_description: Converge the hosting of the town (Nutanix Prism Central)
description:
  - Takes the kinds of the domain in their order, in one process, and stops at the first that fails.
  - An error says what the kinds before it have done.
author: Ville du Bourget
options:
  prism:
    description: Where Prism Central listens, and as whom to speak to it. C(piste_prism) of the environment where the task
      does not say it.
    type: dict
    suboptions:
      base_url:
        description: Its address, C(https://prism.example:9440).
        type: str
        required: true
      username:
        description: Account, where no key is given.
        type: str
      password:
        description: Password of the account, secret.
        type: str
      api_key:
        description: Key of the API, secret.
        type: str
      ca_file:
        description: Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description: Proxy, C(http://host:port).
        type: str
      no_proxy:
        description: Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description: Seconds for which an answer is waited for.
        type: float
        default: 60
      task_timeout:
        description: Seconds for which a task is followed.
        type: float
        default: 600
      rate:
        description: Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 3
  cluster:
    description: Cluster to which the objects belong, by its name.
    type: str
  apart:
    description: What belongs to another tool (a Citrix site, say) and is never planned, written or removed; an export counts
      it.
    type: dict
    suboptions:
      tool:
        description: What people call that tool.
        type: str
        default: un autre outil
      categories:
        description: Categories of its objects, C(key:value), or C(key) for all its values.
        type: list
        elements: str
      names:
        description: Patterns of their names, with C(*) and C(?), whatever the case.
        type: list
        elements: str
      projects:
        description: Identifiers of the projects that they are in.
        type: list
        elements: str
      owners:
        description: Identifiers of the accounts that own them.
        type: list
        elements: str
  rpo_hours:
    description: How old, in hours, the last recovery point of a machine may be where it is to be removed, by its name; 24
      for those that are not named.
    type: dict
  cvm_memory:
    description: 'Memory that the controller of each node takes, C(32 GiB): no plan gives machines more than the nodes hold
      where the largest of them is lost.'
    type: str
  grace:
    description: Seconds that a guest is given to shut down.
    type: float
  config:
    description: 'Objects by kind, as C(config) of the kind''s own module takes them: C(categories), C(subnets), C(images),
      C(vms), C(affinity_policies), C(protection_policies), C(recovery_plans).'
    type: dict
  only:
    description: Kinds to which the task is limited.
    type: list
    choices: [categories, subnets, images, vms, affinity_policies, protection_policies, recovery_plans]
    elements: str
    default: []
  step:
    description: A step that the usual run leaves out, and that the task does alone.
    type: str
  rehearse:
    description: Go through all the kinds without writing first, so that nothing is written before all have said that they
      refuse nothing. Not before C(deleted) nor C(undo).
    type: bool
    default: true
extends_documentation_fragment: [options.task, options.of_domain]
"""

EXAMPLES = r"""
- name: Converger l’hébergement de la ville
  piste_hosting:
    prism: "{{ piste_prism }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire tout l’hébergement
  piste_hosting:
    prism: "{{ piste_prism }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
extends_documentation_fragment: [results.converged, results.domain, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_hosting")
