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
    description: Address of the Active Directory domain, and the account that connects.
    type: dict
    suboptions:
      controller:
        description: Full name of a domain controller, as in its certificate. It names the PDC emulator, where all calls go.
        type: str
        required: true
      address:
        description: Address of C(controller), where its name does not resolve.
        type: str
      username:
        description: 'Account that connects: C(name@domain), or a distinguished name.'
        type: str
        required: true
      password:
        description: Password, secret.
        type: str
        default: ''
      authentication:
        description: 'Authentication of the account. C(ntlm): a simple bind over LDAPS, NTLM for SMB. C(kerberos): Kerberos
          for both, bound to the TLS channel for LDAPS.'
        type: str
        choices: [ntlm, kerberos]
        default: ntlm
      keytab:
        description: Keytab of the account, in place of C(password) with Kerberos.
        type: path
      kdc:
        description: Name or address of the domain's key distribution centre, where DNS does not give it.
        type: str
      ca_file:
        description: Certificate authority of the controllers, where the machine does not trust it.
        type: path
      timeout:
        description: Seconds to wait for an answer.
        type: int
        default: 60
  prism:
    description: Where Prism Central listens, and as whom to speak to it.
    type: dict
    suboptions:
      base_url:
        description: Its address, C(https://prism.example:9440).
        type: str
        required: true
      username:
        description: Account, where no key is given.
        type: str
      password:
        description: Password of the account, secret.
        type: str
      api_key:
        description: Key of the API, secret.
        type: str
      ca_file:
        description: Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description: Proxy, C(http://host:port).
        type: str
      no_proxy:
        description: Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description: Seconds for which an answer is waited for.
        type: float
        default: 60
      task_timeout:
        description: Seconds for which a task is followed.
        type: float
        default: 600
      rate:
        description: Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 3
  winrm:
    description: Addresses of Windows hosts by WinRM, and the account that connects.
    type: dict
    suboptions:
      domain:
        description: DNS domain of the hosts, added to a name without a dot.
        type: str
        default: ''
      urls:
        description: Addresses, by name, of hosts that are not at C(https://NAME.DOMAIN:5986/wsman).
        type: dict
      username:
        description: 'Account that connects: C(DOMAIN\\name) or C(name@domain).'
        type: str
        required: true
      password:
        description: Password, secret.
        type: str
        default: ''
      authentication:
        description: Authentication of the account.
        type: str
        choices: [ntlm, basic, kerberos]
        default: ntlm
      keytab:
        description: Keytab of the account, in place of C(password) with Kerberos.
        type: path
      kdc:
        description: Name or address of the domain's key distribution centre, where DNS does not give it.
        type: str
      ca_file:
        description: Certificate authority of the hosts, where the machine does not trust it.
        type: path
      timeout:
        description: Seconds to wait for the end of a snippet.
        type: int
        default: 300
  smc:
    description: Where the SMC listens, and as whom to speak to it.
    type: dict
    suboptions:
      url:
        description: Base of the API, C(https://smc.example:8082).
        type: str
        required: true
      api_version:
        description: 'Version of the API, C(7.4). It is never replaced by another: an SMC that does not offer it is refused.'
        type: str
        required: true
      api_key:
        description: Key of the API client, secret.
        type: str
      login:
        description: Administrator account, where there is no API client.
        type: str
      password:
        description: Its password, secret.
        type: str
      domain:
        description: Administrative domain.
        type: str
      ca_file:
        description: Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description: Proxy, C(http://host:port).
        type: str
      no_proxy:
        description: Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description: Seconds for which an answer is waited for.
        type: float
        default: 60
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
extends_documentation_fragment: [attributes.writes]
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
    from piste.dispatch import main

    main("piste_restore_tests")
