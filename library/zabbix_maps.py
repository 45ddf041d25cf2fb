#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the maps of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_maps
short_description: Declare the maps of Zabbix
description:
  - Creates, changes and removes maps of hosts, known by their name.
  - They are public; a reader sees in them the hosts that the reader may read.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (map), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the map.
        type: str
        required: true
      width:
        description:
          - Width in pixels.
          - The system's own default is C(800).
        type: int
      height:
        description:
          - Height in pixels.
          - The system's own default is C(600).
        type: int
      hosts:
        description:
          - Hosts by name, with their place in pixels, C(x,y).
          - The keys are free; null takes an entry away.
          - The system's own default is C({}).
        type: dict
      links:
        description:
          - Pairs of hosts, C(name name).
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Dessiner un site
  zabbix_maps:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: École Jean Jaurès
        hosts: {sw-jau-01: '60,60', sw-jau-02: '170,60'}
        links: [sw-jau-01 sw-jau-02]

- name: Relever ce qui existe
  zabbix_maps:
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
    - {system: zabbix, owner: ecole-jaures, kind: map, key: École Jean Jaurès, label: École Jean Jaurès, action: update,
       fields: [hosts], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_maps")
