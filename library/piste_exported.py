#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read what an export holds of a domain, as data"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_exported
short_description: Read what an export holds of a domain, as data
description:
  - Replaces C(include_vars), which trusts what it reads as templates. The answer of a module is never evaluated.
  - A folder that is not whole, a file that is not what its schema says, and text that Jinja would evaluate and that lacks
    its mark C(!unsafe) are refused, all at once, each with its file. Changes nothing in any mode.
author: Ville du Bourget
options:
  folder:
    description: Folder of the export; that of the domain is in it.
    type: path
    required: true
  domain:
    description: Domain to read.
    type: str
    required: true
    choices: [directory, names, addressing, access, firewall, printing, network, routing, hosting, supervision, inventory]
extends_documentation_fragment: [attributes.reads]
"""

EXAMPLES = r"""
- name: Lire l’export
  piste_exported:
    folder: /srv/remise/sac/data/systems
    domain: printing
  register: exported
"""

RETURN = r"""
content:
  description: The objects of each kind; of the network a list, an entry a file, with its C(owner).
  returned: success
  type: raw
  sample: {print_queues: [{name: imp-jau-01}]}
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_exported")
