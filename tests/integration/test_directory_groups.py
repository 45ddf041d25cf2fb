"""Groups on a real controller: members by name, others' members kept, privileges confirmed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, InvalidConfig
from piste.systems.windows import authors
from tests.integration.test_parts import proves
from tests.support.ad import Town
from tests.support.samba import Domain

GROUPS = "ad_groups"
AGENTS: dict[str, Any] = {
    "name": "GG-Agents",
    "ou": "Ville",
    "description": "Agents de la Ville",
    "members": {"marie.martin": True, "GG-Jaurès": True},
}
SCHOOL: dict[str, Any] = {"name": "GG-Jaurès", "ou": "Ville/Jaures", "members": {"paul.durand": True, "PC-001$": True}}
SHARE: dict[str, Any] = {
    "name": "GL-Partage",
    "ou": "Ville",
    "scope": "domain_local",
    "members": {"GG-Agents": True, "Authenticated Users": True},
}
ALL = [SHARE, AGENTS, SCHOOL]


def populate(domain: Domain) -> None:
    with domain.ldap() as connection:
        for name in ("marie.martin", "paul.durand", "externe"):
            connection.add(f"CN={name},CN=Users,{domain.base_dn}", ["user"], {"sAMAccountName": name})
        computer = {"sAMAccountName": "PC-001$", "userAccountControl": 4096}
        connection.add(f"CN=PC-001,CN=Computers,{domain.base_dn}", ["computer"], computer)


@pytest.fixture
def town(domain: Domain, tmp_path: Path) -> Town:
    populate(domain)
    built = Town(domain, tmp_path)
    built.module("ad_organizational_units", [{"path": "Ville"}, {"path": "Ville/Jaures"}])
    return built


def members(domain: Domain, group: str) -> set[str]:
    return set(domain.tool("group", "listmembers", group).split())


def test_groups_come_with_their_members_and_the_second_run_writes_nothing(town: Town) -> None:
    planned = town.module(GROUPS, ALL, check=True)
    assert town.writes == []
    done = town.module(GROUPS, ALL)
    assert done["operations"] == planned["operations"]
    assert done["summary"] == ["+ group GG-Jaurès", "+ group GG-Agents", "+ group GL-Partage"]
    assert len(town.writes) == 3
    assert members(town.domain, "GG-Agents") == {"marie.martin", "GG-Jaurès"}
    assert members(town.domain, "GG-Jaurès") == {"paul.durand", "PC-001$"}
    assert members(town.domain, "GL-Partage") == {"S-1-5-11", "GG-Agents"}
    before = town.domain.usn()
    again = town.module(GROUPS, ALL, state="replaced")
    assert (again["changed"], again["calls"]["writes"], town.domain.usn()) == (False, 0, before)


def test_when_a_group_changed_is_said_and_who_is_not(town: Town) -> None:
    town.module(GROUPS, ALL)
    with town.domain.ldap() as connection:
        dn = f"CN=GG-Agents,OU=Ville,{town.domain.base_dn}"
        connection.modify(dn, {"description": [("MODIFY_REPLACE", ["Fait à la main"])]})
    [operation] = town.module(GROUPS, ALL, check=True)["operations"]
    asked = {**{name: operation[name] for name in ("kind", "key", "action", "fields")}, **operation["content"]}
    with town.run():
        params = {"domain": town.domain.option, "objects": [asked, {**asked, "key": "GG-*"}], "days": 90}
        (known,), nobody = authors.MODULES["ad_authors"].run(params, False)["authors"]
    assert (known["who"], nobody) == ("", [])
    assert abs(datetime.fromisoformat(known["when"]) - datetime.now(UTC)) < timedelta(minutes=10)


def test_members_that_nobody_declares_stay_unless_the_whole_is_declared(town: Town) -> None:
    town.module(GROUPS, ALL)
    town.domain.tool("group", "addmembers", "GG-Agents", "externe")
    town.domain.tool("group", "removemembers", "GG-Agents", "marie.martin")
    assert town.module(GROUPS, ALL)["summary"] == ["~ group GG-Agents : members"]
    assert members(town.domain, "GG-Agents") == {"marie.martin", "GG-Jaurès", "externe"}
    assert town.module(GROUPS, ALL, state="replaced")["summary"] == ["~ group GG-Agents : members"]
    assert members(town.domain, "GG-Agents") == {"marie.martin", "GG-Jaurès"}
    town.module(GROUPS, [{"name": "GG-Agents", "members": {"marie.martin": None, "inconnu": None}}])
    assert members(town.domain, "GG-Agents") == {"GG-Jaurès"}


def test_a_member_is_known_whatever_the_case_in_which_it_is_called(town: Town) -> None:
    town.module(GROUPS, ALL)
    assert not town.module(GROUPS, [{"name": "gg-agents", "members": {"MARIE.MARTIN": True}}])["changed"]


def test_groups_may_hold_each_other(town: Town) -> None:
    pair = [
        {"name": "GU-A", "ou": "Ville", "scope": "universal", "members": {"GU-B": True}},
        {"name": "GU-B", "ou": "Ville", "scope": "universal", "members": {"GU-A": True}},
    ]
    assert town.module(GROUPS, pair)["changed"]
    assert not town.module(GROUPS, pair)["changed"]
    assert (members(town.domain, "GU-A"), members(town.domain, "GU-B")) == ({"GU-B"}, {"GU-A"})


def test_a_group_changes_name_place_and_kind_and_stays_itself(town: Town) -> None:
    town.module(GROUPS, ALL)
    before = town.domain.tool("group", "show", "GG-Jaurès", "--attributes=objectSid").splitlines()[-2:]
    changed = [
        {
            "name": "GL-Jaures",
            "formerly": ["GG-Jaurès"],
            "ou": "Ville",
            "scope": "domain_local",
            "category": "distribution",
        }
    ]
    planned = town.module(GROUPS, changed, check=True)
    done = town.module(GROUPS, changed)
    assert done["operations"] == planned["operations"]
    assert done["summary"] == ["~ group GL-Jaures : name, ou, scope, category"]
    assert town.domain.tool("group", "show", "GL-Jaures", "--attributes=objectSid").splitlines()[-2:] == before
    assert members(town.domain, "GL-Jaures") == {"paul.durand", "PC-001$"}
    assert not town.module(GROUPS, changed)["changed"]
    for back in ({"category": "security"}, {"scope": "universal"}):  # each alone: the other stays
        assert town.module(GROUPS, [{"name": "GL-Jaures", **back}])["changed"]
    there = {item["name"]: item for item in town.module(GROUPS, state="gathered")["gathered"]}["GL-Jaures"]
    assert (there["scope"], there["category"]) == ("universal", "security")


@pytest.mark.story
def test_what_is_gathered_replays_without_a_change_and_rebuilds_another_domain(
    town: Town, other_domain: Domain, tmp_path: Path
) -> None:
    town.module(GROUPS, [*ALL, {"name": "{{ piste_secrets }}", "ou": "Ville"}, {"name": "L’été (bis)", "ou": "Ville"}])
    gathered = town.module(GROUPS, state="gathered")["gathered"]
    assert [item["name"] for item in gathered] == [
        "GG-Agents",
        "GG-Jaurès",
        "GL-Partage",
        "L’été (bis)",
        "{{ piste_secrets }}",
    ]
    assert not town.module(GROUPS, gathered, state="overridden")["changed"]
    (tmp_path / "autre").mkdir()
    other = Town(other_domain, tmp_path / "autre")
    populate(other_domain)
    other.module("ad_organizational_units", [{"path": "Ville"}, {"path": "Ville/Jaures"}])
    other.module(GROUPS, gathered)
    assert other.module(GROUPS, state="gathered")["gathered"] == gathered


def test_a_group_that_rules_the_domain_asks_for_a_word_however_far(town: Town) -> None:
    town.module(GROUPS, [AGENTS | {"members": {}}, {"name": "GG-Info", "ou": "Ville"}])
    town.domain.tool("group", "addmembers", "GG-Agents", "GG-Info")
    town.domain.tool("group", "addmembers", "Domain Admins", "GG-Agents")
    for name in ("GG-Info", "Domain Admins"):
        with pytest.raises(Guarded, match=f"privileged:{name}"):
            town.module(GROUPS, [{"name": name, "members": {"externe": True}}])
    assert town.writes == []
    done = town.module(GROUPS, [{"name": "GG-Info", "members": {"externe": True}}], confirm=["privileged:GG-Info"])
    assert done["summary"] == ["~ group GG-Info : members"]


def test_what_the_account_may_not_do_is_said_with_the_right_that_it_lacks(town: Town) -> None:
    with pytest.raises(Exception, match="droits insuffisants") as refused:
        town.module(GROUPS, [{"name": "Domain Admins", "members": {"externe": True}}], confirm=["privileged"])
    assert "« écrire les propriétés member, sur CN=Domain Admins,CN=Users," in str(refused.value)


def test_a_group_with_members_goes_with_a_word_and_a_group_of_the_domain_never(town: Town) -> None:
    town.module(GROUPS, ALL)
    with pytest.raises(Guarded, match="members:GG-Agents"):
        town.module(GROUPS, [], absent=["GG-Agents"])
    with pytest.raises(Guarded, match="« Domain Users » fait partie du domaine lui-même"):
        town.module(GROUPS, [], absent=["Domain Users"], confirm=["members"])
    assert town.module(GROUPS, [], absent=["GG-Agents"], confirm=["members"])["summary"] == ["- group GG-Agents"]


def test_an_owner_removes_only_what_stands_in_its_place(town: Town) -> None:
    town.module(GROUPS, [*ALL, {"name": "GG-Vieux", "ou": "Ville/Jaures"}])
    options: dict[str, Any] = {"owner": "ecole-jaures", "base": "Ville/Jaures"}
    done = town.module(GROUPS, [SCHOOL], state="overridden", **options)
    assert done["summary"] == ["- group GG-Vieux"]
    assert town.module(GROUPS, [{"name": "GG-Neuf"}], **options)["changed"]
    assert [item["ou"] for item in town.module(GROUPS, state="gathered", **options)["gathered"]] == ["Ville/Jaures"] * 2
    with pytest.raises(Guarded, match="« GG-Agents » est hors de ce que possède « ecole-jaures » : Ville"):
        town.module(GROUPS, [{"name": "GG-Agents", "description": "à moi"}], **options)


def test_all_faults_are_said_at_once_and_nothing_is_sent(town: Town) -> None:
    foreign = "S-1-5-21-1004336348-1177238915-682003330-1104"
    wrong = [
        {"name": "GG-A", "ou": "Nulle/Part", "members": {"personne": True, foreign: True, "GG-B": True}},
        {"name": "GG-B", "ou": "Ville", "scope": "mondial"},
        {"name": "GG-B", "ou": "Ville"},
        {"name": "GG/C", "ou": "Ville"},
        {"name": "GG-D", "ou": "Ville", "members": {"marie.martin": False}},
        {"name": "GG-E", "ou": "Ville", "members": {"GU-F": True, "GG-D": True, "Administrators": True}},
        {"name": "GU-F", "ou": "Ville", "scope": "universal", "members": {"GG-E": True, "GU-F": True}},
    ]
    with pytest.raises(InvalidConfig) as refused:
        town.module(GROUPS, wrong)
    assert [fault.path for fault in refused.value.faults] == [
        "config[GG-B].scope",
        "config[GG-B]",
        "config[GG/C].name",
        "config[GG-D].members[marie.martin]",
        "config[GG-A].ou",
        "config[GG-A].members[personne]",
        f"config[GG-A].members[{foreign}]",
        "config[GG-E].members[GU-F]",
        "config[GG-E].members[Administrators]",
    ]
    assert town.writes == []


def test_a_drawn_part_of_a_plan_is_written_and_the_plan_writes_the_rest(town: Town, tmp_path: Path) -> None:
    def run(plan: str, check: bool) -> list[dict[str, Any]]:
        operations: list[dict[str, Any]] = town.module(GROUPS, ALL, check=check, plan=plan)["operations"]
        return operations

    def choose(every: list[str]) -> list[str]:
        return random.Random(39).sample([name for name in every if "GL-Partage" not in name], 1)

    assert proves(run, tmp_path, choose) < 1
    assert members(town.domain, "GL-Partage") == {"S-1-5-11", "GG-Agents"}
