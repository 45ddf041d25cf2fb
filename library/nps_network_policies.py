#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the network policies of NPS servers"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nps_network_policies
short_description: Declare the network policies of NPS servers
description:
  - Creates, changes and removes network policies on the NPS servers of a pair, known by name; groups and certificates are
    named too. Policies that nobody declares stay as they are.
  - A server is changed at once, by an import of its whole configuration, which is read again and compared; a difference is
    put back. The second server is written only once the first is verified.
author: Ville du Bourget
options:
  servers:
    description: 'Identical servers, in the order of writes: a server is written once the server before it is verified.'
    type: list
    required: true
    elements: str
  prefix:
    description: 'Beginnings of the owner''s names: C(overridden) only removes undeclared items with such a name.'
    type: list
    elements: str
    default: []
  config:
    description: 'Objects of the kind (network_policy), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description: The only server of the item; without it, each of the task's C(servers) has the item.
        type: str
      name:
        description: Name of the policy, its identity; case does not count.
        type: str
        required: true
      enabled:
        description:
          - True if it is in use.
          - The system's own default is C(true).
        type: bool
      order:
        description: 'Processing order: the lowest is tried first, the first that matches decides. Two policies of a server
          never have the same order. A new policy needs it.'
        type: int
      access:
        description:
          - Its answer.
          - The system's own default is C(grant).
        type: str
        choices: [grant, deny]
      ignore_dial_in:
        description:
          - True to ignore the dial-in properties of the user's account.
          - The system's own default is C(false).
        type: bool
      conditions:
        description: Conditions that a request must all fulfil. A field that is not given is no condition, in any state.
        type: dict
        suboptions:
          nas_port_type:
            description:
              - Kinds of port from which it comes.
              - The order has no meaning.
              - The system's own default is C([]).
            type: list
            choices: [async, isdn, virtual, wired, wireless]
            elements: str
          client_name:
            description:
              - Regular expression that the name of the RADIUS client matches.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          client_address:
            description:
              - Regular expression that the address of the RADIUS client matches.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          user_name:
            description:
              - Regular expression that the user's name matches.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          calling_station:
            description:
              - Regular expression that the caller's address (Calling-Station-Id, the MAC address of the equipment) matches.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          called_station:
            description:
              - Regular expression that the called address (Called-Station-Id, on Wi-Fi it ends with the SSID) matches.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          nas_address:
            description:
              - Regular expression that the address that the equipment gives itself (NAS-IP-Address), even behind a proxy
                matches.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          nas_identifier:
            description:
              - Regular expression that the name that the equipment gives itself (NAS-Identifier) matches.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: str
          hours:
            description:
              - Hours in which it applies, by day, as C(07:30-19:00); a day without hours is closed. Without it, always.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: dict
            suboptions:
              monday:
                description:
                  - Hours on monday.
                  - The system's own default is C([]).
                type: list
                elements: str
              tuesday:
                description:
                  - Hours on tuesday.
                  - The system's own default is C([]).
                type: list
                elements: str
              wednesday:
                description:
                  - Hours on wednesday.
                  - The system's own default is C([]).
                type: list
                elements: str
              thursday:
                description:
                  - Hours on thursday.
                  - The system's own default is C([]).
                type: list
                elements: str
              friday:
                description:
                  - Hours on friday.
                  - The system's own default is C([]).
                type: list
                elements: str
              saturday:
                description:
                  - Hours on saturday.
                  - The system's own default is C([]).
                type: list
                elements: str
              sunday:
                description:
                  - Hours on sunday.
                  - The system's own default is C([]).
                type: list
                elements: str
          windows_groups:
            description:
              - The user or the computer is in any of these groups of the directory, by name.
              - The order has no meaning.
              - The system's own default is C([]).
            type: list
            elements: str
          machine_groups:
            description:
              - The computer is in any of these groups of the directory, by name.
              - The order has no meaning.
              - The system's own default is C([]).
            type: list
            elements: str
          user_groups:
            description:
              - The user is in any of these groups of the directory, by name.
              - The order has no meaning.
              - The system's own default is C([]).
            type: list
            elements: str
          verbatim:
            description:
              - Conditions of a kind that Piste does not read, as NPS writes them.
              - The order has no meaning.
              - The system's own default is C([]).
            type: list
            elements: str
      authentication:
        description:
          - Authentication methods without EAP that it accepts; MAC bypass uses C(pap).
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        choices: [unauthenticated, pap, chap, mschap, mschap_change, mschapv2, mschapv2_change]
        elements: str
      eap:
        description:
          - EAP methods that it accepts, the preferred method first.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions:
          method:
            description: C(tls), certificates on both sides; C(peap), a tunnel with MSCHAPv2; C(mschapv2); C(md5); or the
              number of another method.
            type: str
            required: true
          fast_reconnect:
            description: True if C(peap) may resume a session, where it has a certificate; true by default.
            type: bool
          certificate:
            description: 'Certificate that the server presents, looked up on each server: of the certificates of a template,
              or of a subject, the last to expire. Without it, the server chooses.'
            type: dict
            suboptions:
              template:
                description: Name of its certificate template.
                type: str
              subject:
                description: Its subject, or the common name in it.
                type: str
              thumbprint:
                description: Its SHA-1, where nothing else designates it. It changes at each renewal.
                type: str
          verbatim:
            description: Its configuration as NPS writes it, in hex, where Piste does not read it.
            type: str
      vlan:
        description:
          - VLAN into which the port is put (Tunnel-Type, Tunnel-Medium-Type, Tunnel-Private-Group-Id).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: int
      filter_id:
        description:
          - Name of the group policy that the equipment applies (Filter-Id).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      session_timeout:
        description:
          - Seconds after which the equipment must ask again (Session-Timeout).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: int
      idle_timeout:
        description:
          - Seconds of silence after which the session ends (Idle-Timeout).
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: int
      vendor_attributes:
        description:
          - Attributes of a manufacturer in the answer; an attribute may occur several times.
          - The system's own default is C([]).
        type: list
        elements: dict
        suboptions:
          vendor:
            description: Number of the manufacturer.
            type: int
            required: true
          type:
            description: Number of the attribute.
            type: int
            required: true
          value:
            description: Its text.
            type: str
            required: true
extends_documentation_fragment: [attributes.converges, options.domain, options.winrm, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Admettre les agents dans leur VLAN
  nps_network_policies:
    winrm: "{{ piste_winrm }}"
    domain: "{{ piste_ad }}"
    servers: [hdv-nps1, hdv-nps2]
    owner: commune
    prefix: ["Ville - "]
    config:
      - name: Ville - Agents, mairie
        order: 10
        conditions:
          nas_port_type: [wired]
          client_name: ^sw-hdv-
          machine_groups: [GP-hotel-de-ville]
        eap:
          - method: tls
            certificate: {template: RAS and IAS Server}
        vlan: 101
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: nps, owner: commune, kind: network_policy, key: 'hdv-nps1/Ville - Agents, mairie', label: 'Ville - Agents,
           mairie (hdv-nps1)', action: update, fields: [vlan], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("nps_network_policies")
