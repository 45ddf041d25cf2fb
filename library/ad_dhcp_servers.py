#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the DHCP servers that a forest authorises"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_dhcp_servers
short_description: Declare the DHCP servers that a forest authorises
description:
  - Authorises DHCP servers in the configuration of the forest over LDAPS, or ends the authorisation of those named in C(absent),
    which needs C(confirm).
  - By default, only the administrators of the enterprise may write there.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (ad_dhcp_server), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: DNS name of the server, whole; its identity.
        type: str
        required: true
      address:
        description: Address of the server.
        type: str
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, gathered]
    default: merged
extends_documentation_fragment: [options.domain, options.task, options.kind]
"""

EXAMPLES = r"""
- name: Autoriser un serveur DHCP
  ad_dhcp_servers:
    domain: "{{ piste_ad }}"
    owner: commune
    config:
      - {name: hdv-dc1.ad.lebourget.example, address: 10.93.2.11}
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: ad, owner: commune, kind: ad_dhcp_server, key: hdv-dc1.ad.lebourget.example, label: hdv-dc1.ad.lebourget.example,
       action: create, fields: [name, address], before: "-", after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

from piste.runs.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("ad_dhcp_servers")
