"""The model reads the variables that Ansible gives to each host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from piste.town.model.faults import Faults
from piste.town.model.inventory import read_inventory
from tests.unit.model.broken_town import JAURES, Copy
from tests.unit.repository.tree import ROOT


def test_each_host_resolves_as_ansible_resolves_it(whole: Copy) -> None:
    whole.edit(JAURES, "switches:\n", "dot1x: {state: pilot}\nretired_ssids: {names: []}\nswitches:\n")
    folder = whole.root / "inventories" / "town"
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "-i", str(folder), "--list"]
    # The tables of assets lie beside the hosts: the configuration of the repository leaves them out.
    settings = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    listed = subprocess.run(command, cwd=whole.root, check=True, capture_output=True, text=True, env=settings)
    expected = {
        host: {key: value for key, value in variables.items() if not key.startswith("ansible_")}
        for host, variables in json.loads(listed.stdout)["_meta"]["hostvars"].items()
    }
    inventory = read_inventory(folder, Faults())
    resolved = {
        host: {name: variable.value for name, variable in inventory.resolve(host).items()} for host in inventory.hosts
    }
    assert len(resolved) == 26
    assert resolved == expected
