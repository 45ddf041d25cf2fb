#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the hosts of Zabbix"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zabbix_hosts
short_description: Declare the hosts of Zabbix
description:
  - Creates, changes and removes hosts, known by their technical name, by 200 in a call.
  - C(overridden) removes the hosts with the tag C(piste) of the owner that are not declared; hosts of others stay.
  - Values of secret macros are never read back; they are compared by fingerprint.
author: Ville du Bourget
options:
  config:
    description: 'Objects of the kind (host), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Technical name; its identity.
        type: str
        required: true
      label:
        description: Name that people read.
        type: str
      description:
        description:
          - Description.
          - The system's own default is C().
        type: str
      enabled:
        description:
          - Whether it is watched.
          - The system's own default is C(true).
        type: bool
      groups:
        description:
          - Groups of the host, by name.
          - The order has no meaning.
        type: list
        elements: str
      templates:
        description:
          - Templates of the host, by technical name. A template that leaves takes its items and data with it.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      interfaces:
        description:
          - Ways to the host, one of a kind.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions:
          kind:
            description: Protocol.
            type: str
            required: true
            choices: [agent, snmp, ipmi, jmx]
          address:
            description:
              - IP address; empty where the name serves.
              - The system's own default is C().
            type: str
          dns:
            description:
              - Name, where there is no address.
              - The system's own default is C().
            type: str
          port:
            description:
              - Port.
              - The system's own default is C().
            type: str
          community:
            description:
              - Macro of the community of SNMP, C({$SNMP_COMMUNITY}) where empty.
              - The system's own default is C().
            type: str
      tags:
        description:
          - Tags of the host.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions:
          tag:
            description: Name.
            type: str
            required: true
          value:
            description:
              - Value.
              - The system's own default is C().
            type: str
      macros:
        description:
          - Values of macros, C({$NAME}); null takes one away.
          - The keys are free; null takes an entry away.
          - The system's own default is C({}).
        type: dict
      secret_macros:
        description:
          - Macros whose value is secret and is never read back.
          - The keys are free; null takes an entry away.
          - C(value) (str, required) Secret that is the value.
          - The system's own default is C({}).
        type: dict
      disabled_items:
        description:
          - 'Items, by key: those of its templates that are disabled on this host alone.'
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      disabled_triggers:
        description:
          - 'Triggers, by name, macros as they are written: those of its templates that are disabled on this host alone.'
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      disabled_discoveries:
        description:
          - 'Discovery rules, by key: those of its templates that are disabled on this host alone.'
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      disabled_scenarios:
        description:
          - 'Web scenarios, by name: those of its templates that are disabled on this host alone.'
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      inventory:
        description: What the inventory of Zabbix says of it.
        type: dict
        suboptions:
          serial:
            description:
              - Serial number.
              - The system's own default is C().
            type: str
          type:
            description:
              - Class of the asset.
              - The system's own default is C().
            type: str
          model:
            description:
              - Model.
              - The system's own default is C().
            type: str
          vendor:
            description:
              - Maker.
              - The system's own default is C().
            type: str
          location:
            description:
              - Site and place.
              - The system's own default is C().
            type: str
          contract:
            description:
              - Contract that covers it.
              - The system's own default is C().
            type: str
          warranty_until:
            description:
              - End of the warranty.
              - The system's own default is C().
            type: str
          end_of_life:
            description:
              - End of life.
              - The system's own default is C().
            type: str
extends_documentation_fragment: [attributes.converges, options.zabbix, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Surveiller un commutateur
  zabbix_hosts:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    config:
      - name: sw-jau-01
        groups: [Ville du Bourget/Classes/Commutateurs]
        templates: [ICMP Ping]
        interfaces: [{kind: agent, address: 10.93.0.2}]
        tags: [{tag: piste, value: ecole-jaures}]

- name: Relever ce qui existe
  zabbix_hosts:
    zabbix: "{{ piste_zabbix }}"
    owner: "{{ inventory_hostname }}"
    state: gathered
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: zabbix, owner: ecole-jaures, kind: host, key: sw-jau-01, label: sw-jau-01, action: update,
       fields: [templates], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("zabbix_hosts")
