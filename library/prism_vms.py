#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare the virtual machines of a Nutanix cluster"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: prism_vms
short_description: Declare the virtual machines of a Nutanix cluster
description:
  - Creates, changes, renames, starts, stops and removes machines, known by name in a cluster; a name shared by two is an
    error, never a second machine.
  - A machine is requested under an identifier of its name, so that the next run, from any workstation, finishes a run that
    died.
  - 'Disks only grow. A change that a running machine cannot take asks for C(confirm: [stop]), or for I(config.stop).'
  - Removing a machine asks for a word, and for a second word where its last recovery point is older than allowed.
  - An object of another tool (I(apart)) is never planned, stopped or removed.
  - Parts of a machine that are not declared (other disks, cards, drives) stay as they are.
author: Ville du Bourget
options:
  cluster:
    description: Cluster to which the objects belong, by its name.
    type: str
    required: true
  rpo_hours:
    description: How old, in hours, the last recovery point of a machine may be where it is to be removed, by its name; 24
      for those that are not named.
    type: dict
    default: {}
  cvm_memory:
    description: 'Memory that the controller of each node takes, C(32 GiB): no plan gives machines more than the nodes hold
      where the largest of them is lost.'
    type: str
  grace:
    description: Seconds that a guest is given to shut down.
    type: float
    default: 300.0
  rehearse:
    description: Only refuse what the task would refuse without it, so that nothing of the run is written before; a later
      task does the work. Does nothing in check mode.
    type: bool
    default: false
  config:
    description: 'Objects of the kind (vm), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the machine; its identity in the cluster.
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
      num_sockets:
        description: Virtual processors.
        type: int
      num_cores_per_socket:
        description:
          - Cores of each.
          - The system's own default is C(1).
        type: int
      num_threads_per_core:
        description:
          - Threads of each core.
          - The system's own default is C(1).
        type: int
      memory:
        description: Memory, C(4 GiB).
        type: str
      memory_overcommit:
        description:
          - Whether memory may be promised twice.
          - The system's own default is C(false).
        type: bool
      cpu_hotplug:
        description:
          - Whether processors may be added while it runs.
          - The system's own default is C(true).
        type: bool
      cpu_passthrough:
        description:
          - Whether it sees the node's own processor.
          - The system's own default is C(false).
        type: bool
      vga_console:
        description:
          - Whether it has a console.
          - The system's own default is C(true).
        type: bool
      agent:
        description:
          - Whether it serves the node itself, and starts before the others.
          - The system's own default is C(false).
        type: bool
      machine_type:
        description:
          - Chipset.
          - The system's own default is C(PC).
        type: str
        choices: [PC, Q35, PSERIES]
      hardware_clock_timezone:
        description:
          - Time zone of its clock.
          - The system's own default is C(UTC).
        type: str
      vtpm:
        description:
          - Whether it has a virtual TPM.
          - The system's own default is C(false).
        type: bool
      boot:
        description: How it starts.
        type: dict
        suboptions:
          kind:
            description:
              - Firmware.
              - The system's own default is C(legacy).
            type: str
            choices: [legacy, uefi]
          order:
            description:
              - What it starts from, in order.
              - The system's own default is C(["CDROM", "DISK", "NETWORK"]).
            type: list
            choices: [CDROM, DISK, NETWORK]
            elements: str
          secure:
            description:
              - Secure boot, of UEFI alone.
              - The system's own default is C(false).
            type: bool
      categories:
        description:
          - Its values under each key of category, C(a) or C(a, b). Keys that are not named stay as they are.
          - The keys are free; null takes an entry away.
          - The system's own default is C({}).
        type: dict
      disks:
        description:
          - Its disks, by bus and place, C(SCSI.0). Those that are not named stay as they are; removing one loses it.
          - The keys are free; null takes an entry away.
          - C(size) (str) Size, C(40 GiB). It only grows.
          - C(container) (str) Storage container of a new disk; without it the cluster's choice.
          - C(image) (str) Image that a new disk is a copy of.
        type: dict
      nics:
        description:
          - Its network cards, by the name of their subnet; a second one in a subnet is C(name (2)). Those that are not named
            stay as they are.
          - The keys are free; null takes an entry away.
          - C(model) (str, one of VIRTIO, E1000, default VIRTIO) Kind of card that the machine sees.
          - C(connected) (bool, default true) Whether its cable is plugged in.
          - C(mac) (str) Hardware address of a new card; the system's own choice without it.
          - C(ip) (str) Address that it is given, in a subnet whose addresses the cluster gives.
        type: dict
      guest:
        description:
          - What its system is told when it first starts.
          - Taken into account at creation only.
        type: dict
        suboptions:
          kind:
            description: Who reads it.
            type: str
            required: true
            choices: [cloud_init, sysprep]
          script:
            description:
              - User data, or answer file.
              - 'Written C({secret: prism/vm/{name}/guest}), never in clear.'
            type: dict
            suboptions:
              secret:
                description: Path of the secret in the environment's secrets.
                type: str
                required: true
      power:
        description: Whether it runs. Without it nobody starts or stops it.
        type: str
        choices: [running, stopped]
      stop:
        description: 'What may be done where a change cannot be taken while it runs: C(never) stops it, its guest is asked
          to shut down and the change waits if it will not (C(clean)), or its power is cut in the end (C(forced)).'
        type: str
        choices: [never, clean, forced]
extends_documentation_fragment: [attributes.converges, options.prism, options.foreign, options.task, options.kind, options.partial_states]
"""

EXAMPLES = r"""
- name: Avoir la machine de recette
  prism_vms:
    prism: "{{ piste_prism }}"
    owner: "{{ inventory_hostname }}"
    cluster: ntnx-hdv
    apart: {tool: Citrix, categories: ["Outil:Citrix"], names: ["CTX-*"]}
    config:
      - name: hdv-rct1
        description: Recette (City Web, GLPI)
        num_sockets: 2
        memory: 2 GiB
        categories: {Environnement: HorsProduction, Horaires: nuits-et-week-ends}
        disks: {SCSI.0: {size: 60 GiB, container: ctr-horsprod}}
        nics: {serveurs: {}}
        stop: clean

- name: Relever ce qui existe
  prism_vms:
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
    - {system: prism, owner: commune, kind: vm, key: hdv-rct1, label: hdv-rct1, action: update, fields: [memory], before: 1f0c6c7ef8a2d931,
       after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.foreign, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("prism_vms")
