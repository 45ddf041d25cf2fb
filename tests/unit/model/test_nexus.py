"""Nexus switches: an address, ends that exist, a port in one link, known segments."""

from __future__ import annotations

import pytest

from piste.model import Town
from tests.unit.model.broken_town import HDV, Case, Copy, check

FIRST = "sites[hotel-de-ville].nexus[nx-hdv-1]"
LINK = "port-channel1: {to: nx-hdv-2, ports: [Ethernet1/47, Ethernet1/48]"
KEY, LINKS = f"{FIRST[:-1]}][links][port-channel1]", "  nx-hdv-1:\n    links:\n"
NEXUS = [
    Case(
        "a Nexus without a reservation",
        [(HDV, "      nx-hdv-1: {host: 203, status: to_confirm}\n", "")],
        [("M230", FIRST, HDV, "  nx-hdv-1:")],
        ["le Nexus « nx-hdv-1 » n'a de réservation dans aucun segment du site"],
    ),
    Case(
        "a link that leads nowhere",
        [(HDV, LINK, LINK.replace("nx-hdv-2", "nx-hvd-2"))],
        [("M231", f"{KEY}[to]", HDV, "nx-hvd-2")],
        ["port-channel1 mène à « nx-hvd-2 », que rien ne déclare"],
    ),
    Case(
        "a port in two links, with ports of its own",
        [(HDV, LINKS, f"{LINKS}      Ethernet1/47: {{to: sw-hdv-05, ports: [Ethernet1/9]}}\n")],
        [("M232", KEY, HDV, LINK), ("M232", KEY.replace("port-channel1", "Ethernet1/47"), HDV, "to: sw-hdv-05")],
        ["nx-hdv-1, Ethernet1/47 est déjà à Ethernet1/47", "Ethernet1/47 est un port : il n'en a pas d'autres"],
    ),
    Case(
        "a port-channel without ports",
        [(HDV, LINK, "port-channel1: {to: nx-hdv-2")],
        [("M232", KEY, HDV, "port-channel1: {to: nx-hdv-2")],
        ["port-channel1 n'a pas de ports"],
    ),
    Case(
        "segments that the site, and the Nexus, do not have",
        [
            (HDV, LINKS, LINKS.replace("links", "segments: [billetterie]\n    links")),
            (HDV, LINK, f"{LINK}, segments: [utilisateurs]"),
        ],
        [
            ("M233", f"{FIRST[:-1]}][segments][0]", HDV, "billetterie"),
            ("M233", f"{KEY}[segments][0]", HDV, LINK),
        ],
        ["nx-hdv-1 ne porte pas le segment « utilisateurs » de port-channel1"],
    ),
]


@pytest.mark.parametrize("case", NEXUS, ids=lambda case: case.name)
def test_a_fault_of_a_nexus_is_named(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_a_nexus_carries_the_segments_of_the_machines_on_each_of_its_links(town: Town) -> None:
    assert town.commune
    first, second = town.commune["nexus"]["switches"]
    segments = town.sites["hotel-de-ville"]["segments"]
    wanted = sorted(segments[name]["vlan"] for name in ("serveurs", "surete"))
    assert [switch["address"] for switch in (first, second)] == ["10.93.0.203", "10.93.0.204"]
    assert [link["vlans"] for link in first["links"]] == [wanted] * 5
    assert first["vlans"] == wanted
    carried = {vlan["vlan"]: vlan for vlan in town.commune["nexus"]["vlans"]}
    assert carried[wanted[0]]["carrier"] == "ngfw"
    assert len(carried) == len(town.commune["nexus"]["vlans"])
