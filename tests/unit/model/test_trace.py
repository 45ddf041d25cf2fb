"""Traces through routers: both directions, loops, missing ways, two gateways, silence."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from piste.town.model import Town
from piste.town.model.routing.trace import (
    OUTSIDE,
    End,
    Face,
    Leads,
    Router,
    declared_routers,
    gateways_in,
    round_trip,
    router,
    unread,
)

CORE, FIREWALL = "coeur", "fw"
STAFF = End("utilisateurs", "10.1.0.9", "10.1.0.0/24", "10.1.0.254")
PHONES = End("telephonie", "10.3.0.9", "10.3.0.0/24", "10.3.0.254")
SERVER = End("hdv-dc1", "10.2.0.11", "10.2.0.0/24", "10.2.0.254")


def faces(*given: tuple[str, str, str]) -> list[Face]:
    return [Face(name=name, subnet=subnet, addresses=[address]) for name, subnet, address in given]


def leads(**ways: str) -> list[Leads]:
    return [Leads(destination=destination, via=[hop]) for destination, hop in ways.items()]


def two() -> dict[str, Router]:
    """Make a core with staff and phones, and a firewall with servers, on a transit."""
    core, firewall = router(CORE), router(FIREWALL, verifies_sources=True)
    core["interfaces"] = faces(
        ("transit", "10.9.0.0/24", "10.9.0.1"),
        ("101", STAFF.subnet, STAFF.gateway),
        ("103", PHONES.subnet, PHONES.gateway),
    )
    core["routes"] = leads(**{"0.0.0.0/0": "10.9.0.2"})
    firewall["interfaces"] = faces(
        ("0.400", "10.9.0.0/24", "10.9.0.2"),
        ("0.102", SERVER.subnet, SERVER.gateway),
        ("1", "192.0.2.0/29", "192.0.2.2"),
    )
    firewall["routes"] = leads(**{STAFF.subnet: "10.9.0.1", PHONES.subnet: "10.9.0.1", "0.0.0.0/0": "192.0.2.1"})
    return {CORE: core, FIREWALL: firewall}


def test_a_server_behind_the_firewall_is_reached_and_answers_by_the_same_routers() -> None:
    answer = round_trip([*two().values()], STAFF, SERVER)
    assert (answer.state, answer.why) == ("both", "")
    assert answer.forth.hops == (
        (CORE, "101", "transit", "0.0.0.0/0 via 10.9.0.2"),
        (FIREWALL, "0.400", "0.102", "réseau 10.2.0.0/24"),
    )
    assert answer.back.hops == (
        (FIREWALL, "0.102", "0.400", "10.1.0.0/24 via 10.9.0.1"),
        (CORE, "transit", "101", "réseau 10.1.0.0/24"),
    )


def test_the_outside_is_reached_by_the_default_routes_and_answers() -> None:
    answer = round_trip([*two().values()], STAFF, OUTSIDE)
    assert (answer.state, answer.forth.routers, answer.back.routers) == ("both", [CORE, FIREWALL], [FIREWALL, CORE])
    assert answer.back.hops[0].entry == "1"


def test_two_segments_of_the_core_meet_there_and_neighbours_meet_without_a_router() -> None:
    assert round_trip([*two().values()], STAFF, PHONES).forth.routers == [CORE]
    assert round_trip([*two().values()], STAFF, STAFF._replace(address="10.1.0.7")).forth == ("arrives", (), "")


def no_return(made: dict[str, Router]) -> None:
    made[FIREWALL]["routes"] = leads(**{PHONES.subnet: "10.9.0.1"})


def return_outside(made: dict[str, Router]) -> None:
    made[FIREWALL]["routes"] = leads(**{"0.0.0.0/0": "192.0.2.1"})


def loop(made: dict[str, Router]) -> None:
    made[FIREWALL]["interfaces"].pop(1)
    made[FIREWALL]["routes"] += leads(**{SERVER.subnet: "10.9.0.1"})
    made[FIREWALL]["verifies_sources"] = False


def second_leg(made: dict[str, Router]) -> None:
    """The core also has an interface among the servers."""
    made[CORE]["interfaces"] += faces(("102", SERVER.subnet, "10.2.0.253"))


def same_address(made: dict[str, Router]) -> None:
    made[FIREWALL]["interfaces"] += faces(("0.101", STAFF.subnet, STAFF.gateway))


def no_gateway(made: dict[str, Router]) -> None:
    made[CORE]["interfaces"].pop(1)


def wrong_side(made: dict[str, Router]) -> None:
    """The firewall has a way to the phones by another interface than that of the transit."""
    made[FIREWALL]["interfaces"] += faces(("0.103", PHONES.subnet, "10.3.0.253"))


def lost_hop(made: dict[str, Router]) -> None:
    made[CORE]["routes"] = leads(**{"0.0.0.0/0": "10.9.1.2"})


def dead_hop(made: dict[str, Router]) -> None:
    made[CORE]["routes"] = leads(**{"0.0.0.0/0": "10.9.0.77"})


def silent_firewall(made: dict[str, Router]) -> None:
    made[FIREWALL] = unread(FIREWALL, "sans réponse")


def silent_core(made: dict[str, Router]) -> None:
    made[CORE] = unread(CORE, "sans réponse")


def dynamic(made: dict[str, Router]) -> None:
    made[CORE]["others"] = ["OSPF"]


def several(made: dict[str, Router]) -> None:
    made[CORE]["routes"] = [Leads(destination="0.0.0.0/0", via=["10.9.0.2", "10.9.0.3"])]


@pytest.mark.parametrize(
    ("change", "source", "state", "said"),
    [
        (no_return, STAFF, "lost", "retour : fw n’a pas de route vers utilisateurs"),
        (return_outside, STAFF, "lost", "retour : fw envoie à 192.0.2.1, que rien de connu ne porte"),
        (loop, STAFF, "lost", "aller : boucle : coeur → fw → coeur"),
        (second_leg, STAFF, "asymmetric", "aller par coeur ; retour par fw, coeur"),
        (same_address, STAFF, "lost", "aller : deux passerelles : coeur et fw ont 10.1.0.254"),
        (no_gateway, STAFF, "lost", "aller : rien n’a 10.1.0.254, passerelle de utilisateurs"),
        (wrong_side, PHONES, "lost", "aller : fw refuse par 0.400 ce que « telephonie » envoie"),
        (lost_hop, STAFF, "lost", "aller : coeur n’atteint pas 10.9.1.2"),
        (dead_hop, STAFF, "lost", "aller : coeur envoie à 10.9.0.77, que rien de connu ne porte"),
        (silent_firewall, STAFF, "unknown", "pas lu : fw (sans réponse)"),
        (silent_core, STAFF, "unknown", "pas lu : coeur (sans réponse)"),
        (dynamic, STAFF, "unknown", "coeur a des routes d’un autre genre : OSPF"),
        (several, STAFF, "unknown", "coeur a plusieurs chemins vers hdv-dc1"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_way_that_does_not_work_says_why(
    change: Callable[[dict[str, Router]], None], source: End, state: str, said: str
) -> None:
    made = copy.deepcopy(two())
    change(made)
    answer = round_trip([*made.values()], source, SERVER)
    assert (answer.state, said in answer.why) == (state, True), answer


def test_an_interface_without_a_subnet_and_the_other_ip_lead_nowhere() -> None:
    made = two()
    made[CORE]["interfaces"] += faces(("lo", "", ""), ("v6", "2001:db8::/64", "2001:db8::1"))
    assert round_trip([*made.values()], STAFF, SERVER).state == "both"


def test_the_gateways_of_a_subnet_are_all_that_have_an_interface_there() -> None:
    made = two()
    second_leg(made)
    assert [name for name, _ in gateways_in(made.values(), SERVER.subnet)] == [CORE, FIREWALL]


def test_each_declared_segment_reaches_each_other_and_the_outside_both_ways(town: Town) -> None:
    assert town.commune is not None
    routers = declared_routers(town.commune, town.sites)
    ends = [
        End(f"{gateway['segment']}@{name}", gateway["address"], gateway["subnet"], gateway["address"])
        for name, site in town.sites.items()
        if site["lifecycle"] == "open"
        for gateway in site["gateways"]
    ]
    hall = [end for end in ends if end.name.endswith("@hotel-de-ville")]
    wrong = [(end.name, other.name, answer) for end in ends for other in (*hall, OUTSIDE)
             if (answer := round_trip(routers, end, other)).state != "both"]  # fmt: skip
    assert (len(ends) > 50, wrong) == (True, [])
