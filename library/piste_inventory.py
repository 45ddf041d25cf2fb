#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Push the inventory of the town to GLPI"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_inventory
short_description: Push the inventory of the town to GLPI
description:
  - Takes the kinds of the domain in their order, in one process, and stops at the first that fails.
  - An error says what the kinds before it have done.
author: Ville du Bourget
options:
  glpi:
    description: Where GLPI listens, and as whom to speak to it. C(piste_glpi) of the environment where the task does not
      say it.
    type: dict
    suboptions:
      base_url:
        description: 'Its address, C(https://glpi.example): what comes before C(/api.php).'
        type: str
        required: true
      api_version:
        description: Version of the High-Level API, pinned in each address.
        type: str
        choices: ['2.0', '2.1', '2.2', '2.3']
        default: '2.3'
      client_id:
        description: OAuth client, with the scope C(api).
        type: str
      client_secret:
        description: Secret of the OAuth client.
        type: str
      username:
        description: Account (grant C(password)); without it the client speaks for itself.
        type: str
      password:
        description: Password of the account, secret.
        type: str
      entity:
        description: Number of the entity to work in; that of the account by default.
        type: int
      user_token:
        description: Token of the account for the legacy API, where the town allows it; secret.
        type: str
      app_token:
        description: Token of the application for the legacy API, secret.
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
      rate:
        description: Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 10
  config:
    description: 'Objects by kind, as C(config) of the kind''s own module takes them: C(lists), C(locations), C(suppliers),
      C(contracts), C(assets), C(licenses), C(certificates), C(appliances), C(warranties), C(links).'
    type: dict
  only:
    description: Kinds to which the task is limited.
    type: list
    choices: [lists, locations, suppliers, contracts, assets, licenses, certificates, appliances, warranties, links]
    elements: str
    default: []
  step:
    description: A step that the usual run leaves out, and that the task does alone.
    type: str
  rehearse:
    description: Go through all the kinds without writing first, so that nothing is written before all have said that they
      refuse nothing. Not before C(deleted) nor C(undo).
    type: bool
    default: false
extends_documentation_fragment: [attributes.converges, options.task, options.of_domain]
"""

EXAMPLES = r"""
- name: Pousser l’inventaire de l’école
  piste_inventory:
    glpi: "{{ piste_glpi }}"
    site: "{{ inventory_hostname }}"
    secrets: "{{ piste_secrets }}"
    secrets_lock: "{{ piste_secrets_lock }}"

- name: Lire tout l’inventaire
  piste_inventory:
    glpi: "{{ piste_glpi }}"
    site: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
extends_documentation_fragment: [results.converged, results.domain, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_inventory")
