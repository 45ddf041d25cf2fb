#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the certificates of GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_certificates
short_description: Declare the certificates of GLPI
description: Creates and changes certificates, known by their name; private keys are nowhere here.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (certificate), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name; its identity.
        type: str
        required: true
      state:
        description:
          - State of the certificate, by its name in GLPI.
          - Null is a value here, an absent key declares nothing.
        type: str
      manufacturer:
        description:
          - Its authority.
          - Null is a value here, an absent key declares nothing.
        type: str
      ends:
        description:
          - Last day of validity, C(YYYY-MM-DD).
          - Null is a value here, an absent key declares nothing.
        type: str
      trashed:
        description:
          - Whether somebody has put it in the bin.
          - The system's own default is C(false).
        type: bool
extends_documentation_fragment: [attributes.converges, options.glpi, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Déclarer un certificat
  glpi_certificates:
    glpi: "{{ piste_glpi }}"
    owner: commune
    config:
      - {name: www.lebourget.example, ends: "2027-03-01"}

- name: Relever ce qui existe
  glpi_certificates:
    glpi: "{{ piste_glpi }}"
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
    - {system: glpi, owner: commune, kind: certificate, key: www.lebourget.example, label: www.lebourget.example, action: update, fields: [ends],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_certificates")
