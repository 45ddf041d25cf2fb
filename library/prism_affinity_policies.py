#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare which machines share a node, and which must not"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_affinity_policies
short_description: Declare which machines share a node, and which must not
description:
  - Creates, changes, renames and removes affinity policies, known by name, which designate machines by
    category.
  - Older rules, which list machines, are left alone.
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
  rehearse:
    description:
      - Only refuse what the task would refuse without it, so that nothing of the run is written before;
        a later task does the work. Does nothing in check mode.
    type: bool
    default: false
  config:
    description:
      - 'Objects of the kind (affinity_policy), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the policy; its identity.
        type: str
        required: true
      formerly:
        description:
          - 'Names that it bore before: it is renamed.'
        type: list
        elements: str
      kind:
        description:
          - C(vm_anti_affinity) keeps machines apart from each other, C(host_affinity) keeps them on some
            nodes.
          - Taken into account at creation only.
          - The system's own default is C(vm_anti_affinity).
        type: str
        choices:
          - vm_anti_affinity
          - host_affinity
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      categories:
        description:
          - Machines that do not share a node, by category, C(key:value).
          - The order has no meaning.
        type: list
        elements: str
      vm_categories:
        description:
          - Machines that stay on some nodes, by category.
          - The order has no meaning.
        type: list
        elements: str
      host_categories:
        description:
          - Those nodes, by category.
          - The order has no meaning.
        type: list
        elements: str
  state:
    description:
      - C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects
        back to their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted)
        removes the declared objects; C(gathered) reads and changes nothing.
    type: str
    choices:
      - merged
      - replaced
      - deleted
      - gathered
    default: merged
  absent:
    description:
      - Names of objects that must not be there, whatever the state.
    type: list
    elements: str
    default: []
  owner:
    description:
      - Site, or C(commune), to which the objects belong; it appears in plans and in secrets' paths.
    type: str
  confirm:
    description:
      - 'Guarded changes that are wanted, by the words that a refusal lists: C(uplink) for all of a kind,
        C(uplink:QZZZ-0005-0001/25) for one.'
    type: list
    elements: str
    default: []
  as_found:
    description:
      - 'What was found and is kept as it is, by system, kind and key: it takes the place of what C(config)
        says.'
    type: dict
    default: {}
  survey:
    description:
      - In check mode, also tell what is there and what of it the task does not declare.
    type: bool
    default: false
  plan:
    description:
      - 'Saved plan to keep to: any other operation stops the task before it writes.'
    type: path
  max_removals:
    description:
      - Removals allowed without the word C(removals).
    type: int
    default: 5
  secrets:
    description:
      - Values of the secrets, by path.
    type: dict
    default: {}
  secrets_lock:
    description:
      - File of the fingerprints of what was written and cannot be read back. Without it, such a value
        counts as unchanged.
    type: path
attributes:
  check_mode:
    support: full
    description: Plans and writes nothing; the operations are those of the run.
  diff_mode:
    support: full
    description: Shows each object that changes, before and after, as YAML.
"""

EXAMPLES = r"""
- name: Séparer les contrôleurs de domaine
  prism_affinity_policies:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: Séparer annuaire
        kind: vm_anti_affinity
        categories: ["Groupe:annuaire"]

- name: Relever ce qui existe
  prism_affinity_policies:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
operations:
  description: What changed (or would), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - system: prism
      owner: commune
      kind: affinity_policy
      key: Séparer annuaire
      label: Séparer annuaire
      action: update
      fields: [categories]
      before: 1f0c6c7ef8a2d931
      after: 8b7df143d91c716e
summary:
  description: The same, one readable line each.
  returned: always
  type: list
  elements: str
withheld:
  description: What was not done for want of a secret or of a confirmation.
  returned: always
  type: list
  elements: str
gathered:
  description: What is there, in the form of C(config).
  returned: when I(state=gathered)
  type: list
  elements: dict
apart:
  description: How many objects of the kind belong to another tool, and were left alone.
  returned: always
  type: int
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("prism_affinity_policies")
