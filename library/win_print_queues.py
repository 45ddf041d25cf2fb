#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare what print queues do by default"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: win_print_queues
short_description: Declare what print queues do by default
description:
  - Sets the sides and the colour by default of print queues, where they are and what people are told
    of them, on one print server, over WinRM. Queues are made and removed there, with their drivers and
    ports, and never by this module; a declared queue that does not exist is refused, with all others,
    before anything is written.
  - All the queues of a task are read in one call, written in one, and read again.
author: Ville du Bourget
options:
  winrm:
    description:
      - How Windows hosts are reached by WinRM, and as whom.
    type: dict
    required: true
    suboptions:
      domain:
        description:
          - DNS domain of the hosts, which is added to a name without a dot.
        type: str
        default: ''
      urls:
        description:
          - Addresses, by name, of hosts that are not at C(https://NAME.DOMAIN:5986/wsman).
        type: dict
      username:
        description:
          - 'Who connects: C(DOMAIN\\name) or C(name@domain).'
        type: str
        required: true
      password:
        description:
          - Password, secret.
        type: str
        default: ''
      authentication:
        description:
          - How the account is proven.
        type: str
        choices:
          - ntlm
          - basic
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
          - Certificate authority of the hosts, where it is not one of the machine's.
        type: path
      timeout:
        description:
          - Seconds for which the end of a snippet is waited for.
        type: int
        default: 300
  server:
    description:
      - Name of the print server.
    type: str
    required: true
  prefix:
    description:
      - 'What the names of the owner''s queues begin with: C(imp-jau-). Others are neither read whole
        nor changed.'
    type: str
    default: ''
  config:
    description:
      - 'Objects of the kind (print_queue), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the queue; its identity.
        type: str
        required: true
      duplexing:
        description:
          - 'On which sides it prints: one, or both, turned along an edge.'
        type: str
        choices:
          - one_sided
          - long_edge
          - short_edge
      color:
        description:
          - Whether it prints in colour.
        type: bool
      location:
        description:
          - Where it is, as people look for it; an empty text clears it.
          - The system's own default is C().
        type: str
      comment:
        description:
          - What people are told of it; an empty text clears it.
          - The system's own default is C().
        type: str
      shared:
        description:
          - Whether computers may connect to it.
        type: bool
      share_name:
        description:
          - Name under which it is shared.
        type: str
  state:
    description:
      - C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects
        back to their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted)
        removes the declared objects; C(gathered) reads and changes nothing.
    type: str
    choices:
      - merged
      - replaced
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
"""

EXAMPLES = r"""
- name: Imprimer recto verso en noir et blanc
  win_print_queues:
    winrm: "{{ piste_winrm }}"
    server: hdv-imp1
    owner: ecole-jaures
    prefix: imp-jau-
    config:
      - {name: imp-jau-01, duplexing: long_edge, color: false, location: Salle des maîtres}
"""

RETURN = r"""
operations:
  description: What changed (or would), in order, one entry an object.
  returned: always
  type: list
  elements: dict
  sample:
    - system: print
      owner: ecole-jaures
      kind: print_queue
      key: imp-jau-01
      label: imp-jau-01
      action: update
      fields: [duplexing, color]
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
  description: Snippets run, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("win_print_queues")
