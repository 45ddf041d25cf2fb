#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the RADIUS clients of NPS servers"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nps_radius_clients
short_description: Declare the RADIUS clients of NPS servers
description:
  - Creates, changes and removes RADIUS clients on the NPS servers of a pair, known by name. Objects that nobody declares
    stay as they are.
  - A server is changed at once, by an import of its whole configuration, which is read again and compared; a difference is
    put back. The second server is written only once the first is verified.
author: Ville du Bourget
options:
  servers:
    description: 'Identical servers, in the order of writes: a server is written once the server before it is verified.'
    type: list
    required: true
    elements: str
  prefix:
    description: 'Beginnings of the owner''s names: C(overridden) only removes undeclared items with such a name.'
    type: list
    elements: str
    default: []
  owners:
    description: 'Beginnings of the names of each owner''s clients, by owner: the secret of a client that has none of the
      known values is named after its owner.'
    type: dict
    default: {}
  config:
    description: 'Objects of the kind (radius_client), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description: The only server of the item; without it, each of the task's C(servers) has the item.
        type: str
      name:
        description: Name of the client, its identity; case does not count.
        type: str
        required: true
      enabled:
        description:
          - True if it is in use.
          - The system's own default is C(true).
        type: bool
      address:
        description: Its address, a range of them (CIDR), or its DNS name. A new client needs it.
        type: str
      secret:
        description:
          - Secret that it shares with the server.
          - 'Written C({secret: radius/{owner}}), never in clear.'
        type: dict
        suboptions:
          secret:
            description: Path of the secret in the environment's secrets.
            type: str
            required: true
      vendor:
        description:
          - Its manufacturer, by name or number.
          - The system's own default is C(RADIUS Standard).
        type: str
      require_message_authenticator:
        description:
          - 'True to require signed requests (Message-Authenticator). Otherwise anybody on the way can forge an answer (CVE-2024-3596):
            new clients have true.'
          - The system's own default is C(true).
        type: bool
extends_documentation_fragment: [attributes.converges, options.winrm, options.task, options.kind, options.states]
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
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: nps, owner: commune, kind: radius_client, key: hdv-nps1/sw-hdv-01, label: sw-hdv-01 (hdv-nps1), action: update,
       fields: [address], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("nps_radius_clients")
