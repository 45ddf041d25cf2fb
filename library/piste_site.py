#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Validate the declaration and derive a site"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_site
short_description: Validate the declaration and derive a site
description: Reads the whole declaration once a run, refuses it with all its faults (file, line, remedy) before any request,
  and gives the site with all that is derived (addresses, VLANs, names).
author: Ville du Bourget
options:
  site:
    description: Name of the site in the inventory.
    type: str
    required: true
  inventory:
    description: Folder of the inventory that declares the town.
    type: path
    required: true
  as_found:
    description: Folder of what the sites of the environment keep as it was found, a file a site; C(piste adopt) writes it.
    type: path
  eap_tests:
    description: Folder of the successful tests of 802.1X in the environment, a file a site, which C(radius_tests) writes.
      Without it, no site is asked for one.
    type: path
  rehearsed:
    description: File of the steps of digital sobriety that were made in the environment alone; C(piste sobriety) writes the
      laboratory's.
    type: path
  whole:
    description: Give all that is derived as a fact, for tasks that take it apart themselves; else its name and state.
    type: bool
    default: false
  network_name:
    description: Name that the site's network bears, where it is not the declared one.
    type: str
attributes:
  check_mode:
    support: full
    description: Changes nothing in any mode.
"""

EXAMPLES = r"""
- name: Valider la déclaration et en déduire le site
  piste_site:
    site: "{{ inventory_hostname }}"
    inventory: "{{ inventory_dir }}"
"""

RETURN = r"""
declaration:
  description: Digest of the whole declaration.
  returned: success
  type: str
ansible_facts:
  description: C(piste_site), the derived site.
  returned: success
  type: dict
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_site")
