#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the scopes of a Windows DHCP server"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dhcp_scopes
short_description: Declare the scopes of a Windows DHCP server
description:
  - Makes, changes and removes scopes over WinRM, with their range, exclusions, lease, options and reservations. A scope is
    made inactive, and activated once it is whole.
  - Scopes are written on one server. Where a relation is given, each change is then replicated to the partner, and what the
    partner does not have as it is comes back as C(unreplicated) in the plan until it is mended.
  - Reservations that nobody declares stay.
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
  within:
    description: 'Prefixes of the owner: scopes elsewhere are neither read whole nor changed. All by default.'
    type: list
    elements: str
    default: []
  config:
    description: 'Objects of the kind (dhcp_scope), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      subnet:
        description: Prefix of the scope; its identity.
        type: str
        required: true
      name:
        description: Name, as the console shows it.
        type: str
      description:
        description:
          - Description for people.
          - The system's own default is C().
        type: str
      start:
        description: First address of the range.
        type: str
      end:
        description: Last address of the range.
        type: str
      exclusions:
        description:
          - Parts of the range that are not lent.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions:
          start:
            description: First address.
            type: str
            required: true
          end:
            description: Last address.
            type: str
            required: true
      lease:
        description:
          - Seconds of a lease.
          - The system's own default is C(691200).
        type: int
      active:
        description:
          - False while the scope lends nothing.
          - The system's own default is C(true).
        type: bool
      options:
        description: What a client gets with its address; the server's own options hold for what is absent.
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
      reservations:
        description:
          - Reserved addresses; null removes a reservation.
          - The keys are free; null takes an entry away.
          - C(name) (str, required) Name of the reservation.
          - C(mac) (str, required) MAC address, or another identifier in hexadecimal.
        type: dict
extends_documentation_fragment: [options.winrm, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Donner des adresses aux postes d’une école
  dhcp_scopes:
    winrm: "{{ piste_winrm }}"
    server: hdv-dc1
    failover: {name: hdv-dc1-hdv-dc2, partner: hdv-dc2, mode: load_balance, share: 50}
    owner: ecole-jaures
    within: [10.93.40.0/21]
    config:
      - subnet: 10.93.41.0/24
        name: jau-utilisateurs
        start: 10.93.41.50
        end: 10.93.41.239
        lease: 691200
        options: {routers: [10.93.41.254], dns: [10.93.2.11, 10.93.2.12], domain: ad.lebourget.example}
        reservations:
          10.93.41.12: {name: imp-jau-01, mac: "f0:de:f1:7a:00:5e"}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: dhcp, owner: ecole-jaures, kind: dhcp_scope, key: 10.93.41.0/24, label: 10.93.41.0/24, action: update, fields: [
           lease], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.snippets]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("dhcp_scopes")
