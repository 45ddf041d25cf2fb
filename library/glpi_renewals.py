#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read in GLPI the tickets that ask for the renewal of certificates"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_renewals
short_description: Read in GLPI the tickets that ask for the renewal of certificates
description:
  - A ticket is known by the number declared beside the certificate, else by the title of its request.
  - Neither content nor person is kept.
author: Ville du Bourget
options:
  declared:
    description: Certificates of the town and the rules that judge them, as C(piste_site) gives them.
    type: dict
    required: true
extends_documentation_fragment: [attributes.reads, options.glpi]
"""

EXAMPLES = r"""
- name: Lire les tickets de renouvellement
  glpi_renewals:
    glpi: "{{ piste_glpi }}"
    declared: "{{ ansible_facts['piste_site'].certificates }}"
"""

RETURN = r"""
certificates:
  description:
    - C(tickets), with C(open) (number of the open ticket by certificate), C(closed) (certificates whose declared ticket
      is over) and C(unread), which is empty.
  returned: always
  type: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("glpi_renewals")
