"""Settings of DHCP servers and terms of their relation: changed, undone, refused, judged."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from lab.winrm.dhcp_settings import option
from piste.engine.converge.errors import Guarded, Interrupted, InvalidConfig, PisteError, Unreachable
from piste.engine.converge.secrets import FINGERPRINT_KEY, Vault
from piste.runs.domains.addressing import Addressing
from piste.runs.domains.domain import Task
from piste.runs.plans.undo import RETURNED, inverse
from piste.systems.kinds import of_domain
from piste.systems.windows.dhcp import judged
from piste.systems.windows.dhcp.orphans import undeclared, unfit
from piste.systems.windows.dhcp.relation import Servers
from tests.support.dhcp import FAILOVER, FIRST, PARTNER, USERS, Json, Town

CLASS = "Microsoft Windows 2000 Options"
SETTINGS: dict[str, Any] = {
    "name": FIRST,
    "options": {
        "dns": ["10.93.2.11", "10.93.2.12"],
        "domain": "ad.lebourget.example",
        "other": {"44": None},
        "classes": {f"{CLASS}/2": {"values": ["0x2"]}},
    },
    "audit_log": {"enabled": True, "path": r"D:\Journaux\dhcp"},
    "conflict_attempts": 1,
}
TERMS = {**FAILOVER, "switch_after": None}
SECRET = {"shared_secret": {"secret": "dhcp/relation"}}
VALUES = {"dhcp/relation": "un-secret-partage", FINGERPRINT_KEY: "une-cle-d-empreintes"}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def town(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path))
    lab.reset("empty")
    return Town(lab, tmp_path)


def fields(result: Json) -> list[tuple[str, list[str]]]:
    return [(operation["key"], operation["fields"]) for operation in result["operations"]]


def back(town: Town, module: str, done: Json, **options: Any) -> Json:
    """Run the undo of a run."""
    tasks, lost = inverse(done["operations"])
    assert lost == []
    given = tasks["commune"][RETURNED][module]
    return town.of_town(module, *given["config"], **options)


def test_the_settings_of_a_server_are_changed_and_what_others_set_stays_and_is_named(town: Town) -> None:
    town.settings()["options"] = [
        option(6, "192.168.1.1"),
        option(44, "192.168.1.1"),
        option(46, "0x8"),
        option(1, "x", vendor=CLASS),
        option(15, "invites.example", policy="Invités"),
    ]
    before = copy.deepcopy(town.settings())
    planned = town.of_town("dhcp_servers", SETTINGS, check=True)
    assert town.writes == []
    done = town.of_town("dhcp_servers", SETTINGS)
    assert done["operations"] == planned["operations"]
    assert fields(done) == [(FIRST, ["options", "audit_log", "conflict_attempts"])]
    said = " ".join(done["warnings"])
    assert all(kept in said for kept in ("046", f"001 ({CLASS})", "015 (Invités)"))
    assert "006" not in said
    live = town.settings()
    assert sorted((it["option"], it["vendor"], it["policy"]) for it in live["options"]) == [
        (1, CLASS, ""),
        (2, CLASS, ""),
        (6, "", ""),
        (15, "", ""),
        (15, "", "Invités"),
        (46, "", ""),
    ]
    assert live["audit"] == {**before["audit"], "path": SETTINGS["audit_log"]["path"]}
    assert (live["conflicts"], town.settings(PARTNER)["conflicts"]) == (1, 0)
    again = town.of_town("dhcp_servers", SETTINGS)
    assert (again["changed"], again["calls"]) == (False, {"reads": 1, "writes": 0})
    back(town, "dhcp_servers", done)
    assert {**town.settings(), "options": []} == {**before, "options": []}
    key = lambda it: (it["option"], it["vendor"], it["policy"])  # noqa: E731
    assert sorted(town.settings()["options"], key=key) == sorted(before["options"], key=key)


def test_gathered_settings_change_nothing_when_they_are_declared(town: Town) -> None:
    town.lab.reset("brownfield")
    gathered = town.of_town("dhcp_servers", state="gathered")["gathered"]
    assert [item["name"] for item in gathered] == [FIRST, PARTNER]
    assert town.of_town("dhcp_servers", *gathered)["changed"] is False
    town.lab.reset("empty")
    town.of_town("dhcp_servers", *gathered)
    assert town.of_town("dhcp_servers", state="gathered")["gathered"] == gathered


def test_what_a_server_cannot_have_is_refused_before_the_first_write(town: Town) -> None:
    wrong = {
        "name": FIRST,
        "options": {"other": {"6": {"values": ["10.0.0.1"]}}, "classes": {"2": {"values": ["x"]}}},
        "audit_log": {"path": "journaux", "max_mb": 0},
        "conflict_attempts": 6,
    }
    with pytest.raises(InvalidConfig) as refused:
        town.of_town("dhcp_servers", wrong)
    assert len(refused.value.faults) == 5
    with pytest.raises(Guarded, match="classes inconnues"):
        town.of_town("dhcp_servers", {"name": FIRST, "options": {"classes": {"Polycom/2": {"values": ["x"]}}}})
    assert town.writes == []


def test_a_refusal_in_the_middle_is_said_and_the_next_run_ends_it(town: Town) -> None:
    unknown = {**SETTINGS, "options": {**SETTINGS["options"], "other": {"199": {"values": ["x"]}}}}
    with pytest.raises(Interrupted) as stopped:
        town.of_town("dhcp_servers", unknown)
    assert "199 is not defined" in str(stopped.value)
    assert (town.settings()["conflicts"], len(town.settings()["options"])) == (0, 2)
    town.of_town("dhcp_servers", SETTINGS)
    assert town.settings()["conflicts"] == 1


def test_the_terms_of_a_relation_are_changed_and_given_back(town: Town) -> None:
    waiting = town.of_town("dhcp_relations", TERMS)
    assert waiting["changed"] is False
    assert "première étendue" in waiting["withheld"][0]
    town.run(USERS)
    assert town.of_town("dhcp_relations", TERMS)["changed"] is False
    before = copy.deepcopy(town.relation())
    changed = {**TERMS, "share": 70, "client_lead": 7200, "switch_after": 1800}
    planned = town.of_town("dhcp_relations", changed, check=True)
    done = town.of_town("dhcp_relations", changed)
    assert done["operations"] == planned["operations"]
    assert fields(done) == [(FAILOVER["name"], ["share", "client_lead", "switch_after"])]
    assert (town.relation()["balance"], town.relation(PARTNER)["balance"]) == (70, 30)
    assert (town.relation()["lead"], town.relation()["switch_after"]) == (7200, 1800)
    again = town.of_town("dhcp_relations", changed)
    assert (again["changed"], again["calls"]) == (False, {"reads": 1, "writes": 0})
    back(town, "dhcp_relations", done)
    assert town.relation() == before


def test_another_mode_asks_for_its_word_and_another_partner_is_refused(town: Town) -> None:
    town.run(USERS)
    standby = {**TERMS, "mode": "hot_standby", "share": 10}
    with pytest.raises(Guarded, match="confirmer"):
        town.of_town("dhcp_relations", standby)
    done = town.of_town("dhcp_relations", standby, confirm=["mode"])
    assert (town.relation()["balance"], town.relation()["reserve"]) == (None, 10)
    back(town, "dhcp_relations", done, confirm=["mode"])
    assert (town.relation()["balance"], town.relation()["reserve"]) == (50, None)
    town.relation()["partner"] = "hdv-dc9"
    with pytest.raises(Guarded, match="avec hdv-dc9"):
        town.of_town("dhcp_relations", {**TERMS, "client_lead": 7200})


def test_a_relation_made_by_hand_under_another_name_serves(town: Town) -> None:
    town.lab.reset("brownfield")
    done = town.of_town("dhcp_relations", {**TERMS, "client_lead": 7200})
    assert fields(done) == [(FAILOVER["name"], ["client_lead"])]
    assert town.relation()["lead"] == 7200
    (gathered,) = town.of_town("dhcp_relations", state="gathered")["gathered"]
    assert gathered["name"] == "dhcp-ville"


def test_the_secret_of_a_relation_is_written_once_and_again_where_somebody_took_it_away(
    town: Town, tmp_path: Path
) -> None:
    options = {"secrets": VALUES, "secrets_lock": str(tmp_path / "secrets.lock.yml")}
    town.run(USERS, failover={**FAILOVER, **SECRET}, **options)
    assert town.relation()["secret"] == VALUES["dhcp/relation"]
    declared = {**TERMS, **SECRET}
    assert town.of_town("dhcp_relations", declared, **options)["changed"] is False
    town.relation()["secret"] = None
    done = town.of_town("dhcp_relations", declared, **options)
    assert fields(done) == [(FAILOVER["name"], ["shared_secret"])]
    assert VALUES["dhcp/relation"] not in str(done)
    assert town.relation()["secret"] == VALUES["dhcp/relation"]
    changed = {**options, "secrets": {**VALUES, "dhcp/relation": "un-autre-secret"}}
    assert fields(town.of_town("dhcp_relations", declared, **changed)) == [(FAILOVER["name"], ["shared_secret"])]
    assert town.relation()["secret"] == "un-autre-secret"
    town.of_town("dhcp_relations", {**TERMS, "shared_secret": None}, **changed)
    assert town.relation()["secret"] is None


def test_a_relation_whose_secret_is_absent_is_not_made_in_the_open(town: Town) -> None:
    bare = {FINGERPRINT_KEY: VALUES[FINGERPRINT_KEY]}
    with pytest.raises(PisteError, match="secret absent"):
        town.run(USERS, failover={**FAILOVER, **SECRET}, secrets=bare)
    assert town.simulator.machines[FIRST].state["dhcp"]["relations"] == {}


def test_what_only_a_person_mends_is_named(town: Town) -> None:
    town.run(USERS)
    declared = {USERS["subnet"]: set(USERS["reservations"])}

    def strange(names: list[str], account: str, **failover: Any) -> list[tuple[str, str]]:
        with town.one_run():
            servers = Servers({"winrm": town.winrm, "server": FIRST, **failover}, Vault())
            try:
                listed = [*unfit(servers, names, account), *undeclared(servers, declared, [FAILOVER["name"]])]
            finally:
                servers.close()
        return [(it["key"], it["why"].partition(" (")[0].partition(",")[0]) for it in listed]

    assert strange([FIRST, PARTNER], r"LEBOURGET\svc-dhcp", failover=FAILOVER) == []
    town.settings()["account"] = {"domain": "", "name": ""}
    town.settings(PARTNER)["bindings"] = []
    own = "inscrit les noms par son propre compte"
    silent = "n’écoute sur aucune adresse"
    assert strange([FIRST, PARTNER], "", failover=FAILOVER) == [(FIRST, own), (PARTNER, silent)]
    assert strange([FIRST], "svc-dhcp") == [(FIRST, own)]
    town.simulator.machines[PARTNER].state["services"]["DHCPServer"] = False
    relations = town.simulator.machines[FIRST].state["dhcp"]["relations"]
    relations["ancienne"] = {**town.relation(), "partner": "vieux", "subnets": []}
    stopped = "n’est pas en marche"
    assert strange([], "") == [
        (FAILOVER["name"], stopped),
        ("ancienne", "relation avec vieux"),
        ("ancienne", stopped),
    ]


@pytest.mark.parametrize(
    ("live", "declared", "same"),
    [
        (r"LEBOURGET\svc-dhcp", "svc-dhcp", True),
        (r"LEBOURGET\svc-dhcp", r"lebourget\SVC-DHCP", True),
        ("svc-dhcp@ad.lebourget.example", "svc-dhcp", True),
        (r"AUTRE\svc-dhcp", r"LEBOURGET\svc-dhcp", False),
        ("", "svc-dhcp", False),
    ],
)
def test_an_account_is_the_same_with_or_without_its_domain(live: str, declared: str, *, same: bool) -> None:
    assert judged.same(live, declared) is same


@pytest.mark.parametrize("module", ["dhcp_servers", "dhcp_relations"])
def test_a_silent_server_is_unknown(town: Town, module: str) -> None:
    town.simulator.faults.add("cut", path=f"/{FIRST}/", times=None)
    try:
        with pytest.raises(Unreachable):
            town.of_town(module, SETTINGS if module == "dhcp_servers" else TERMS)
    finally:
        town.simulator.faults.clear()


@pytest.mark.parametrize(("within", "concerned"), [([], False), (["10.93.40.0/21"], True)])
def test_a_survey_looks_for_scopes_in_the_block_of_an_owner_alone(within: list[str], *, concerned: bool) -> None:
    """Without a block every scope would be taken for the town's."""
    (scopes,) = (kind for kind in of_domain("addressing") if kind.name == "scopes")
    intent = {"scopes": [], "settings": [], "relations": []}
    asked = Task(params={"survey": True}, intent=intent, options={"server": FIRST, "within": within})
    assert Addressing().concerns(scopes, asked) is concerned
