#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the firmware of a Meraki network"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: meraki_firmware
short_description: Declare the firmware of a Meraki network
description:
  - Plans the upgrade of the switches or of the access points of a network, at a moment; they restart then.
  - An upgrade that has happened is as declared. It waits as long as its pilots do not run the version.
  - A person cancels a planned upgrade in the Dashboard.
author: Ville du Bourget
options:
  network:
    description: Network to which the objects belong, by its name.
    type: str
    required: true
  health:
    description: 'Health of pilots, by network, C({wrong, unread, read_at}): a C(wrong) C({said, since, minor}) stops the
      networks after it, what is C(unread) asks for a word. Without it, the Dashboard alone says whether devices came back.'
    type: dict
  config:
    description: 'Objects of the kind (firmware), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      product:
        description: Type of the devices.
        type: str
        required: true
        choices: [switch, wireless]
      version:
        description: Version as the Dashboard spells it, C(switch-17-2).
        type: str
        required: true
      time:
        description:
          - When the devices take it and restart, in UTC, C(2026-12-07T20:00:00Z); null where no upgrade is planned.
          - Null is a value here, an absent key declares nothing.
        type: str
      pilots:
        description: Networks that must run the version, their devices back, before an upgrade is planned here.
        type: list
        elements: str
      rollback:
        description: 'Reason of a return: C(version) is then the version before the last upgrade, and the way back brings
          it.'
        type: dict
        suboptions:
          category:
            description: Category of the vendor.
            type: str
            required: true
            choices: [broke old features, other, performance, stability, testing, unifying networks versions]
          comment:
            description: What happened.
            type: str
            required: true
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, gathered]
    default: merged
extends_documentation_fragment: [options.meraki, options.task, options.kind]
"""

EXAMPLES = r"""
- name: Programmer la mise à niveau des commutateurs d’une école
  meraki_firmware:
    dashboard: "{{ piste_meraki }}"
    owner: "{{ inventory_hostname }}"
    network: VLB ecole-jaures
    config:
      - product: switch
        version: switch-17-2
        time: "2026-12-07T20:00:00Z"
        pilots: [VLB ccas]
    confirm: ["firmware:switch"]
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: meraki, owner: ecole-jaures, kind: firmware, key: switch, action: update, fields: [time, version]}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("meraki_firmware")
