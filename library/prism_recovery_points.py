#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the copies that a Nutanix cluster keeps"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_recovery_points
short_description: Read the copies that a Nutanix cluster keeps
description:
  - Gives the recovery points of Prism Central as copies of the protected sets, a reading a store. Changes nothing in any
    mode.
  - A copy on the cluster of its original is lost with it; it is no second medium.
author: Ville du Bourget
options:
  declared:
    description: 'Protection of the town: its stores and its sets.'
    type: dict
    required: true
extends_documentation_fragment: [attributes.reads, options.prism]
"""

EXAMPLES = r"""
- name: Relever les points de restauration
  prism_recovery_points:
    prism: "{{ piste_prism }}"
    declared: "{{ ansible_facts['piste_site'].protection }}"
"""

RETURN = r"""
readings:
  description: A reading a store; C(unknown) gives the reason why a store could not be read.
  returned: always
  type: list
  elements: dict
  sample:
    - store: prism
      read_at: "2026-11-28T02:30:00Z"
      unknown: null
      copies:
        - set: hdv-sql1
          store: prism
          taken_at: "2026-11-28T02:00:00Z"
          size_bytes: 6442450944
          id: 0b93a6e0-5b1e-4f0e-9f8e-93000000a5c0/0b93a6e0-5b1e-4f0e-9f8e-93000000a5c1
          immutable_until: null
          state: complete
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("prism_recovery_points")
