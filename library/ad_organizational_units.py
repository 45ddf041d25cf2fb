#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the organizational units of an Active Directory domain"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_organizational_units
short_description: Declare the organizational units of an Active Directory domain
description:
  - Creates, changes, moves and removes organizational units, known by their path from the domain's root.
  - A unit that contains anything is never removed; a protected unit only with a word of confirmation.
author: Ville du Bourget
options:
  base:
    description: 'Place of the owner, as a path from the domain''s root: C(Ville/Ecoles/ecole-jaures), C(/) for the whole
      domain. Objects elsewhere are neither read nor changed.'
    type: str
    default: /
  apart:
    description: Places beneath C(base) that belong to other owners, with all their contents.
    type: list
    elements: str
    default: []
  config:
    description: 'Objects of the kind (organizational_unit), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Path from the domain's root, C(Ville/Ecoles/ecole-jaures); its identity. C(\\/) is a slash in a name.
        type: str
        required: true
      formerly:
        description: Former paths of the unit. A unit that is still at a former path is moved, with all its contents.
        type: list
        elements: str
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      protected:
        description:
          - True to protect it from accidental deletion.
          - The system's own default is C(false).
        type: bool
extends_documentation_fragment: [attributes.converges, options.domain, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Créer les unités d’une école
  ad_organizational_units:
    domain: "{{ piste_ad }}"
    owner: "{{ inventory_hostname }}"
    base: Ville/Ecoles/ecole-jaures
    config:
      - {path: Ville/Ecoles/ecole-jaures, description: École Jean Jaurès, protected: true}
      - {path: Ville/Ecoles/ecole-jaures/Postes}
      - {path: Ville/Ecoles/ecole-jaures/Utilisateurs}

- name: Relever toutes les unités du domaine
  ad_organizational_units:
    domain: "{{ piste_ad }}"
    owner: commune
    state: gathered
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: ad, owner: commune, kind: organizational_unit, key: Ville/Ecoles, label: Ville/Ecoles, action: update, fields: [
           description], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("ad_organizational_units")
