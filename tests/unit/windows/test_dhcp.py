"""DHCP scopes over WinRM, on two servers: made, changed, replicated, undone, refused."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import Lab
from lab.declared import declared_town
from piste.engine.converge.as_found import taken
from piste.engine.converge.errors import Conflict, Guarded, Interrupted, InvalidConfig, PisteError, Unreachable
from piste.engine.converge.secrets import Vault
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from piste.systems.windows.dhcp.intent import addressing_intent
from piste.systems.windows.dhcp.orphans import undeclared
from piste.systems.windows.dhcp.relation import Servers
from piste.systems.windows.dhcp.server import expect
from piste.town.town import tables
from tests.support.dhcp import FAILOVER, FIRST, PARTNER, PHONES, USERS, Json, Town


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def town(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path))
    lab.reset("empty")
    return Town(lab, tmp_path)


def changes(result: Json) -> list[tuple[str, str, list[str]]]:
    return [(operation["action"], operation["key"], operation["fields"]) for operation in result["operations"]]


def test_a_scope_is_made_whole_replicated_and_left_at_the_second_run(town: Town) -> None:
    planned = town.run(USERS, PHONES, check=True)
    assert town.writes == []
    done = town.run(USERS, PHONES)
    assert done["operations"] == planned["operations"]
    live = town.scopes()["10.93.41.0"]
    assert live == {
        "mask": "255.255.255.0",
        "name": "jau-utilisateurs",
        "start": "10.93.41.50",
        "end": "10.93.41.239",
        "description": "",
        "lease": 691_200,
        "active": True,
        "exclusions": [{"start": "10.93.41.60", "end": "10.93.41.69"}],
        "options": {
            "3": ["10.93.41.254"],
            "6": ["10.93.2.11", "10.93.2.12"],
            "15": ["ad.lebourget.example"],
            "252": ["http://proxy.lebourget.example/proxy.pac"],
        },
        "reservations": {
            "10.93.41.12": {"client": "f0-de-f1-7a-00-5e", "name": "imp-jau-01", "description": "imp-jau-01"}
        },
        "leases": {},
    }
    assert town.scopes(PARTNER) == town.scopes()
    (relation,) = town.simulator.machines[FIRST].state["dhcp"]["relations"].values()
    assert (relation["balance"], relation["partner"]) == (50, PARTNER)
    again = town.run(USERS, PHONES)
    assert (again["changed"], again["calls"]) == (False, {"reads": 4, "writes": 0})


def test_several_owners_share_what_a_run_reads(town: Town) -> None:
    town.run(USERS, PHONES)
    with town.one_run():
        for server in (FIRST, PARTNER):
            expect(server, [USERS["subnet"], PHONES["subnet"]])
        calls = [town.task(scope)["calls"] for scope in (USERS, PHONES)]
    assert calls == [{"reads": 4, "writes": 0}, {"reads": 0, "writes": 0}]


def test_a_change_is_written_and_replicated_and_an_undo_gives_it_back(town: Town) -> None:
    town.run(USERS, PHONES)
    before = copy.deepcopy(town.scopes())
    changed = {
        **USERS,
        "end": "10.93.41.200",
        "exclusions": [],
        "lease": 3_600,
        "options": {"routers": ["10.93.41.1"], "dns": [], "domain": None, "boot_file": "x", "other": {"252": None}},
        "reservations": {"10.93.41.12": None, "10.93.41.13": {"name": "imp-jau-02", "mac": "F0-DE-F1-7A-00-5E"}},
    }
    done = town.run(changed)
    assert changes(done) == [("update", USERS["subnet"], ["end", "exclusions", "lease", "options", "reservations"])]
    live = town.scopes()["10.93.41.0"]
    assert live["options"] == {"3": ["10.93.41.1"], "67": ["x"]}
    assert (live["end"], live["exclusions"], list(live["reservations"])) == ("10.93.41.200", [], ["10.93.41.13"])
    assert town.scopes(PARTNER) == town.scopes()
    assert town.run(changed)["changed"] is False

    tasks, lost = inverse(done["operations"])
    assert lost == []
    assert tasks["ecole-jaures"][RESTORED] == {}
    back = tasks["ecole-jaures"][RETURNED]["dhcp_scopes"]
    town.run(*back["config"], absent=back["absent"])
    assert town.scopes() == before
    assert town.scopes(PARTNER) == before


def test_what_somebody_changed_by_hand_is_brought_back_but_not_what_nobody_declares(town: Town) -> None:
    town.run(USERS)
    live = town.scopes()["10.93.41.0"]
    live["lease"] = 60
    live["reservations"]["10.93.41.99"] = {"client": "00-11-22-33-44-55", "name": "a.b", "description": ""}
    live["reservations"]["10.93.41.12"]["name"] = "NPI1234.lebourget.example"  # the client's own name, at its lease
    drift = town.run(USERS, check=True)
    assert changes(drift) == [("update", USERS["subnet"], ["lease", "unreplicated"])]
    town.run(USERS)
    assert "10.93.41.99" in town.scopes(PARTNER)["10.93.41.0"]["reservations"]
    assert town.run(USERS)["changed"] is False


def test_a_run_killed_before_it_replicates_is_finished_by_the_next(town: Town) -> None:
    town.run(USERS)
    town.simulator.faults.add("cut", path=f"/{FIRST}/wsman/dhcp_replicate", times=None)
    with pytest.raises(PisteError):
        town.run({**USERS, "lease": 7_200})
    town.simulator.faults.clear()
    assert town.scopes()["10.93.41.0"]["lease"] == 7_200
    written = len(town.writes)
    again = town.run({**USERS, "lease": 7_200})
    assert changes(again) == [("update", USERS["subnet"], ["unreplicated"])]
    assert town.writes[written:] == [f"/{FIRST}/dhcp_replicate"]
    assert town.scopes(PARTNER) == town.scopes()
    assert town.run({**USERS, "lease": 7_200})["changed"] is False


def test_a_server_that_goes_down_in_the_middle_is_finished_by_the_walk(town: Town) -> None:
    town.simulator.faults.add("tear", method="dhcp_scopes_write", times=1)
    done = town.run(USERS, PHONES)
    assert len(done["operations"]) == 2
    assert town.scopes(PARTNER) == town.scopes()
    assert town.run(USERS, PHONES)["changed"] is False


def test_a_replication_that_is_refused_says_why_and_stays_planned(town: Town) -> None:
    town.run(USERS)
    town.simulator.faults.add("refuse", method="dhcp_replicate", body="Access is denied.", times=1)
    with pytest.raises(Interrupted, match="Access is denied") as stopped:
        town.run({**USERS, "lease": 7_200})
    assert "N’ajoutez aucune délégation sur un contrôleur" in str(stopped.value)
    assert changes(town.run({**USERS, "lease": 7_200})) == [("update", USERS["subnet"], ["unreplicated"])]


def test_what_takes_addresses_from_clients_asks_for_its_word(town: Town) -> None:
    town.run(USERS, PHONES)
    for at in ("10.93.41.51", "10.93.41.230"):
        town.scopes()["10.93.41.0"]["leases"][at] = "00-11-22-33-44-55"
    gateway = {**USERS, "options": {"routers": ["10.93.41.1"]}}
    for config, absent, word in (
        ([gateway], [], "routers:10.93.41.0/24"),
        ([{**USERS, "active": False}], [], "leases:10.93.41.0/24"),
        ([{**USERS, "end": "10.93.41.200"}], [], "range:10.93.41.0/24"),
        ([], [USERS["subnet"]], "leases:10.93.41.0/24"),
    ):
        writes = len(town.writes)
        with pytest.raises(Guarded, match=word):
            town.run(*config, absent=absent)
        assert len(town.writes) == writes
        assert word in str(town.run(*config, absent=absent, check=True)["withheld"])
    town.run({**USERS, "end": "10.93.41.235"})  # all leases stay inside
    town.run(absent=[USERS["subnet"]], confirm=["leases"])
    assert [*town.scopes()] == [*town.scopes(PARTNER)] == ["10.93.43.0"]


def test_a_scope_without_leases_is_removed_and_given_back_by_the_undo(town: Town) -> None:
    town.run(USERS, PHONES)
    before = copy.deepcopy(town.scopes()["10.93.41.0"])
    done = town.run({"subnet": USERS["subnet"]}, state="deleted")
    assert [*town.scopes(PARTNER)] == ["10.93.43.0"]
    tasks, lost = inverse(done["operations"])
    assert ["sans ses baux" in line for line in lost] == [True]
    back = tasks["ecole-jaures"][RESTORED]["dhcp_scopes"]
    town.run(*back["config"])
    assert town.scopes()["10.93.41.0"] == before
    assert town.scopes(PARTNER)["10.93.41.0"] == before


def test_faults_come_all_at_once_before_anything_is_written(town: Town) -> None:
    wrong = {
        **USERS,
        "end": "10.93.42.1",
        "exclusions": [{"start": "10.93.41.70", "end": "10.93.41.60"}],
        "reservations": {"10.93.43.5": {"name": "x", "mac": "zz"}},
        "options": {"routers": ["10.93.41.256"], "other": {"6": {"values": ["10.0.0.1"]}}},
    }
    with pytest.raises(InvalidConfig) as refused:
        town.run(wrong, {**PHONES, "subnet": "10.94.0.0/24", "start": "10.94.0.1", "end": "10.94.0.2"})
    text = str(refused.value)
    for part in (".start", ".exclusions", ".mac", ".routers", ".other[6]", "hors de ce que possède"):
        assert part in text, part
    assert town.writes == []


def test_a_scope_of_another_mask_or_only_on_the_partner_is_refused(town: Town) -> None:
    town.run({**USERS, "subnet": "10.93.41.0/25", "end": "10.93.41.100", "reservations": {}})
    town.simulator.machines[PARTNER].state["dhcp"]["scopes"]["10.93.43.0"] = copy.deepcopy(town.scopes()["10.93.41.0"])
    town.simulator.machines[PARTNER].state["dhcp"]["scopes"]["10.93.43.0"]["mask"] = "255.255.255.0"
    with pytest.raises(Guarded) as refused:
        town.run(USERS, PHONES)
    assert "10.93.41.0/25 est déjà là" in str(refused.value)
    assert f"{PARTNER} a déjà cette étendue" in str(refused.value)


def test_gathered_scopes_change_nothing_when_they_are_declared_and_come_back_on_an_empty_server(town: Town) -> None:
    town.run(USERS, PHONES)
    gathered = town.run(state="gathered")["gathered"]
    assert [scope["subnet"] for scope in gathered] == [USERS["subnet"], PHONES["subnet"]]
    assert gathered[0]["options"]["other"] == USERS["options"]["other"]
    assert town.run(*gathered, state="replaced")["changed"] is False
    before = copy.deepcopy(town.scopes())
    town.lab.reset("empty")
    town.run(*gathered)
    assert town.scopes() == before == town.scopes(PARTNER)


def test_what_is_not_read_is_unknown(town: Town) -> None:
    town.run(USERS, PHONES)
    town.scopes()["10.93.43.0"]["broken"] = "The RPC server is unavailable."
    assert town.run(USERS, check=True)["changed"] is False
    with pytest.raises(Unreachable, match=re.escape(PHONES["subnet"])):
        town.run(USERS, PHONES, check=True)
    town.simulator.machines[PARTNER].state["services"]["DHCPServer"] = False
    with pytest.raises(PisteError, match=PARTNER):
        town.run(USERS, check=True)


@pytest.mark.parametrize(
    "answer",
    [
        {"scopes": [], "exclusions": [{"subnet": "10.9.9.0", "start": "a", "end": "b"}], "uses": [], "relations": []},
        {"scopes": [{"subnet": "10.93.41.0", "mask": "cassé"}], "exclusions": [], "uses": [], "relations": []},
        {"scopes": None},
    ],
)
def test_an_answer_that_makes_no_sense_is_unknown_and_nothing_is_written(town: Town, answer: Json) -> None:
    town.simulator.faults.add("answer", method="dhcp_server_read", body=json.dumps(answer), times=None)
    with pytest.raises(Unreachable):
        town.run(USERS)
    town.simulator.faults.clear()
    assert town.writes == []


def test_somebody_elses_change_since_the_plan_stops_the_run(town: Town) -> None:
    town.run(USERS)
    live = town.scopes()["10.93.41.0"]
    reads = iter(range(10))

    def meanwhile() -> None:
        if next(reads) == 1:
            live["lease"] = 999

    town.simulator.faults.add(
        "edit", edit=meanwhile, method="Command", path=f"/{FIRST}/wsman/dhcp_server_read", times=None
    )
    with pytest.raises(Conflict):
        town.run({**USERS, "lease": 7_200})
    town.simulator.faults.clear()
    assert live["lease"] == 999


def test_a_server_made_by_hand_is_adopted_and_the_plan_is_then_empty(town: Town) -> None:
    town.lab.reset("brownfield")
    owner = declared_town().sites["ecole-jaures"]
    intent = addressing_intent(owner)
    given = {"failover": intent["failover"], "within": intent["within"]}
    surveyed = town.run(*intent["scopes"], check=True, survey=True, **given)
    assert {action for action, _, _ in changes(surveyed)} == {"update"}
    kept = taken(tables(), surveyed["operations"], [surveyed["survey"]], "ecole-jaures")
    entry = kept["dhcp"]["dhcp_scope"]["10.93.41.0/24"]
    assert (entry["name"], entry["lease"]) == ("jau-utilisateurs (site)", 28_800)
    assert town.run(*intent["scopes"], as_found=kept, **given)["changed"] is False
    assert town.writes == []
    town.run(*intent["scopes"], **given)  # replicated through the relation that is there, under its own name
    assert list(town.simulator.machines[FIRST].state["dhcp"]["relations"]) == ["dhcp-ville"]
    assert town.scopes(PARTNER) == town.scopes()


def test_orphans_are_scopes_and_reservations_that_nobody_declares(town: Town) -> None:
    town.run(USERS, PHONES)
    town.scopes(PARTNER)["10.99.0.0"] = {**copy.deepcopy(town.scopes()["10.93.43.0"]), "name": "essai"}
    declared = {USERS["subnet"]: ()}
    with town.one_run():
        servers = Servers({"winrm": town.winrm, "server": FIRST, "failover": FAILOVER}, Vault())
        said = {(orphan["key"], orphan["why"][:24]) for orphan in undeclared(servers, declared)}
        calls = servers.calls
        servers.close()
    assert said == {
        ("10.93.41.0/24", "réservation de 10.93.41."),
        ("10.93.43.0/24", "« jau-telephonie », et p"),
        ("10.99.0.0/24", f"n’est que sur {PARTNER}"),
    }
    assert calls == {"reads": 3, "writes": 0}
