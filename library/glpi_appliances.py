#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the applications of GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glpi_appliances
short_description: Declare the applications of GLPI
description: Creates and changes applications (appliances), known by their name.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (appliance), as a list: a playbook never loops over objects.'
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
          - State of the application, by its name in GLPI.
          - Null is a value here, an absent key declares nothing.
        type: str
      manufacturer:
        description:
          - Its publisher.
          - Null is a value here, an absent key declares nothing.
        type: str
      location:
        description:
          - Way of the place of its users.
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
- name: Déclarer une application
  glpi_appliances:
    glpi: "{{ piste_glpi }}"
    owner: commune
    config:
      - {name: État civil, state: En service}

- name: Relever ce qui existe
  glpi_appliances:
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
    - {system: glpi, owner: commune, kind: appliance, key: État civil, label: État civil, action: create, fields: [state],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("glpi_appliances")
