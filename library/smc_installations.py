#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Install Forcepoint policies on their engines"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smc_installations
short_description: Install Forcepoint policies on their engines
description:
  - Installs a policy on an engine only where something is pending or where another policy runs, and follows
    it to its end.
  - Refuses as long as the SMC does not hold exactly what I(policies) says of the policy, or where this
    run has not written all of it.
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
  policies:
    description:
      - 'What the installed policies must be, as C(config) of M(smc_policies): an installation is refused
        as long as the SMC holds anything else, or rules of Piste''s that none of it declares. Rules of
        others in it ask for a word.'
    type: list
    elements: dict
    default: []
  preserve_connections:
    description:
      - Whether what is open stays open.
    type: bool
    default: true
  snapshot:
    description:
      - Whether the SMC keeps what it installed.
    type: bool
    default: true
  time_limit:
    description:
      - Seconds after which an installation that has no end is aborted.
    type: float
    default: 900
  config:
    description:
      - 'Objects of the kind (installation), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      engine:
        description:
          - 'Engine, C(type/name): C(fw_cluster/FW-Bourget).'
        type: str
        required: true
      policy:
        description:
          - Policy that runs on it, C(fw_policy/name).
          - Null is a value here, an absent key declares nothing.
        type: str
  state:
    description:
      - C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects
        back to their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted)
        removes the declared objects; C(gathered) reads and changes nothing.
    type: str
    choices:
      - merged
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
    description: Says what would be installed; never installs.
  diff_mode:
    support: full
    description: Shows each object that changes, before and after, as YAML.
"""

EXAMPLES = r"""
- name: Installer la politique de la ville
  smc_installations:
    smc: "{{ piste_smc }}"
    owner: commune
    policies: "{{ firewall_policies }}"
    config:
      - engine: fw_cluster/FW-Bourget
        policy: fw_policy/VLB
  tags: [installation]
"""

RETURN = r"""
operations:
  description: What changed (or would), in order, one entry an object.
  returned: always
  type: list
  elements: dict
  sample:
    - system: smc
      owner: commune
      kind: installation
      key: fw_cluster/FW-Bourget
      label: fw_cluster/FW-Bourget
      action: update
      fields: [pending]
      before: 1f0c6c7ef8a2d931
      after: 8b7df143d91c716e
summary:
  description: The same, one readable line each.
  returned: always
  type: list
  elements: str
withheld:
  description: What was not done for want of a confirmation.
  returned: always
  type: list
  elements: str
gathered:
  description: What is there, in the form of C(config).
  returned: when I(state=gathered)
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("smc_installations")
