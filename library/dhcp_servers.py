#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the settings of Windows DHCP servers"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dhcp_servers
short_description: Declare the settings of Windows DHCP servers
description:
  - Changes the options that a server gives where a scope says nothing, its audit log and its conflict detection, over WinRM.
  - Only what is declared changes; other options stay, and are named.
  - Neither the account of the DNS updates nor the addresses that a server answers on are written.
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
  servers:
    description: Names of all the DHCP servers; the first and its partner by default.
    type: list
    elements: str
  config:
    description: 'Objects of the kind (dhcp_server), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the server; its identity.
        type: str
        required: true
      options:
        description: What a client gets where its scope says nothing; undeclared options stay.
        type: dict
        suboptions:
          routers:
            description:
              - Gateways.
              - The system's own default is C([]).
            type: list
            elements: str
          dns:
            description:
              - Name servers.
              - The system's own default is C([]).
            type: list
            elements: str
          ntp:
            description:
              - Time servers.
              - The system's own default is C([]).
            type: list
            elements: str
          domain:
            description:
              - DNS domain.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          boot_server:
            description:
              - Server of the boot file.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          boot_file:
            description:
              - Boot file.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          other:
            description:
              - 'Other options, by number, as texts: decimal or hexadecimal numbers, addresses.'
              - The keys are free; null takes an entry away.
              - C(values) (list of str, required) Values.
            type: dict
          classes:
            description:
              - Options of vendor classes, as C(CLASS/NUMBER); null removes an option. The class exists already.
              - The keys are free; null takes an entry away.
              - C(values) (list of str, required) Values, as texts.
            type: dict
      audit_log:
        description: Daily log of what the server lends and refuses.
        type: dict
        suboptions:
          enabled:
            description: True while the server writes it.
            type: bool
          path:
            description: Folder, on the server; used after the next start of the service.
            type: str
          max_mb:
            description: Most megabytes of the files of a week.
            type: int
          min_free_mb:
            description: Free megabytes below which it stops.
            type: int
          check_every:
            description: Events between two checks of the disk.
            type: int
      conflict_attempts:
        description: Pings of an address before it is lent; 0 lends it at once.
        type: int
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
- name: Régler les serveurs DHCP
  dhcp_servers:
    winrm: "{{ piste_winrm }}"
    server: hdv-dc1
    owner: commune
    config:
      - name: hdv-dc1
        options: {dns: [10.93.2.11, 10.93.2.12], other: {"44": null}}
        audit_log: {enabled: true}
        conflict_attempts: 1
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: dhcp, owner: commune, kind: dhcp_server, key: hdv-dc1, label: hdv-dc1, action: update, fields: [conflict_attempts],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.snippets]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("dhcp_servers")
