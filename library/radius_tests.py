#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Test the 802.1X of a site by real exchanges with its RADIUS servers"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: radius_tests
short_description: Test the 802.1X of a site by real exchanges with its RADIUS servers
description:
  - 'Tries on each server who must be admitted, and into which VLAN, and who must be refused: a computer''s certificate, a
    password of the directory, a wrong password, a revoked certificate, devices admitted by their MAC address, devices no
    longer admitted, a client that the server does not know.'
  - A fault is a finding, never a failure. Nothing is written on any system; a run in which all is well is recorded in a file,
    which a site needs before 802.1X is imposed.
author: Ville du Bourget
requirements:
  - eapol_test
options:
  site:
    description: Name of the site.
    type: str
    required: true
  access:
    description: Derived access to the site's network.
    type: dict
    required: true
  servers:
    description: 'RADIUS servers of the site, as derived: C(name) of the certificate without the domain, C(host), C(auth_port).'
    type: list
    required: true
    elements: dict
  dns_domain:
    description: Domain of the servers.
    type: str
    required: true
  probe:
    description: Way in which this machine asks. C(source), its address that the servers know as a client; C(stranger), its
      address that they do not know; C(ca_file), their authority; C(servers), by name, another address and port; C(accounts),
      by name, C(identity), C(policy) that must admit it, C(revoked), and as references of secrets C(password), or C(certificate)
      and C(key) (PEM).
    type: dict
    required: true
  secret:
    description: Path of the secret that this machine shares with the servers.
    type: str
    required: true
  secrets:
    description: Values of the environment's secrets, by path.
    type: dict
    required: true
  unready:
    description: 'Reason why a success is not recorded: what is wrong with the authority, as C(ad_authorities) says it.'
    type: str
    default: ''
  record:
    description: Folder of the records of success, a file for each site.
    type: path
attributes:
  check_mode:
    support: full
    description: Asks the same, records nothing.
"""

EXAMPLES = r"""
- name: Essayer le 802.1X du CCAS
  radius_tests:
    site: ccas
    access: "{{ ansible_facts['piste_site'].access }}"
    servers: "{{ ansible_facts['piste_site'].radius.servers }}"
    dns_domain: ad.lebourget.example
    probe:
      source: 10.93.2.31
      ca_file: /etc/piste/autorite-radius.pem
      accounts:
        agent-essai: {identity: agent.test, policy: agents-mot-de-passe, password: {secret: eap/agent/password}}
    secret: radius/sonde
    secrets: "{{ piste_secrets }}"
    record: inventories/production/eap_tests
"""

RETURN = r"""
findings:
  description: One entry a test and a server, in order.
  returned: always
  type: list
  elements: dict
  sample:
    - id: radius.hdv-nps1.tls.poste-essai
      state: ok
      what: "hdv-nps1 : poste-essai (certificat), Postes de la ville, par leur certificat : admis, VLAN 111"
      todo: ""
trials:
  description: The tests, each with its C(title), C(expected) and C(observed).
  returned: always
  type: list
  elements: dict
record:
  description: File of the record, empty where none was written.
  returned: always
  type: str
"""

if __name__ == "__main__":
    from piste.dispatch import main

    main("radius_tests")
