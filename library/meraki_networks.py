#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the networks of a Meraki organization"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_networks
short_description: Declare the networks of a Meraki organization
description:
  - Creates, changes and removes networks, known by name; a name shared by two networks is an error.
  - Product types are fixed at creation.
author: Ville du Bourget
options:
  carried:
    description: Owners whose gateways are on a stack or a switch, or in a network, by its name. Its removal asks for a word.
    type: dict
  config:
    description: 'Objects of the kind (network), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the network; its identity.
        type: str
        required: true
      product_types:
        description:
          - Kinds of devices that the network holds. Fixed at creation.
          - The order has no meaning.
          - Taken into account at creation only.
        type: list
        choices: [appliance, camera, campusGateway, cellularGateway, secureConnect, sensor, switch, systemsManager, wireless,
          wirelessController]
        elements: str
      formerly:
        description: Names under which the network was made by hand. Where it still bears one of them it is renamed, which
          keeps the configuration of its devices; moving them to a new network would erase it.
        type: list
        elements: str
      devices:
        description:
          - Serial numbers of the site's devices. Where no network bears a known name, the one in which they work, alone,
            is the site's, which somebody has renamed.
          - The order has no meaning.
          - Taken into account at creation only.
        type: list
        elements: str
      others:
        description:
          - Names of other sites' networks, which are never taken for it.
          - The order has no meaning.
          - Taken into account at creation only.
        type: list
        elements: str
      time_zone:
        description: Time zone, a name of the tz database.
        type: str
      tags:
        description:
          - Tags of the network.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      notes:
        description:
          - Notes; null clears them.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
extends_documentation_fragment: [attributes.converges, options.meraki, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Créer le réseau d’une école
  meraki_networks:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    config:
      - name: VLB ecole-jaures
        product_types: [switch, wireless]
        time_zone: Europe/Paris
        tags: [ecole]

- name: Relever tous les réseaux
  meraki_networks:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    state: gathered
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: network, key: VLB ecole-jaures, label: VLB ecole-jaures, action: update,
       fields: [tags], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_networks")
