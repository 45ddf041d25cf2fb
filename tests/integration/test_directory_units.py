"""Organizational units on a real controller: made, changed, moved, removed; no content lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Conflict, Guarded, InvalidConfig
from tests.support.ad import Town
from tests.support.samba import Domain

UNITS = "ad_organizational_units"
SCHOOL = "Ville/Ecoles/ecole-jaures"
TREE: list[dict[str, Any]] = [
    {"path": f"{SCHOOL}/Postes"},
    {"path": SCHOOL, "description": "École Jean Jaurès", "protected": True},
    {"path": "Ville"},
    {"path": "Ville/Ecoles"},
]
HOSTILE = [
    'Musique, "danse"',
    "{{ piste_secrets }}",
    " Postes ",
    "#1 <a+b>;c=d",
    "Élèves\\\\3",
    "Sports\\/Loisirs",
    "\\CN=x",
]


@pytest.fixture
def town(domain: Domain, tmp_path: Path) -> Town:
    return Town(domain, tmp_path)


def units(domain: Domain) -> list[str]:
    return sorted(line for line in domain.tool("ou", "list").splitlines() if line != "OU=Domain Controllers")


def test_units_come_from_the_root_down_and_the_second_run_writes_nothing(town: Town) -> None:
    planned = town.module(UNITS, TREE, check=True)
    assert town.writes == []
    done = town.module(UNITS, TREE)
    assert done["operations"] == planned["operations"]
    assert done["summary"] == [
        f"+ organizational_unit {path}" for path in ("Ville", "Ville/Ecoles", SCHOOL, f"{SCHOOL}/Postes")
    ]
    assert units(town.domain) == [
        "OU=Ecoles,OU=Ville",
        "OU=Postes,OU=ecole-jaures,OU=Ecoles,OU=Ville",
        "OU=Ville",
        "OU=ecole-jaures,OU=Ecoles,OU=Ville",
    ]
    before = town.domain.usn()
    again = town.module(UNITS, TREE, state="replaced")
    assert (again["changed"], again["calls"]["writes"], town.domain.usn()) == (False, 0, before)


def test_only_what_differs_is_written(town: Town) -> None:
    town.module(UNITS, TREE)
    change = [{"path": SCHOOL, "description": None, "protected": False}]
    assert town.module(UNITS, change)["summary"] == [f"~ organizational_unit {SCHOOL} : description, protected"]
    assert [write.partition(" ")[0] for write in town.writes] == ["modifier", "modifier"]
    assert not town.module(UNITS, change)["changed"]


def test_what_was_changed_by_hand_is_found_and_put_back(town: Town) -> None:
    town.module(UNITS, TREE)
    dn = f"OU=ecole-jaures,OU=Ecoles,OU=Ville,{town.domain.base_dn}"
    town.domain.tool("ou", "rename", f"OU=Postes,{dn}", f"OU=PC,{dn}")
    with town.domain.ldap() as connection:
        connection.modify(dn, {"description": [("MODIFY_REPLACE", ["autre chose"])]})
    result = town.module(UNITS, TREE)
    assert result["summary"] == [
        f"~ organizational_unit {SCHOOL} : description",
        f"+ organizational_unit {SCHOOL}/Postes",
    ]
    assert not town.module(UNITS, TREE)["changed"]
    assert town.module(UNITS, [], absent=[f"{SCHOOL}/PC"])["summary"] == [f"- organizational_unit {SCHOOL}/PC"]


@pytest.mark.story
def test_what_is_gathered_replays_without_a_change_and_rebuilds_another_domain(
    town: Town, other_domain: Domain, tmp_path: Path
) -> None:
    town.module(UNITS, [*TREE, *({"path": f"Ville/{name}"} for name in HOSTILE)])
    gathered = town.module(UNITS, state="gathered")["gathered"]
    assert {f"Ville/{name}" for name in HOSTILE} <= {item["path"] for item in gathered}
    assert not town.module(UNITS, gathered, state="overridden")["changed"]
    (tmp_path / "autre").mkdir()
    other = Town(other_domain, tmp_path / "autre")
    other.module(UNITS, gathered)
    assert other.module(UNITS, state="gathered")["gathered"] == gathered


def test_a_unit_that_is_renamed_keeps_what_it_holds(town: Town) -> None:
    town.module(UNITS, TREE)
    moved = [
        {"path": "Ville/Etablissements", "formerly": ["Ville/Ecoles"]},
        {"path": "Ville/Etablissements/jaures", "formerly": [SCHOOL, "Ville/Etablissements/ecole-jaures"]},
    ]
    planned = town.module(UNITS, moved, check=True)
    done = town.module(UNITS, moved)
    assert done["operations"] == planned["operations"]
    assert [write.partition(" OU=")[0] for write in town.writes] == ["renommer ou déplacer"] * 2
    assert units(town.domain) == [
        "OU=Etablissements,OU=Ville",
        "OU=Postes,OU=jaures,OU=Etablissements,OU=Ville",
        "OU=Ville",
        "OU=jaures,OU=Etablissements,OU=Ville",
    ]
    assert not town.module(UNITS, moved)["changed"]


def test_an_owner_removes_only_beneath_its_place_and_nothing_of_other_owners(town: Town) -> None:
    town.module(UNITS, [*TREE, {"path": "Ville/Sport"}, {"path": f"{SCHOOL}/Vieux"}])
    kept = [item for item in TREE if item["path"].startswith(SCHOOL)]
    done = town.module(UNITS, kept, state="overridden", owner="ecole-jaures", base=SCHOOL)
    assert done["summary"] == [f"- organizational_unit {SCHOOL}/Vieux"]
    kept = [{"path": "Ville"}, {"path": "Ville/Ecoles"}]
    done = town.module(UNITS, kept, state="overridden", base="Ville", apart=[SCHOOL])
    assert done["summary"] == ["- organizational_unit Ville/Sport"]
    assert f"OU=Postes,{'OU=ecole-jaures,OU=Ecoles,OU=Ville'}" in units(town.domain)


def test_a_unit_that_holds_anything_undeclared_is_never_removed(town: Town) -> None:
    town.module(UNITS, [{"path": "Ville"}, {"path": "Ville/Sport"}, {"path": "Ville/Sport/Postes"}])
    town.domain.tool("computer", "add", "pc-001", "--computerou=OU=Postes,OU=Sport,OU=Ville")
    for check in (True, False):
        with pytest.raises(Guarded) as refused:
            town.module(UNITS, [], absent=["Ville/Sport", "Ville/Sport/Postes"], check=check)
        assert str(refused.value) == (
            "PISTE-E023 commune : 1 changement impossible, rien n’a été écrit. Levez d’abord ce qui les empêche :"
            "\n  - « Ville/Sport/Postes » contient encore 1 computer"
        )
        assert town.writes == []
    town.domain.tool("computer", "delete", "pc-001")
    assert town.module(UNITS, [], absent=["Ville/Sport", "Ville/Sport/Postes"])["summary"] == [
        "- organizational_unit Ville/Sport/Postes",
        "- organizational_unit Ville/Sport",
    ]


def test_a_protected_unit_resists_and_goes_with_a_word_only(town: Town) -> None:
    town.module(UNITS, TREE)
    with pytest.raises(RuntimeError, match=r"(?i)access"):
        town.domain.tool("ou", "delete", "OU=ecole-jaures,OU=Ecoles,OU=Ville", "--force-subtree-delete")
    gone = [SCHOOL, f"{SCHOOL}/Postes"]
    with pytest.raises(Guarded, match=f"protected:{SCHOOL}"):
        town.module(UNITS, [], absent=gone)
    assert town.module(UNITS, [], absent=gone, confirm=["protected"])["summary"] == [
        f"- organizational_unit {SCHOOL}/Postes",
        f"- organizational_unit {SCHOOL}",
    ]


def test_all_faults_are_said_at_once_and_nothing_is_sent(town: Town) -> None:
    wrong = [
        {"path": "Nulle/Part"},
        {"path": "Ville/École"},
        {"path": "ville/ecole"},
        {"path": "Ville//x"},
        {"path": "CN=Users"},
        {"path": "Ville/" + "x" * 65},
        {"path": "Ville", "descripton": "?"},
    ]
    with pytest.raises(InvalidConfig) as refused:
        town.module(UNITS, wrong)
    assert [fault.path for fault in refused.value.faults] == [
        "config[Ville//x].path",
        "config[CN=Users].path",
        "config[Ville].descripton",
        "config[Nulle/Part].path",
        "config[Ville/École].path",
        "config[ville/ecole].path",
        f"config[Ville/{'x' * 65}].path",
    ]
    assert town.writes == []
    with pytest.raises(InvalidConfig, match="hors de ce que possède « ecole-jaures »"):
        town.module(UNITS, [{"path": "Ville"}], owner="ecole-jaures", base=SCHOOL)


def test_somebody_else_s_change_between_reading_and_writing_stops_the_task(town: Town) -> None:
    town.module(UNITS, TREE)
    dn = f"OU=ecole-jaures,OU=Ecoles,OU=Ville,{town.domain.base_dn}"

    def other(what: str, place: str) -> None:
        with town.domain.ldap() as connection:
            connection.modify(dn, {"description": [("MODIFY_REPLACE", ["d’un collègue"])]})

    town.on_write = other
    with pytest.raises(Exception, match="l’objet n’est plus tel que lu") as stopped:
        town.module(UNITS, [{"path": SCHOOL, "description": "la nôtre"}])
    assert isinstance(stopped.value.__cause__, Conflict)
    with town.domain.ldap() as connection:
        connection.search(dn, "(objectClass=*)", "BASE", attributes=["description"])
        assert connection.entries[0]["description"].values == ["d’un collègue"]


def test_check_plans_the_groups_of_a_unit_that_is_only_planned(town: Town) -> None:
    group = [{"name": "GG-Ecoles", "ou": "Ville/Ecoles", "members": {"GG-Jaures": True}}]
    with town.run() as run:
        run.module(UNITS, TREE, check=True)
        run.module("ad_groups", [{"name": "GG-Jaures", "ou": SCHOOL}], check=True)
        assert run.module("ad_groups", group, check=True)["summary"] == ["+ group GG-Ecoles"]
    assert town.writes == []
