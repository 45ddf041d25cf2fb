#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Restore a copy elsewhere, probe it, remove it, and keep the proof"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_restore_tests
short_description: Restore a copy elsewhere, probe it, remove it, and keep the proof
description:
  - Removes first what a test that was killed has left. Refuses with all its reasons at once, before anything is made, where
    the copy is too old or damaged, the room is short or the network is not isolated.
  - Restores under another name, probes, measures, removes what it made and reads that it is gone. The result and its evidence
    are sealed in the chain of the restore tests of the environment.
  - In check mode, says what would be restored and where, and makes nothing.
author: Ville du Bourget
options:
  environment:
    description: Environment of the systems, C(production).
    type: str
    required: true
  name:
    description: Name of the test.
    type: str
  tests:
    description: Tests of the town, as C(piste_site) derives them.
    type: list
    elements: dict
    default: []
  state:
    description: C(present) runs the test; C(absent) only removes what killed tests have left.
    type: str
    choices: [present, absent]
    default: present
  report:
    description: 'File of the report of a person who followed a procedure: no text of it reaches Ansible.'
    type: path
  secrets:
    description: Values of the secret references, by path.
    type: dict
    default: {}
  domain:
    required: false
  prism:
    required: false
  winrm:
    required: false
  smc:
    required: false
  restic:
    description: 'Repositories of restic, by the name of the store that each is: C(repository); C(password), path of its secret;
      C(environment), paths of the secrets of the variables that its store wants; C(source), folder where the share is mounted
      here, to compare with it.'
    type: dict
    default: {}
  admx:
    description: Folder of the site's own policy definitions (ADMX, and ADML by language), here.
    type: path
  hosting:
    description: 'Hosting of the town, as C(piste_site) derives it: its cluster, its isolated networks.'
    type: dict
  own:
    description: What restores need and no other task has.
    type: dict
    default: {}
    suboptions:
      directory_backups:
        description: Folder of the backups of a Samba directory.
        type: path
      username:
        description: Account that may delete and restore the test object of the directory.
        type: str
      password:
        description: Its password, secret.
        type: str
      export:
        description: Folder of an export, in the place of the kept configurations.
        type: path
      nps:
        description: Spare NPS server, whose content may be replaced.
        type: str
      machine:
        description: What tries a machine that came back.
        type: dict
        suboptions:
          witness:
            description: Witness on the isolated network.
            type: str
          patience:
            description: Longest wait, in seconds.
            type: float
      bag:
        description: Bag that the repository comes back from.
        type: dict
        suboptions:
          folder:
            description: Folder of the bag.
            type: path
          public_key:
            description: Public key of its signature.
            type: path
extends_documentation_fragment: [attributes.writes, options.smc, options.prism, options.domain, options.winrm]
"""

EXAMPLES = r"""
- name: Essayer une restauration
  piste_restore_tests:
    environment: "{{ piste_environment }}"
    name: partages
    tests: "{{ ansible_facts['piste_site'].restore_tests }}"

- name: Retirer ce que des essais interrompus ont laissé
  piste_restore_tests:
    environment: "{{ piste_environment }}"
    state: absent
"""

RETURN = r"""
outcome:
  description: C(proven), C(failed) or C(unknown).
  returned: when a test ran
  type: str
  sample: proven
reason:
  description: Why the restore is not proven.
  returned: when a test ran
  type: str
  sample: ""
rehearsal:
  description: Why the test proves nothing of the real systems; empty where it does.
  returned: when a test ran
  type: str
  sample: au laboratoire
id:
  description: Name of the result.
  returned: when a test ran
  type: str
  sample: 20261128T080000Z-00a1b2
folder:
  description: Folder of the result and of its evidence.
  returned: when a test ran
  type: str
  sample: /srv/piste/.piste/restores/production/partages/20261128T080000Z-00a1b2
isolation:
  description: Where the copy would come back.
  returned: in check mode
  type: str
  sample: un dossier privé de ce poste
copied:
  description: The copy that would be restored.
  returned: in check mode
  type: dict
  sample: {set: partages, store: depot-restic, taken_at: "2026-11-28T06:00:00Z"}
cleared:
  description: Things of killed tests that were removed.
  returned: when C(state=absent)
  type: list
  elements: str
  sample: [vm essai-hdv-sql1]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_restore_tests")
