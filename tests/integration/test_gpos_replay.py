"""A whole policy: all sections at once, read by Samba, replayed in a domain of another name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from tempfile import TemporaryDirectory

import pytest

from piste.runs.plans.undo import RETURNED, inverse
from piste.systems.windows.virtual_accounts import service_sid
from tests.support.gpos import Console, console
from tests.support.rich_gpo import rich
from tests.support.samba import Domain


@pytest.fixture
def here(domain: Domain) -> Iterator[Console]:
    domain.tool("group", "add", "GG-Essai")
    with console(domain) as opened:
        yield opened


def test_every_section_is_written_once_and_read_back(here: Console) -> None:
    foreseen = here.run(rich(), check=True)
    assert here.writes == 0
    done = here.run(rich())
    assert done["operations"] == foreseen["operations"] != []
    written = here.writes
    again = here.run(rich())
    assert (again["changed"], again["operations"], here.writes) == (False, [], written)


def test_a_right_of_any_service_is_declared_by_its_name_and_exported_by_its_sid(here: Console) -> None:
    rights = {"SeSystemtimePrivilege": ["NT SERVICE\\essai-ville"]}
    policy = {"name": "Service", "computer": {"security": {"rights": rights}}}
    here.run(policy)
    assert here.run(policy)["changed"] is False
    (gathered,) = here.gathered("Service")
    assert gathered["computer"]["security"]["rights"] == {"SeSystemtimePrivilege": [service_sid("essai-ville")]}
    assert here.run(gathered, state="replaced")["changed"] is False


def test_every_section_goes_again(here: Console) -> None:
    here.run(rich())
    here.run({"name": "Complète", "computer": {}, "user": {}}, state="replaced")
    (gathered,) = here.gathered("Complète")
    assert {name: list(gathered[name]) for name in ("computer", "user")} == {
        "computer": ["enabled", "foreign"],
        "user": ["enabled"],
    }


def test_what_a_run_did_is_taken_back_section_by_section(here: Console) -> None:
    here.run(rich("Ancienne"), rich("Autre"))
    before = here.gathered("Ancienne", "Autre")
    change = {
        "name": "Ancienne",
        "comment": "Changée",
        "computer": {
            "enabled": False,
            "policies": {"power.sleep_after_ac": None, "power.sleep_after_dc": 300},
            "security": {"accounts": {"password_length": 8, "guest_name": "x"}, "rights": {"SeBackupPrivilege": None}},
            "scripts": {"shutdown": [{"name": "fin.cmd", "content": "rem\n"}]},
            "wired": None,
            "foreign": {"Applications/x.aas": None},
        },
        "user": {"auto_enrolment": {"mode": "enabled"}, "preferences": {"drive_maps": {"P:": None}}},
        "filtering": ["Authenticated Users"],
    }
    done = here.run(change, {"name": "Nouvelle", "computer": {"policies": {"power.sleep_after_ac": 600}}})
    assert here.gathered("Ancienne", "Autre") != before
    tasks, lost = inverse(json.loads(json.dumps(done["operations"])))
    assert lost == []
    asked = tasks["commune"][RETURNED]["ad_gpos"]
    with TemporaryDirectory() as folder:
        here.run(*asked["config"], absent=asked["absent"], confirm=["gpo_deletion"], driver={"backup_dir": folder})
    assert here.gathered("Ancienne", "Autre", "Nouvelle") == before


@pytest.mark.story
def test_an_export_replayed_in_a_domain_of_another_name_gives_the_same_export(
    here: Console, other_domain: Domain
) -> None:
    here.run(rich())
    export = here.gathered()
    other_domain.tool("group", "add", "GG-Essai")
    with console(other_domain) as there:
        mine = [item for item in export if item["name"] == "Complète"]
        there.run(*mine)
        assert there.run(*mine, state="replaced")["changed"] is False
        assert there.gathered("Complète") == mine
        other_domain.tool("gpo", "aclcheck")
