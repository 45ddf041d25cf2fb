#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge the firewall of an owner (Forcepoint SMC)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_firewall
short_description: Converge the firewall of an owner (Forcepoint SMC)
description:
  - Takes the kinds of the domain in their order, in one process, and stops at the first that fails.
  - An error tells what the kinds before it have done.
author: Ville du Bourget
options:
  smc:
    description:
      - Where the SMC listens, and as whom to speak to it. C(piste_smc) of the environment where the task
        does not say it.
    type: dict
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
  adopt:
    description:
      - Also write into the comments the ids by which rules without one are called.
    type: bool
    default: false
  keep:
    description:
      - Ids or names of the rules that let administration in, where the declaration does not say them.
    type: list
    elements: str
  site:
    description:
      - Owner whose derived declaration is converged, a site or C(commune); M(piste_site) comes before.
    type: str
  state:
    description:
      - C(declared) brings the owner to what the declaration derives; C(merged) does what C(config), C(absent)
        or C(undo) say, and nothing else; C(gathered) reads, whole, and changes nothing; C(deleted) removes
        what is the owner's own, what is held before what holds it; C(undeclared) names what no owner
        declares.
    type: str
    choices:
      - declared
      - merged
      - gathered
      - deleted
      - undeclared
    default: declared
  config:
    description:
      - 'Objects by kind, as C(config) of the kind''s own module takes them: C(elements), C(policies),
        C(installations).'
    type: dict
  absent:
    description:
      - Names of objects that must not be there, by kind.
    type: dict
  undo:
    description:
      - 'What C(piste undo) writes for the owner, by module: what is C(restored) comes first, in the order
        of the kinds, then what is C(returned), in the reverse of it.'
    type: dict
  only:
    description:
      - Kinds to which the task is limited.
    type: list
    choices:
      - elements
      - policies
      - installations
    elements: str
    default: []
  step:
    description:
      - A step that the usual run leaves out, and that the task does alone.
    type: str
    choices:
      - installation
  rehearse:
    description:
      - Go through all the kinds without writing first, so that nothing is written before all have said
        that they refuse nothing. Not before C(deleted) nor C(undo).
    type: bool
    default: false
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
      - In check mode, also tell what is there and what of it the task does not declare. C(piste_survey)
        of the environment where the task does not say it.
    type: bool
  plan:
    description:
      - 'Saved plan to keep to: any other operation stops the task before it writes. C(piste_plan) of
        the environment where the task does not say it.'
    type: path
  max_removals:
    description:
      - Removals allowed without the word C(removals).
    type: int
    default: 5
  secrets:
    description:
      - Values of the secrets, by path. C(piste_secrets) of the environment where the task does not say
        it.
    type: dict
  secrets_lock:
    description:
      - File of the fingerprints of what was written and cannot be read back. Without it, such a value
        counts as unchanged. C(piste_secrets_lock) of the environment where the task does not say it.
    type: path
"""

EXAMPLES = r"""
- name: Converger les règles d’un site
  piste_firewall:
    smc: "{{ piste_smc }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire la part d’un site dans le pare-feu
  piste_firewall:
    smc: "{{ piste_smc }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
operations:
  description: What changed (or would), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
kinds:
  description: How many operations each kind had, by its name; those that were passed by are not there.
  returned: always
  type: dict
summary:
  description: The operations, one readable line each.
  returned: always
  type: list
  elements: str
withheld:
  description: What was not done for want of a secret or of a confirmation.
  returned: always
  type: list
  elements: str
gathered:
  description: What is there, by kind, in the form of C(config).
  returned: when I(state=gathered)
  type: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("piste_firewall")
