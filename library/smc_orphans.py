#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List what a Forcepoint SMC holds and nobody declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_orphans
short_description: List what a Forcepoint SMC holds and nobody declares
description:
  - Elements and policies, and the rules that stand in the declared policies; what is the system's own
    is left out.
  - Of each element, whether anything uses it. Changes nothing in any mode.
author: Ville du Bourget
options:
  smc:
    description:
      - Where the SMC listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      url:
        description:
          - Base of the API, C(https://smc.example:8082).
        type: str
        required: true
      api_version:
        description:
          - 'Version of the API, C(7.4). It is never replaced by another: an SMC that does not offer it
            is refused.'
        type: str
        required: true
      api_key:
        description:
          - Key of the API client, secret.
        type: str
      login:
        description:
          - Administrator account, where there is no API client.
        type: str
      password:
        description:
          - Its password, secret.
        type: str
      domain:
        description:
          - Administrative domain.
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
  elements:
    description:
      - All elements that are declared, C(type/name) each.
    type: list
    required: true
    elements: str
  policies:
    description:
      - All entries that are declared, of all owners, as C(config) of M(smc_policies).
    type: list
    required: true
    elements: dict
  installations:
    description:
      - All entries that are declared, as C(config) of M(smc_installations).
    type: list
    required: true
    elements: dict
attributes:
  check_mode:
    support: full
    description: Reads only.
"""

EXAMPLES = r"""
- name: Relever ce que personne ne déclare dans le pare-feu
  smc_orphans:
    smc: "{{ piste_smc }}"
    elements: [host/srv-dc1, network/net-jaures-utilisateurs]
    policies:
      - type: fw_policy
        scope: "section:Socle"
        name: VLB
        ipv4_access: []
"""

RETURN = r"""
orphans:
  description: One entry an orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: element
      key: host/ancien-serveur
      why: personne ne le déclare, et rien ne s'en sert
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("smc_orphans")
