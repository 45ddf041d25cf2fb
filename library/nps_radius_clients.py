#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the RADIUS clients of NPS servers"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nps_radius_clients
short_description: Declare the RADIUS clients of NPS servers
description:
  - Creates, changes and removes RADIUS clients on the NPS servers of a pair, known by name. What nobody
    declares stays as it is.
  - A server is changed at once, by an import of its whole configuration, which is read again and compared;
    what is not exactly as wanted is put back. The second server is written only once the first is verified.
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
  servers:
    description:
      - 'Servers that hold the same, in the order in which they are written: each one only once the one
        before it is verified.'
    type: list
    required: true
    elements: str
  prefix:
    description:
      - 'Beginnings of the names that are the owner''s: C(overridden) removes what bears one and is not
        declared, and no other.'
    type: list
    elements: str
    default: []
  config:
    description:
      - 'Objects of the kind (radius_client), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description:
          - Server that it is about, alone; without it, each one of the task's C(servers).
        type: str
      name:
        description:
          - Name of the client, its identity; case does not tell two apart.
        type: str
        required: true
      enabled:
        description:
          - Whether it is in use.
          - The system's own default is C(true).
        type: bool
      address:
        description:
          - Its address, a range of them (CIDR), or its DNS name. A new client needs it.
        type: str
      secret:
        description:
          - Secret that it shares with the server.
          - 'Written C({secret: radius/{owner}}), never in clear.'
        type: dict
        suboptions:
          secret:
            description:
              - Path of the secret in the environment's secrets.
            type: str
            required: true
      vendor:
        description:
          - Its manufacturer, by name or number.
          - The system's own default is C(RADIUS Standard).
        type: str
      require_message_authenticator:
        description:
          - Whether its requests must be signed (Message-Authenticator). Without it anybody on the way
            can forge an answer (CVE-2024-3596), so that Piste makes clients that must.
          - The system's own default is C(true).
        type: bool
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
- name: Admettre le commutateur de la mairie
  nps_radius_clients:
    winrm: "{{ piste_winrm }}"
    servers: [hdv-nps1, hdv-nps2]
    owner: hotel-de-ville
    secrets: "{{ piste_secrets }}"
    prefix: [sw-hdv-, ap-hdv-]
    config:
      - name: sw-hdv-01
        address: 10.93.0.11
        secret: {secret: radius/hotel-de-ville}
        enabled: true
"""

RETURN = r"""
operations:
  description: What changed (or would), in order, one entry an object.
  returned: always
  type: list
  elements: dict
  sample:
    - system: nps
      owner: commune
      kind: radius_client
      key: hdv-nps1/sw-hdv-01
      label: sw-hdv-01 (hdv-nps1)
      action: update
      fields: [address]
      before: 1f0c6c7ef8a2d931
      after: 8b7df143d91c716e
summary:
  description: The same, one readable line each.
  returned: always
  type: list
  elements: str
withheld:
  description: What was not done for want of a secret or a confirmation.
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
    main("nps_radius_clients")
