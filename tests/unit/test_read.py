"""The module that reads: what a subject takes, what is refused, what a record says of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from piste.engine.converge.errors import InvalidConfig
from piste.runs.dispatch import MODULES, checked
from piste.runs.modules import COLLECTION, PLACES, READ, READS, named, ours
from piste.runs.read import of
from tests.unit.repository.tree import ROOT, shown, tracked

DASHBOARD = {"base_url": "https://api.invalid/api/v1", "api_key": "clef-d-acces", "organization": "Ville"}


def meant(**given: Any) -> dict[str, Any]:
    return checked(MODULES[READ].meant(given), given)


@pytest.mark.parametrize("subject", READS)
def test_a_subject_is_read_by_its_place_which_converges_and_writes_nothing(subject: str) -> None:
    module = of(subject)
    assert (module.name, module.resource, module.writes) == (subject, None, False)
    assert subject not in PLACES
    assert "subject" not in module.defaults


def test_a_subject_takes_its_own_options_completed_by_their_defaults() -> None:
    params = meant(subject="meraki_living", dashboard=DASHBOARD)
    assert params["dashboard"]["rate"] == 10
    assert params.keys() == {"subject", "dashboard"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "piste_read.subject : le sujet de la lecture manque"),
        ({"subject": "meraki_lining"}, "piste_read.subject : « meraki_lining » n’est pas un sujet de lecture"),
        ({"subject": "piste_trace"}, "« piste_trace » n’est pas un sujet de lecture"),
        ({"subject": ["meraki_living"]}, "n’est pas un sujet de lecture"),
    ],
)
def test_what_is_no_subject_is_refused_and_the_subjects_are_listed(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        meant(**given)
    assert said in str(refused.value)
    assert all(subject in str(refused.value) for subject in READS)


def test_all_faults_of_the_options_come_at_once_with_the_subject() -> None:
    with pytest.raises(InvalidConfig) as refused:
        meant(subject="meraki_living", zabbix={"url": "x"}, weeks=3, dashboard={"rate": "dix"})
    said = str(refused.value).replace("\n", " ")
    for fault in (
        "meraki_living : weeks, zabbix n’est pas une option d’ici, où elles sont dashboard, subject.",
        "meraki_living : il manque api_key, base_url, organization dans dashboard",
        "'rate'",
    ):
        assert fault in said
    with pytest.raises(InvalidConfig, match="zabbix_living : il manque zabbix"):
        meant(subject="zabbix_living")


def test_a_process_of_its_own_refuses_the_same_and_shows_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "options.json"
    given = {"subject": "meraki_living", "dashboard": {**DASHBOARD, "rate": "clef-d-acces"}, "zabbix": {}}
    path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**given, "_ansible_check_mode": True}}), "utf-8")
    done = subprocess.run([sys.executable, f"library/{READ}.py", str(path)], cwd=ROOT, capture_output=True, check=False)
    result = json.loads(done.stdout)
    assert (done.returncode, result["failed"], result["code"]) == (1, True, "PISTE-E001")
    assert "meraki_living : zabbix n’est pas une option" in result["msg"]
    assert "clef-d-acces" not in result["msg"]


def tasks(node: Any) -> Iterator[dict[str, Any]]:
    """Find the options of all tasks that read, at any depth."""
    if isinstance(node, dict):
        yield from ([node[READ]] if READ in node else [])
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from tasks(below)


@pytest.mark.parametrize("path", tracked("playbooks/*.yml"), ids=shown)
def test_a_task_of_a_playbook_gives_its_subject_what_it_takes(path: Path) -> None:
    for given in tasks(yaml.safe_load(path.read_text("utf-8"))):
        options = of(given["subject"]).options
        due = {option.name for option in options if option.required}
        assert due <= given.keys() - {"subject"} <= {option.name for option in options}, given["subject"]


@pytest.mark.parametrize("action", [READ, f"{COLLECTION}.{READ}", f"ansible.legacy.{READ}"])
def test_a_record_names_the_subject(action: str) -> None:
    assert named(action, {"subject": "meraki_living"}) == "meraki_living"
    assert ours(named(action, {"subject": "meraki_living"}))
    assert named(action, {"subject": "{{ sujet }}"}) == action
    assert named(action, {}) == action
    assert ours(action)


def test_a_subject_is_no_module_of_another_name() -> None:
    assert named("autre.collection.piste_read", {"subject": "meraki_living"}) == "autre.collection.piste_read"
    assert named("debug", {"subject": "meraki_living"}) == "debug"
