#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Judge the certificate authorities that the directory publishes"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_authorities
short_description: Judge the certificate authorities that the directory publishes
description:
  - Reads what AD CS publishes in the configuration of the forest. These are authorities, templates, NTAuth, revocation lists.
  - Judges what would refuse computers once 802.1X is imposed, and templates by which anybody may take the name of another.
  - Does nothing where no declared authority is in the directory. Changes nothing in any mode.
author: Ville du Bourget
options:
  declared:
    description: Certificates of the town and the rules that judge them, as C(piste_site) gives them.
    type: dict
    required: true
  templates:
    description: Names of the templates that servers of RADIUS need.
    type: list
    elements: str
  brief:
    description: Give what conforms in a single finding.
    type: bool
    default: false
extends_documentation_fragment: [attributes.reads, options.domain]
"""

EXAMPLES = r"""
- name: Juger l’autorité de l’annuaire
  ad_authorities:
    domain: "{{ piste_ad }}"
    declared: "{{ ansible_facts['piste_site'].certificates }}"
    templates: [Serveurs RADIUS]
"""

RETURN = r"""
findings:
  description: One entry a check, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: ca.ntauth
      state: ok
      what: "Ville du Bourget CA est dans NTAuth : ses certificats ouvrent le réseau et les sessions"
      todo: ""
unready:
  description: What forbids to impose 802.1X; empty where nothing does.
  returned: always
  type: str
certificates:
  description: Certificates of the declared authorities, as C(certificate_scan) gives them.
  returned: where a declared authority is in the directory
  type: dict
trials:
  description: One entry a certificate, as C(certificate_scan) gives them.
  returned: where a declared authority is in the directory
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: where a declared authority is in the directory
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("ad_authorities")
