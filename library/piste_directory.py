#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Converge the directory of an owner (Active Directory)"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_directory
short_description: Converge the directory of an owner (Active Directory)
description:
  - Takes the kinds of the domain in their order, in one process, and stops at the first that fails.
  - An error tells what the kinds before it have done.
author: Ville du Bourget
options:
  domain:
    description:
      - Where the Active Directory domain is reached, and as whom. C(piste_ad) of the environment where
        the task does not say it.
    type: dict
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
  apart:
    description:
      - Places beneath C(base) that belong to other owners, with all that they hold.
    type: list
    elements: str
  backup_dir:
    description:
      - 'Folder of the control node for backups as the console makes them: of what is removed, before
        it is, and of all that is C(gathered), with a migration table.'
    type: path
  admx:
    description:
      - Folder of the site's own policy definitions (ADMX, and ADML by language), here. C(piste_admx)
        of the environment where the task does not say it.
    type: path
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
      - 'Objects by kind, as C(config) of the kind''s own module takes them: C(organizational_units),
        C(groups), C(wmi_filters), C(gpos), C(gpo_links).'
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
      - organizational_units
      - groups
      - wmi_filters
      - gpos
      - gpo_links
    elements: str
    default: []
  step:
    description:
      - A step that the usual run leaves out, and that the task does alone.
    type: str
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
- name: Converger l’annuaire d’un site
  piste_directory:
    domain: "{{ piste_ad }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire l’annuaire d’un site
  piste_directory:
    domain: "{{ piste_ad }}"
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
    main("piste_directory")
