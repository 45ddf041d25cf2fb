#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Manage the services of Forcepoint engines"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_engine_settings
short_description: Manage the services of Forcepoint engines
description:
  - Brings DNS, NTP, log server and time zone of an engine to what is declared.
  - Nothing of it acts before a policy is installed on the engine.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (engine_settings), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      engine:
        description: 'Engine, C(type/name): C(fw_cluster/FW-Bourget).'
        type: str
        required: true
      dns:
        description:
          - 'DNS servers that the engine asks, in order: addresses, or elements C(type/name).'
          - The system's own default is C([]).
        type: list
        elements: str
      ntp:
        description:
          - NTP servers of the engine, C(ntp/name); an empty list turns NTP off.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      log_server:
        description: Log server that receives its logs, C(log_server/name); it forwards them to a syslog.
        type: str
      time_zone:
        description: Time zone of the nodes, C(Europe/Paris).
        type: str
      client_protection:
        description:
          - Authority that signs for the sites whose TLS is decrypted, C(tls_signing_certificate_authority/name); its key
            stays in the SMC; null decrypts nothing.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      server_protection:
        description:
          - Certificates of the servers whose TLS is decrypted, C(tls_server_credentials/name); the keys stay there.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
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
- name: Donner au pare-feu l’heure et les noms de la ville
  smc_engine_settings:
    smc: "{{ piste_smc }}"
    owner: commune
    config:
      - engine: fw_cluster/FW-Bourget
        dns: [10.93.2.11, 10.93.2.12]
        ntp: [ntp/hdv-ntp]
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: smc, owner: commune, kind: engine_settings, key: fw_cluster/FW-Bourget, label: services de FW-Bourget,
       action: update, fields: [dns, ntp], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("smc_engine_settings")
