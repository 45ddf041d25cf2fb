#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Manage the log forwarding of Forcepoint log servers"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_log_servers
short_description: Manage the log forwarding of Forcepoint log servers
description:
  - Brings the hosts to which a log server forwards the logs of engines to what is declared.
  - Acts without an installation of the policy, which must let the log server reach these hosts.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (log_server), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description: Log server, C(log_server/name).
        type: str
        required: true
      forwards:
        description:
          - Hosts to which it forwards logs, C(host/name:port/service), service C(udp), C(tcp) or C(tcp_with_tls); null takes
            one away.
          - The keys are free; null takes an entry away.
          - 'C(format) (str, required) Format of the logs: C(cef), C(leef), C(csv), C(xml)…'
          - C(data) (str) Kind of logs, C(data_context/name).
          - C(filter) (str) Logs to forward, C(filter_expression/name); all without it.
          - C(tls_profile) (str) Profile of a TLS connection, C(tls_profile/name).
        type: dict
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, gathered]
    default: merged
extends_documentation_fragment: [attributes.converges, options.smc, options.task, options.kind]
"""

EXAMPLES = r"""
- name: Renvoyer les journaux du pare-feu au serveur de la ville
  smc_log_servers:
    smc: "{{ piste_smc }}"
    owner: commune
    config:
      - server: log_server/LogServer 192.0.2.10
        forwards:
          host/VLB-log-hdv-log1:514/udp: {format: cef, data: data_context/All Log Data}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: smc, owner: commune, kind: log_server, key: log_server/LogServer 192.0.2.10,
       label: journaux de LogServer 192.0.2.10, action: update, fields: [forwards], before: 1f0c6c7ef8a2d931,
       after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("smc_log_servers")
