#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the disk images of Prism Central"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_images
short_description: Declare the disk images of Prism Central
description:
  - Creates, renames and removes images, known by name; a name shared by two is an error.
  - The source of an image is given at creation; its content never changes and is never sent again.
author: Ville du Bourget
options:
  cluster:
    description: Cluster to which the objects belong, by its name.
    type: str
    required: true
  rehearse:
    description: Only refuse what the task would refuse without it, so that nothing of the run is written before; a later
      task does the work. Does nothing in check mode.
    type: bool
    default: false
  config:
    description: 'Objects of the kind (image), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the image; its identity.
        type: str
        required: true
      formerly:
        description: 'Names that it bore before: it is renamed.'
        type: list
        elements: str
      description:
        description:
          - Description; null clears it.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      type:
        description:
          - What it holds.
          - Taken into account at creation only.
        type: str
        choices: [DISK_IMAGE, ISO_IMAGE]
      url:
        description:
          - Address from which the system fetches it, over HTTPS.
          - Taken into account at creation only.
        type: str
      checksum:
        description:
          - 'What it must sum up to, C(sha256:…) or C(sha1:…): the system refuses another content.'
          - Taken into account at creation only.
        type: str
extends_documentation_fragment: [attributes.converges, options.prism, options.foreign, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Prendre l’image de Windows Server
  prism_images:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    cluster: ntnx-hdv
    config:
      - name: windows-server-2022
        type: DISK_IMAGE
        url: https://hdv-fic1.ad.lebourget.example/images/windows-server-2022.qcow2

- name: Relever ce qui existe
  prism_images:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    cluster: ntnx-hdv
    state: gathered
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: prism, owner: commune, kind: image, key: windows-server-2022, label: windows-server-2022, action: update,
       fields: [description], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.foreign, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("prism_images")
