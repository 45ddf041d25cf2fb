#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the WMI filters of group policies"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_wmi_filters
short_description: Declare the WMI filters of group policies
description: Creates, changes and removes WMI filters, known by name; which policies they limit is said with the policies.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (wmi_filter), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the filter; its identity.
        type: str
        required: true
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      queries:
        description: Queries to which a computer must all give an answer.
        type: list
        elements: dict
        suboptions:
          namespace:
            description:
              - WMI namespace in which the query is asked.
              - The system's own default is C(root\CIMv2).
            type: str
          query:
            description: The query, in WQL.
            type: str
            required: true
extends_documentation_fragment: [attributes.converges, options.domain, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Distinguer les portables
  ad_wmi_filters:
    domain: "{{ piste_ad }}"
    owner: commune
    config:
      - name: Portables
        description: Ordinateurs qui ont une batterie
        queries:
          - query: SELECT * FROM Win32_Battery
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: ad, owner: commune, kind: wmi_filter, key: Windows 11, label: Windows 11, action: update, fields: [queries],
       before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("ad_wmi_filters")
