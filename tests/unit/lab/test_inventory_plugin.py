"""The variables of the lab, as its inventory plugin computes them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleParserError

from inventory_plugins.piste_lab import PLACES, variables
from tests.unit.repository.test_playbooks import read
from tests.unit.repository.tree import ROOT


def test_a_system_has_the_place_and_the_account_that_the_lab_wrote(tmp_path: Path) -> None:
    glpi = {"url": "https://glpi.test", "client_id": "piste"}
    lab = {"ca_file": "/lab/ca.pem", "glpi": glpi, "nexus": {"username": "a"}}
    (tmp_path / "info.json").write_text(json.dumps(lab))
    (tmp_path / "secrets.json").write_text('{"a/b": "{{ 7 * 7 }}"}')
    given = variables(str(tmp_path), str(tmp_path), "0")
    known = {name: given["piste_glpi"][name] for name in ("base_url", "client_id", "user_token", "rate")}
    assert known == {"base_url": "https://glpi.test", "client_id": "piste", "user_token": "", "rate": 0.0}
    assert (given["piste_nexus"], given["piste_nexus_absent"]) == ({"username": "a"}, False)
    assert given["piste_smc_prestataire"]["ca_file"] == "/lab/ca.pem"
    assert (given["piste_secrets"], given["piste_as_found"]) == ({"a/b": "{{ 7 * 7 }}"}, f"{tmp_path}/as_found")


def test_a_lab_that_is_being_filled_listens_for_its_starter_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "filling.json").write_text(json.dumps({"glpi": {"url": "https://glpi.test"}}))
    assert variables(str(tmp_path), str(tmp_path))["piste_glpi"]["base_url"] == ""
    monkeypatch.setenv("PISTE_LAB_FILLING", "1")
    assert variables(str(tmp_path), str(tmp_path))["piste_glpi"]["base_url"] == "https://glpi.test"


def test_without_a_lab_nothing_listens(tmp_path: Path) -> None:
    given = variables(str(tmp_path), str(tmp_path))
    assert (given["piste_meraki"]["base_url"], given["piste_meraki"]["rate"]) == ("", 10.0)
    assert (given["piste_zabbix_absent"], given["piste_lab_dns"], given["piste_secrets"]) == (True, {}, {})


def test_a_file_of_the_lab_that_does_not_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "info.json").write_text("{")
    with pytest.raises(AnsibleParserError, match=r"info\.json.*piste lab up"):
        variables(str(tmp_path), str(tmp_path))
    with pytest.raises(AnsibleParserError, match="PISTE_RATE vaut « abc » : un nombre"):
        variables(str(tmp_path / "none"), str(tmp_path / "none"), "abc")


def test_a_part_of_the_lab_without_a_value_listens_nowhere(tmp_path: Path) -> None:
    lab = dict.fromkeys(("ad", "certificates", "glpi", "meraki", "nexus", "radius", "smb", "smc", "winrm", "zabbix"))
    (tmp_path / "info.json").write_text(json.dumps(lab))
    given, nothing = (variables(str(folder), str(folder)) for folder in (tmp_path, tmp_path / "none"))
    known = {name for name in given if name not in ("piste_restoring", *PLACES)}
    assert {name: given[name] for name in known} == {name: nothing[name] for name in known}


def test_the_lab_leaves_a_single_template(tmp_path: Path) -> None:
    """A template is read again in each task that names it."""
    written = read(ROOT / "inventories/lab/group_vars/all.yml")
    assert [name for name, value in written.items() if "{{" in str(value)] == ["piste_dns"]


def test_a_run_sees_them_as_values(tmp_path: Path) -> None:
    """A secret is never evaluated."""
    (tmp_path / "secrets.json").write_text('{"a/b": "{{ 7 * 7 }}"}')
    program = Path(sys.executable).with_name("ansible")
    command = [str(program), "-o", "commune", "-m", "ansible.builtin.debug", "-a", "var=piste_secrets"]
    environment: dict[str, Any] = {"PISTE_LAB_DIR": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert "{{ 7 * 7 }}" in said
