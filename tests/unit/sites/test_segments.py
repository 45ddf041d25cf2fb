"""The segments in a verification: silence is unknown, and each fault is named where it is."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from piste.papers.dossier.verification_record import Verdict
from piste.runs.plans.play import Played
from piste.sites.constat import Constat
from piste.sites.flows import declared_rules
from piste.sites.segments import try_exchanges, try_segments
from piste.town import declared
from piste.town.model import Town
from piste.town.model.routing.trace import Face, Router, unread
from tests.unit.records.made import operation
from tests.unit.sites.readings import lenders, routers

SITE, CORE, FIREWALL = "ecole-jaures", "coeur-hdv", "fw-hdv"
USERS = "VLB hotel-de-ville/coeur-hdv/151"


@cache
def town() -> Town:
    return declared.rule()


def constat(played: Played, compared: Verdict = "conform") -> Constat:
    drawn = Constat()
    for id_ in ("network.gateways", "firewall.interfaces"):
        drawn.add(id_, "", "", "", "", compared, reason="sans réponse" if compared == "unknown" else "")
    try_segments(drawn, town(), town().sites[SITE], played)
    return drawn


def read(**changes: Any) -> Played:
    return Played(routers=copy.deepcopy(routers(town())), lenders=lenders(town(), SITE, **changes))


def verdicts(drawn: Constat) -> dict[str, str]:
    """Return the tests that are neither conform nor untested."""
    known = {test.id.removeprefix("segment."): test.verdict for test in drawn.tests if "segment." in test.id}
    return {id_: verdict for id_, verdict in known.items() if verdict not in ("conform", "untested")}


def router(played: Played, name: str) -> Router:
    return next(known for known in played.routers if known["name"] == name)  # type: ignore[no-any-return]


def test_a_site_that_is_as_declared_is_conform_with_its_hops() -> None:
    drawn = constat(read())
    assert verdicts(drawn) == {}
    ways = drawn.test("segment.utilisateurs.ways")
    assert ways is not None
    assert ways.observed == "par coeur-hdv puis fw-hdv"
    proof = json.loads(drawn.files["segment.utilisateurs.ways.json"])
    assert {"hdv-dc1", "hdv-dc2", "Internet"} <= set(proof)
    assert [hop["router"] for hop in proof["hdv-dc1"]["back"]] == [FIREWALL, CORE]
    scope = drawn.test("segment.utilisateurs.scope")
    assert scope is not None
    assert scope.expected == "étendue active, plus de 5 % d’adresses libres"
    assert "hdv-dc1 : 190 adresses libres sur 200" in scope.observed
    guests = drawn.test("segment.invites.ways")
    assert guests is not None
    assert guests.expected.startswith("2 destinations")


def no_gateway(played: Played) -> None:
    core = router(played, CORE)
    core["interfaces"] = [face for face in core["interfaces"] if face["name"] != "VLAN 151"]


def second_gateway(played: Played) -> None:
    played.routers.append(
        {
            **unread("QZZZ-0005-0001", ""),
            "interfaces": [Face(name="VLAN 151", subnet="10.93.41.0/24", addresses=["10.93.41.1"])],
        }
    )


def relay_forgotten(played: Played) -> None:
    played.operations.append(operation(USERS, kind="routed_interface", label=USERS, fields=["dhcp"]))


def waits(played: Played) -> None:
    played.withheld.append(f"{SITE} : routed_interface {USERS} : attend « coeur-hdv »")


def no_return(played: Played) -> None:
    firewall = router(played, FIREWALL)
    firewall["routes"] = [route for route in firewall["routes"] if route["destination"] != "10.93.41.0/24"]


def silent_firewall(played: Played) -> None:
    played.routers[:] = [router(played, CORE), unread(FIREWALL, "le SMC ne répond pas")]


def nothing_read(played: Played) -> None:
    played.routers.clear()
    played.lenders.clear()


def silent_server(played: Played) -> None:
    played.lenders[1] = {"server": "hdv-dc2", "scopes": [], "unread": "sans réponse"}


def unknown_use(played: Played) -> None:
    played.lenders = lenders(town(), SITE, free=None)


def no_scope(played: Played) -> None:
    played.lenders[0] = {**played.lenders[0], "scopes": played.lenders[0]["scopes"][1:]}


WIRED = [gateway["segment"] for gateway in town().sites[SITE]["gateways"] if gateway["carrier"] == "core"]
OF_FIREWALL = [gateway["segment"] for gateway in town().sites[SITE]["gateways"] if gateway["carrier"] == "ngfw"]
SCOPES = [scope["segment"] for scope in town().sites[SITE]["scopes"]]
ALL = [gateway["segment"] for gateway in town().sites[SITE]["gateways"]]


@pytest.mark.parametrize(
    ("change", "expected", "said"),
    [
        (no_gateway, {"utilisateurs.gateway": "wrong", "utilisateurs.ways": "wrong"}, "coeur-hdv n’a pas 10.93.41.254"),
        (second_gateway, {"utilisateurs.gateway": "wrong"}, "QZZZ-0005-0001 y a aussi une interface (10.93.41.1)"),
        (relay_forgotten, {"utilisateurs.gateway": "wrong"}, "l’interface diffère : DHCP"),
        (waits, {"utilisateurs.gateway": "wrong"}, "attend « coeur-hdv »"),
        (no_return, {"utilisateurs.ways": "wrong"}, "retour : fw-hdv"),
        (
            silent_firewall,
            {f"{name}.gateway": "unknown" for name in OF_FIREWALL} | {f"{name}.ways": "unknown" for name in ALL},
            "le SMC ne répond pas",
        ),
        (
            nothing_read,
            {f"{name}.{test}": "unknown" for name in ALL for test in ("gateway", "ways")}
            | {f"{name}.scope": "unknown" for name in SCOPES},
            "aucun serveur DHCP n’a été lu",
        ),
        (silent_server, {f"{name}.scope": "unknown" for name in SCOPES}, "hdv-dc2 : sans réponse"),
        (unknown_use, {f"{name}.scope": "unknown" for name in SCOPES}, "ne dit pas ce qu’il en reste"),
        (no_scope, {f"{SCOPES[0]}.scope": "wrong"}, "hdv-dc1 n’a pas l’étendue"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_fault_is_named_at_its_segment(change: Callable[[Played], None], expected: dict[str, str], said: str) -> None:
    played = read()
    change(played)
    drawn = constat(played)
    assert verdicts(drawn) == expected
    assert any(said in f"{test.observed} {test.reason}" for test in drawn.tests)


@pytest.mark.parametrize(
    ("free", "active", "verdict"),
    [(0, True, "wrong"), (10, True, "wrong"), (30, True, "conform"), (30, False, "wrong")],
)
def test_an_exhausted_scope_is_wrong_and_so_is_a_silent_service(free: int, active: bool, verdict: str) -> None:
    drawn = constat(read(free=free, in_use=200 - free, active=active))
    assert {test.verdict for test in drawn.tests if test.id.endswith(".scope")} - {"untested"} == {verdict}


def test_a_comparison_that_did_not_happen_is_unknown() -> None:
    drawn = constat(read(), "unknown")
    assert verdicts(drawn) == {f"{name}.gateway": "unknown" for name in ALL}


def test_a_town_that_declares_nothing_that_routes_has_no_such_test() -> None:
    drawn, site = Constat(), {**town().sites[SITE], "core": None, "engine": None}
    try_segments(drawn, town(), site, read())  # type: ignore[arg-type]
    assert drawn.tests == []


def reach(rules: list[dict[str, Any]] | None = None) -> Any:
    """Judge what the list of a site must let pass, with a list in place of the declared."""
    declared_ = declared_rules(town())
    lists = declared_.access_lists if rules is None else {**declared_.access_lists, SITE: rules}
    drawn = Constat()
    try_exchanges(drawn, town(), town().sites[SITE], replace(declared_, access_lists=lists))
    (test,) = drawn.tests
    assert test.id == "segment.telephonie.reach.telephones"
    return test


def test_the_list_of_a_site_lets_pass_what_is_permitted_both_ways() -> None:
    said = reach()
    assert (said.verdict, said.observed) == ("conform", "passe vers 10.93.3.50, 10.93.11.50")
    own = [dict(rule) for rule in declared_rules(town()).access_lists[SITE]]
    phones = town().sites[SITE]["segments"]["telephonie"]["subnet"]
    for side in ("src_cidr", "dst_cidr"):
        lacking = [rule for rule in own if rule["comment"] != "telephones" or rule[side] != phones]
        said = reach(lacking)
        assert said.verdict == "wrong"
        assert "10.93.3.50 : commutateurs de ecole-jaures : " in said.observed
