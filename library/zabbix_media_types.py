#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the mail servers of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_media_types
short_description: Declare the mail servers of Zabbix
description:
  - Creates, changes and removes the media types that send mails, known by their name.
  - A new media type has the messages of Piste, in French; those of an existing media type stay.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (media_type), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the media type, that of a mail server.
        type: str
        required: true
      server:
        description: Server that takes the mails.
        type: str
      port:
        description:
          - Its port.
          - The system's own default is C(25).
        type: int
      sender:
        description: Address of the sender.
        type: str
      domain:
        description: Name by which Zabbix presents itself to the server.
        type: str
      enabled:
        description:
          - Whether it is used.
          - The system's own default is C(true).
        type: bool
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Dire qui prend les messages
  zabbix_media_types:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - {name: Messagerie, server: hdv-msg1.lebourget.example, sender: supervision@lebourget.example, domain: lebourget.example}

- name: Relever ce qui existe
  zabbix_media_types:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: zabbix, owner: commune, kind: media_type, key: Messagerie, label: Messagerie, action: update,
       fields: [server], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_media_types")
