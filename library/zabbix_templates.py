#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the templates of Piste in Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_templates
short_description: Declare the templates of Piste in Zabbix
description:
  - Imports, changes and removes our own templates, known by their technical name, each whole.
  - A template that leaves a host takes its items and their data with it.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (template), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Technical name.
        type: str
        required: true
      content:
        description: The template, as Zabbix exports it.
        type: dict
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Importer un modèle
  zabbix_templates:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: Piste SMC by HTTP
        content: {template: Piste SMC by HTTP, name: Piste SMC by HTTP, groups: [{name: Piste}]}

- name: Relever ce qui existe
  zabbix_templates:
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
    - {system: zabbix, owner: commune, kind: template, key: Piste SMC by HTTP, label: Piste SMC by HTTP, action: update,
       fields: [content], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_templates")
