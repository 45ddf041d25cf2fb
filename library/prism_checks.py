#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Examine the access to Prism Central"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_checks
short_description: Examine the access to Prism Central
description:
  - Reads and changes nothing; what is wrong is a finding, never a failure.
  - Asks whether it answers, to whom, in which versions, and whether the cluster is visible.
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
attributes:
  check_mode:
    support: full
    description: Reads, in check mode as well.
"""

EXAMPLES = r"""
- name: Contrôler l'accès à Prism Central
  prism_checks:
    prism: "{{ piste_prism }}"
    cluster: ntnx-hdv
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: meraki.rights
      state: ok
      what: la clé peut lire et écrire dans l'organisation (droit full)
      todo: ""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where the Dashboard has an address
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("prism_checks")
