#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read the running configuration of the Nexus switches, without its secrets"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nexus_configurations
short_description: Read the running configuration of the Nexus switches, without its secrets
description:
  - Passwords, keys and communities are masked before the text leaves the module.
  - Changes nothing in any mode.
author: Ville du Bourget
options: {}
extends_documentation_fragment: [attributes.reads, options.nexus]
"""

EXAMPLES = r"""
- name: Lire les configurations
  nexus_configurations:
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"
"""

RETURN = r"""
configurations:
  description: The text of each configuration, by the name of its switch.
  returned: always
  type: dict
extends_documentation_fragment: [results.calls]
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("nexus_configurations")
