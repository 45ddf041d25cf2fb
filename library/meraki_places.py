#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List the networks of a Meraki organization and the devices at work in each"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_places
short_description: List the networks of a Meraki organization and the devices at work in each
description: Gives what can be adopted, by name. Changes nothing in any mode.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.meraki]
"""

EXAMPLES = r"""
- name: Relever les réseaux et les équipements de l’organisation
  meraki_places:
    dashboard: "{{ piste_meraki }}"
"""

RETURN = r"""
places:
  description: One entry a network, with the serial numbers of its devices and the model of each.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: network
      key: ECOLE JAURES ne pas toucher
      devices: [QZZZ-0005-0001, QZZZ-0005-0041]
      models: {QZZZ-0005-0001: MS220-24, QZZZ-0005-0041: MR46}
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("meraki_places")
