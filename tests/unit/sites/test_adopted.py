"""Tests that depart from the rule by what is kept as found; what else is wrong stays so."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piste.papers.dossier.verification_record import Test
from piste.runs.plans.play import Played
from piste.sites.adopted import mark_kept
from piste.sites.constat import Constat
from piste.sites.living.firewall import firewall
from piste.sites.living.seen import Reading
from piste.sites.segments import try_segments
from piste.sites.trials import Ran
from piste.town import declared
from piste.town.model import Town
from piste.town.model.routing.trace import Router
from tests.unit.sites.readings import lenders, routers

SITE, HALL, CORE, FIREWALL = "ecole-jaures", "hotel-de-ville", "coeur-hdv", "fw-hdv"
GUESTS = "0.154/fw_cluster/fw-hdv"
ABSENT = {"absent": True}
HOSTS = [f"sw-jau-0{number} : n’est pas dans Zabbix" for number in (1, 2)]
NAMES = [f"sw-jau-0{number}.ad.lebourget.example (A) : inconnu" for number in (1, 2)]


@pytest.fixture
def town() -> Town:
    return copy.deepcopy(declared.rule())


def keep(town: Town, owner: str, system: str, kind: str, **entries: Any) -> None:
    town.owners[owner]["as_found"].setdefault(system, {}).setdefault(kind, {}).update(entries)


def ran(town: Town, played: Played | None = None) -> Ran:
    return Ran(town, town.sites[SITE], "production", played or Played(), (), Path())


def router(known: list[Router], name: str) -> Router:
    return next(each for each in known if each["name"] == name)


def without(known: list[Router], name: str, face: str) -> None:
    at = router(known, name)
    assert any(each["name"] == face for each in at["interfaces"])
    at["interfaces"] = [each for each in at["interfaces"] if each["name"] != face]


def segments(town: Town, change: Callable[[list[Router]], None]) -> dict[str, Test]:
    """Return the tests of segments that are neither conform nor untested, on changed routers."""
    known = copy.deepcopy(routers(town))
    change(known)
    played, drawn = Played(routers=known, lenders=lenders(town, SITE)), Constat()
    for id_ in ("network.gateways", "firewall.interfaces"):
        drawn.add(id_, "", "", "", "", "conform")
    try_segments(drawn, town, town.sites[SITE], played)
    mark_kept(drawn, ran(town, played))
    left = (test for test in drawn.tests if "segment." in test.id and test.verdict not in ("conform", "untested"))
    return {test.id.removeprefix("segment."): test for test in left}


def no_guests(known: list[Router]) -> None:
    without(known, FIREWALL, "0.154")


def verdicts(tests: dict[str, Test]) -> dict[str, str]:
    return {id_: test.verdict for id_, test in tests.items()}


def test_a_gateway_that_is_kept_absent_is_kept_with_its_ways_its_place_and_who_decides(town: Town) -> None:
    assert verdicts(segments(town, no_guests)) == {"invites.gateway": "wrong", "invites.ways": "wrong"}
    keep(town, SITE, "smc", "engine_interface", **{GUESTS: ABSENT})
    marked = segments(town, no_guests)
    assert verdicts(marked) == {"invites.gateway": "kept", "invites.ways": "kept"}
    assert marked["invites.gateway"].observed == "fw-hdv n’a pas 10.93.44.254"
    for test in marked.values():
        assert test.reason.startswith("gardé tel que trouvé, smc/engine_interface de ecole-jaures ;")
        assert "la DSI décide" in test.reason


def test_what_is_missing_and_kept_nowhere_stays_wrong_beside_what_is_kept(town: Town) -> None:
    keep(town, SITE, "smc", "engine_interface", **{GUESTS: ABSENT})

    def both(known: list[Router]) -> None:
        no_guests(known)
        without(known, FIREWALL, "0.152")

    marked = segments(town, both)
    assert (marked["serveurs.gateway"].verdict, marked["invites.gateway"].verdict) == ("wrong", "kept")
    assert marked["serveurs.gateway"].reason == ""


def test_a_fault_that_what_is_kept_hides_stays_wrong(town: Town) -> None:
    keep(town, SITE, "smc", "engine_interface", **{GUESTS: ABSENT})

    def no_way_out(known: list[Router]) -> None:
        no_guests(known)
        at = router(known, FIREWALL)
        at["routes"] = [route for route in at["routes"] if route["destination"] != "0.0.0.0/0"]

    marked = segments(town, no_way_out)
    assert (marked["invites.gateway"].verdict, marked["invites.ways"].verdict) == ("kept", "wrong")


def test_a_core_that_the_town_hall_keeps_absent_is_kept_for_every_site(town: Town) -> None:

    def no_core(known: list[Router]) -> None:
        router(known, CORE)["interfaces"].clear()

    assert segments(town, no_core)["utilisateurs.gateway"].verdict == "wrong"
    keep(town, HALL, "meraki", "switch_stack", **{CORE: ABSENT})
    marked = segments(town, no_core)
    assert {*verdicts(marked).values()} == {"kept"}
    assert "meraki/switch_stack de hotel-de-ville" in marked["utilisateurs.gateway"].reason


def test_routes_that_are_kept_are_those_that_the_rule_lacks_there(town: Town) -> None:
    laid = {"0.0.0.0/0": {"via": ["192.0.2.1"]}}
    keep(town, "commune", "smc", "engine_routes", **{"fw_cluster/fw-hdv": {"routes": laid}})

    def none(*destinations: str) -> Callable[[list[Router]], None]:
        def change(known: list[Router]) -> None:
            at = router(known, FIREWALL)
            at["routes"] = [route for route in at["routes"] if route["destination"] not in destinations]

        return change

    assert verdicts(segments(town, none("10.93.41.0/24")))["utilisateurs.ways"] == "kept"
    assert verdicts(segments(town, none("10.93.41.0/24", "0.0.0.0/0")))["utilisateurs.ways"] == "wrong"


def kept_of(town: Town) -> None:
    """Keep absent two hosts, two names and the policy, as an adoption does."""
    keep(town, SITE, "zabbix", "host", **{"sw-jau-01": ABSENT, "sw-jau-02": ABSENT})
    keep(town, SITE, "dns", "dns_record", **{f"ad.lebourget.example/sw-jau-0{n}/A": ABSENT for n in (1, 2)})
    keep(town, SITE, "meraki", "ssid", **{"VLB-Agents": {"enabled": False}})
    commune = town.commune
    assert commune
    policy = commune["firewall"]["policy"]
    keep(town, commune["id"], "smc", "policy", **{f"fw_policy/whole/{policy}": ABSENT})
    keep(town, commune["id"], "prism", "vm", **{"hdv-ca1": ABSENT})


OTHER = "fw-hdv-1 : fw_policy/ANCIENNE y est installée, non fw_policy/VLB"


@pytest.mark.parametrize(
    ("id_", "wrong", "verdict", "said"),
    [
        ("living.supervision", HOSTS, "kept", "zabbix/host de ecole-jaures"),
        ("living.supervision", [*HOSTS, "ap-jau-01 : mesure trop ancienne"], "wrong", "2 sur 3 gardés tels que"),
        ("living.supervision", ["ap-jau-01 : n’est pas dans Zabbix"], "wrong", ""),
        ("dns.hdv-dc1.records", NAMES, "kept", "dns/dns_record de ecole-jaures"),
        ("dns.hdv-dc1.records", [*NAMES, "imp-jau-01.ad.lebourget.example (A) : 10.0.0.1"], "wrong", "2 sur 3 gardés"),
        ("dns.hdv-dc1.records", ["sw-jau-01.ad.lebourget.example (A) : 10.0.0.1"], "wrong", ""),
        ("living.ssids", ["ap-jau-01 n’émet pas VLB-Agents"], "kept", "meraki/ssid de ecole-jaures"),
        ("living.engines", [OTHER], "kept", "smc/policy de commune"),
        ("living.engines", [OTHER, "fw-hdv : 2 modifications à installer"], "wrong", "1 sur 2 gardés"),
        ("living.engines", [OTHER, "fw-hdv-2 : aucune nouvelle"], "wrong", "1 sur 2 gardés"),
        ("living.machines", ["hdv-ca1 n’existe pas"], "kept", "prism/vm de commune"),
        ("living.machines", ["hdv-ca1 à l’arrêt"], "wrong", ""),
        ("living.switches", ["sw-jau-01 : hors ligne"], "wrong", ""),
        ("living.supervision", [], "wrong", ""),
    ],
)
def test_a_test_is_kept_where_each_of_its_faults_is_kept(
    town: Town, id_: str, wrong: list[str], verdict: str, said: str
) -> None:
    def judged() -> Test:
        drawn = Constat()
        drawn.add(id_, "", "essai", "", "faute", "wrong", wrong=wrong)
        mark_kept(drawn, ran(town))
        return drawn.tests[0]

    assert judged().verdict == "wrong"
    kept_of(town)
    marked = judged()
    assert marked.verdict == verdict
    assert said in marked.reason
    assert bool(said) == bool(marked.reason)


def test_an_empty_comparison_proves_the_rule_only_where_nothing_is_kept(town: Town) -> None:
    def compared(verdict: Any = "conform") -> dict[str, str]:
        drawn = Constat()
        for id_ in ("network.ports", "wifi.ssids", "printing.queues"):
            drawn.add(id_, "", "comparaison", "", "", verdict)
        mark_kept(drawn, ran(town))
        return {test.id: test.verdict for test in drawn.tests}

    assert {*compared().values()} == {"conform"}
    keep(town, SITE, "meraki", "switch_port", **{"QZZZ-0005-0001/7": {"vlan": 10}})
    assert compared() == {"network.ports": "kept", "wifi.ssids": "conform", "printing.queues": "conform"}
    # A difference from what is kept, and silence, stay what they are.
    assert compared("wrong")["network.ports"] == "wrong"
    assert compared("unknown")["network.ports"] == "unknown"


def test_a_gateway_in_place_whose_relay_is_kept_is_mark_kept(town: Town) -> None:
    keep(town, SITE, "smc", "engine_interface", **{"0.155/fw_cluster/fw-hdv": {"relay": []}})
    assert verdicts(segments(town, lambda known: None)) == {"pedagogique.gateway": "kept"}


def test_an_object_that_waits_for_the_core_is_kept_with_it(town: Town) -> None:
    line = "routed_interface VLB/coeur-hdv/151 : attend « coeur-hdv », que le réseau n’a pas, laissé tel quel"
    played = Played(withheld=[f"{SITE} : {line}"])

    def gateways() -> str:
        drawn = Constat()
        drawn.add("network.gateways", "", "", "", "pas en place", "wrong", wrong=[line])
        mark_kept(drawn, ran(town, played))
        return drawn.tests[0].verdict

    assert gateways() == "wrong"
    keep(town, HALL, "meraki", "switch_stack", **{CORE: ABSENT})
    assert gateways() == "kept"


def test_an_engine_without_news_stays_a_fault_beside_a_policy_that_is_kept(town: Town) -> None:
    nodes = [
        {"name": name, "configuration": "Installed", "policy": "fw_policy/ANCIENNE", "monitoring": monitoring,
         "state": "Online", "installed_at": None}
        for name, monitoring in (("fw-hdv-1", "READY"), ("fw-hdv-2", "NO_STATUS"))
    ]  # fmt: skip
    reading = Reading({"engines": {FIREWALL: {"nodes": nodes, "pending": 0}}, "read_at": "2026-11-24T12:00:00+00:00"})
    (seen,) = firewall(town, town.sites[SITE], reading)
    kept_of(town)
    drawn = Constat()
    drawn.add(**seen.test())
    mark_kept(drawn, ran(town))
    assert (drawn.tests[0].verdict, len(seen.wrong)) == ("wrong", 3)
    assert "2 sur 3 gardés tels que trouvés" in drawn.tests[0].reason


def test_ways_of_which_some_are_unknown_are_no_more_kept(town: Town) -> None:
    keep(town, SITE, "smc", "engine_interface", **{"0.150/fw_cluster/fw-hdv": ABSENT})

    def other_routes(known: list[Router]) -> None:
        without(known, FIREWALL, "0.150")

    assert segments(town, other_routes)["administration.ways"].verdict == "kept"

    def and_unknown(known: list[Router]) -> None:
        other_routes(known)
        router(known, FIREWALL)["others"].append("OSPF")
        router(known, FIREWALL)["routes"].clear()

    assert segments(town, and_unknown)["administration.ways"].verdict == "wrong"
