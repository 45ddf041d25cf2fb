#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the terms of a relation between Windows DHCP servers"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dhcp_relations
short_description: Declare the terms of a relation between Windows DHCP servers
description:
  - Changes the mode, the shares, the times and the secret of a relation over WinRM, on the first server.
  - A relation is made with the first scope that needs it (M(dhcp_scopes)); until then it is listed as waiting.
  - Neither its name nor its partner change. Another mode needs C(confirm).
author: Ville du Bourget
options:
  server:
    description: 'Name of the DHCP server: in a relation, the first of the two.'
    type: str
    required: true
  failover:
    description: The relation with the partner that takes over the scopes; none by default.
    type: dict
    suboptions:
      name:
        description: Name of the relation, made with the first scope that needs it.
        type: str
        required: true
      partner:
        description: Name of the partner.
        type: str
        required: true
      mode:
        description: C(load_balance) shares the requests, C(hot_standby) keeps the partner in reserve.
        type: str
        choices: [load_balance, hot_standby]
        default: load_balance
      share:
        description: Percent of the requests that the first server takes, or of the addresses that the partner keeps.
        type: int
        default: 50
      client_lead:
        description: Seconds that the partner may extend a lease by (MCLT).
        type: int
        default: 3600
      switch_after:
        description: Seconds before a silent partner is taken as down; else a person says so.
        type: int
      shared_secret:
        description: 'Path of the secret that the servers share, as C({secret: path}).'
        type: dict
  config:
    description: 'Objects of the kind (dhcp_relation), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the relation; its identity.
        type: str
        required: true
      partner:
        description:
          - Name of the partner, fixed when the relation is made.
          - Taken into account at creation only.
        type: str
      mode:
        description:
          - C(load_balance) shares the requests, C(hot_standby) keeps the partner in reserve.
          - 'Changing it on a live system asks for C(confirm: [mode]).'
        type: str
        choices: [load_balance, hot_standby]
      share:
        description: Percent of the requests that the first server takes, or of the addresses that the partner keeps.
        type: int
      client_lead:
        description: Seconds that the partner may extend a lease by (MCLT).
        type: int
      switch_after:
        description:
          - Seconds before a silent partner is taken as down; null where a person says so.
          - Null is a value here, an absent key declares nothing.
        type: int
      shared_secret:
        description:
          - Reference of the secret that the servers share; null where they share none.
          - Null is a value here, an absent key declares nothing.
          - 'Written C({secret: dhcp/{name}/secret}), never in clear.'
        type: dict
        suboptions:
          secret:
            description: Path of the secret in the environment's secrets.
            type: str
            required: true
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, gathered]
    default: merged
extends_documentation_fragment: [options.winrm, options.task, options.kind]
"""

EXAMPLES = r"""
- name: Laisser le second serveur prolonger un bail de deux heures
  dhcp_relations:
    winrm: "{{ piste_winrm }}"
    server: hdv-dc1
    owner: commune
    config:
      - {name: hdv-dc1-hdv-dc2, partner: hdv-dc2, mode: load_balance, share: 50, client_lead: 7200}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: dhcp, owner: commune, kind: dhcp_relation, key: hdv-dc1-hdv-dc2, label: hdv-dc1-hdv-dc2, action: update, fields: [
         client_lead], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.snippets]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("dhcp_relations")
