#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare where group policies apply, and in which order"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_gpo_links
short_description: Declare where group policies apply, and in which order
description:
  - Links policies to organizational units and to the domain's root, in the order that the console shows.
  - Links that the declaration does not name stay in their place.
author: Ville du Bourget
options:
  domain:
    description:
      - Where the Active Directory domain is reached, and as whom.
    type: dict
    required: true
    suboptions:
      controller:
        description:
          - Full name of a domain controller, the one in its certificate. The one that holds the PDC emulator
            role is found from it, and spoken to alone.
        type: str
        required: true
      address:
        description:
          - Address at which C(controller) is reached, where its name does not resolve.
        type: str
      username:
        description:
          - 'Who connects: C(name@domain), or a distinguished name.'
        type: str
        required: true
      password:
        description:
          - Password, secret.
        type: str
        default: ''
      authentication:
        description:
          - 'How the account is proven. C(ntlm): a simple bind over LDAPS, NTLM for SMB. C(kerberos):
            Kerberos for both, bound to the TLS channel for LDAPS.'
        type: str
        choices:
          - ntlm
          - kerberos
        default: ntlm
      keytab:
        description:
          - File of the account's keys, which takes the place of C(password) with Kerberos.
        type: path
      kdc:
        description:
          - Name or address of the domain's key distribution centre, where DNS does not tell it.
        type: str
      ca_file:
        description:
          - Certificate authority of the controllers, where it is not one of the machine's.
        type: path
      timeout:
        description:
          - Seconds for which an answer is waited for.
        type: int
        default: 60
  base:
    description:
      - 'Place of the owner, as a path from the domain''s root: C(Ville/Ecoles/ecole-jaures), C(/) for
        the whole domain. What stands elsewhere is neither read nor changed.'
    type: str
    default: /
  apart:
    description:
      - Places beneath C(base) that belong to other owners, with all that they hold.
    type: list
    elements: str
    default: []
  config:
    description:
      - 'Objects of the kind (gpo_links), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      target:
        description:
          - 'Where the policies apply: path of an organizational unit, or C(/) for the whole domain.'
        type: str
        required: true
      block_inheritance:
        description:
          - Whether policies from above stop here, those that are enforced excepted.
          - The system's own default is C(false).
        type: bool
      links:
        description:
          - The links, by name of policy; null takes one away. Those that are not named stay in their
            place, unless the state is C(replaced) or C(overridden); links to policies that do not exist
            any more always stay, unless named by GUID.
          - The keys are free; null takes an entry away.
          - C(enforced) (bool, default false) Whether it holds against what is below.
          - C(enabled) (bool, default true) Whether it acts at all.
          - The system's own default is C({}).
        type: dict
      order:
        description:
          - 'Names of policies in the order that the console shows: the first wins over the next. Links
            that are not named here keep their place; without it a new link comes last.'
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
      - overridden
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
- name: Lier les stratégies des écoles
  ad_gpo_links:
    domain: "{{ piste_ad }}"
    owner: commune
    config:
      - target: Ville/Ecoles
        links:
          Socle Ecoles: {enforced: true}
          Sobriété Ecoles: {}
        order: [Socle Ecoles, Sobriété Ecoles]
"""

RETURN = r"""
operations:
  description: What changed (or would), in order, one entry an object.
  returned: always
  type: list
  elements: dict
  sample:
    - system: ad
      owner: commune
      kind: gpo_links
      key: Ville/Ecoles
      label: Ville/Ecoles
      action: update
      fields: [links]
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
    main("ad_gpo_links")
