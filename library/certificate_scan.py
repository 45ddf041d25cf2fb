#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the certificates that the declared endpoints serve"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: certificate_scan
short_description: Read the certificates that the declared endpoints serve
description:
  - Reads the certificate of each declared endpoint in a TLS handshake, and sends nothing after it. A chain that does not
    verify is read all the same, and is a finding.
  - Judges its end, names, chain, key, issuer and life by the declaration. An endpoint that does not answer is unknown.
  - Changes nothing in any mode.
author: Ville du Bourget
options:
  declared:
    description: Certificates of the town and the rules that judge them, as C(piste_site) gives them.
    type: dict
    required: true
  tls:
    description: Authorities and addresses of the endpoints.
    type: dict
    suboptions:
      ca_file:
        description: Authorities of the town, where the machine does not trust them.
        type: path
      elsewhere:
        description: By certificate, another C(address) and C(port) than the declared endpoint.
        type: dict
      only_elsewhere:
        description: 'Read no endpoint at its declared place: a laboratory must not reach the real services.'
        type: bool
        default: false
      timeout:
        description: Seconds to wait for the end of a handshake.
        type: float
        default: 8.0
  names:
    description: Names of the certificates to read; all of them where it is absent.
    type: list
    elements: str
extends_documentation_fragment: [attributes.reads]
"""

EXAMPLES = r"""
- name: Lire les certificats servis en TLS
  certificate_scan:
    declared: "{{ ansible_facts['piste_site'].certificates }}"
    tls: {ca_file: /etc/ssl/ville.pem}
"""

RETURN = r"""
certificates:
  description: What was read, by certificate, and C(unread), the reason for each that was not.
  returned: always
  type: dict
  sample:
    read_at: "2026-11-24T16:57:00+00:00"
    unread: {}
    facts:
      assistance: {common_name: assistance.ad.lebourget.example, not_after: "2027-02-23T10:00:00+00:00", trusted: true}
trials:
  description: One entry a certificate, in the order of the declaration.
  returned: always
  type: list
  elements: dict
  sample:
    - id: certificate.assistance
      state: ok
      what: "assistance, Assistance et parc (GLPI) : valable jusqu’au 23/02/2027 (87 jours)"
      todo: ""
      title: assistance, Assistance et parc (GLPI)
      expected: plus de 30 jours, à ses noms, par Noms internes, par ACME
      observed: valable jusqu’au 23/02/2027 (87 jours)
calls:
  description: Handshakes, as C(reads), and C(writes), always 0.
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("certificate_scan")
