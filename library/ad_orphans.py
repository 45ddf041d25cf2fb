#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""List what a directory holds and nobody declares"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_orphans
short_description: List what a directory holds and nobody declares
description:
  - Units and groups of the town's place, policies and WMI filters. What the domain was made with is left
    out. Changes nothing in any mode.
  - Of each such policy, what makes it less than whole; folders of SYSVOL that are of no policy; links
    to policies that do not exist any more.
author: Ville du Bourget
options:
  domain:
    description:
      - Where the Active Directory domain is reached, and as whom.
    type: dict
    required: true
    suboptions:
      controller:
        description:
          - Full name of a domain controller, the one in its certificate. The one that holds the PDC emulator
            role is found from it, and spoken to alone.
        type: str
        required: true
      address:
        description:
          - Address at which C(controller) is reached, where its name does not resolve.
        type: str
      username:
        description:
          - 'Who connects: C(name@domain), or a distinguished name.'
        type: str
        required: true
      password:
        description:
          - Password, secret.
        type: str
        default: ''
      authentication:
        description:
          - 'How the account is proven. C(ntlm): a simple bind over LDAPS, NTLM for SMB. C(kerberos):
            Kerberos for both, bound to the TLS channel for LDAPS.'
        type: str
        choices:
          - ntlm
          - kerberos
        default: ntlm
      keytab:
        description:
          - File of the account's keys, which takes the place of C(password) with Kerberos.
        type: path
      kdc:
        description:
          - Name or address of the domain's key distribution centre, where DNS does not tell it.
        type: str
      ca_file:
        description:
          - Certificate authority of the controllers, where it is not one of the machine's.
        type: path
      timeout:
        description:
          - Seconds for which an answer is waited for.
        type: int
        default: 60
  base:
    description:
      - 'Place of the owner, as a path from the domain''s root: C(Ville/Ecoles/ecole-jaures), C(/) for
        the whole domain. What stands elsewhere is neither read nor changed.'
    type: str
    default: /
  units:
    description:
      - Paths of all the units that are declared.
    type: list
    required: true
    elements: str
  groups:
    description:
      - Names of all the groups that are declared.
    type: list
    required: true
    elements: str
  wmi_filters:
    description:
      - Names of all the WMI filters that are declared.
    type: list
    required: true
    elements: str
  gpos:
    description:
      - Names of all the policies that are declared.
    type: list
    required: true
    elements: str
  links:
    description:
      - All the links that are declared, as C(config) of M(ad_gpo_links).
    type: list
    required: true
    elements: dict
  kept_links:
    description:
      - Those that are kept as they were found, by the place that they are of.
    type: dict
attributes:
  check_mode:
    support: full
    description: Reads only.
"""

EXAMPLES = r"""
- name: Relever ce que personne ne déclare
  ad_orphans:
    domain: "{{ piste_ad }}"
    base: Ville
    units: [Ville, Ville/Ecoles]
    groups: [GG-ecole-jaures]
    wmi_filters: [Portables]
    gpos: [Socle Ecoles]
"""

RETURN = r"""
orphans:
  description: One entry an orphan.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: group
      key: GG-Essai-prestataire
      why: personne ne le déclare
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("ad_orphans")
