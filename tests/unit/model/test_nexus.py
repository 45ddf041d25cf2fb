"""Nexus switches: an address, ends that exist, a port in one link, known segments."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from tests.unit.model.broken_town import HDV, Case, Copy, check

FIRST = "sites[hotel-de-ville].nexus[nx-hdv-1]"
LINK = "port-channel1: {to: nx-hdv-2, ports: [Ethernet1/47, Ethernet1/48]"
KEY, LINKS = f"{FIRST[:-1]}][links][port-channel1]", "  nx-hdv-1:\n    links:\n"
SECOND = "  nx-hdv-2:\n    links:\n"
UPLINK = f"{LINK}, status: to_confirm}}\n      port-channel10: {{to: coeur-hdv"
NEXUS = [
    Case(
        "a Nexus without a reservation",
        [(HDV, "      nx-hdv-1: {host: 203, status: to_confirm}\n", "")],
        [
            ("M230", FIRST, HDV, "  nx-hdv-1:"),
            ("M101", "flow_groups[nexus][0]", "group_vars/all/flows.yml", "  nexus: [nx-hdv-1"),
        ],
        ["le Nexus « nx-hdv-1 » n’a de réservation dans aucun segment du site"],
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
        ["nx-hdv-1, Ethernet1/47 est déjà à Ethernet1/47", "Ethernet1/47 est un port : il n’en a pas d’autres"],
    ),
    Case(
        "a port-channel without ports",
        [(HDV, LINK, "port-channel1: {to: nx-hdv-2")],
        [("M232", KEY, HDV, "port-channel1: {to: nx-hdv-2")],
        ["port-channel1 n’a pas de ports"],
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
    Case(
        "a vPC that only one of the pair has",
        [
            (HDV, LINKS, LINKS.replace("    links", "    vpc: {domain: 1, peer_link: port-channel1}\n    links")),
            (HDV, UPLINK, UPLINK.replace("port-channel10: {", "port-channel10: {vpc: 10, ")),
        ],
        [
            ("M234", f"{FIRST[:-1]}][vpc][domain]", HDV, "vpc: {domain"),
            ("M234", f"{FIRST[:-1]}][links][port-channel10][vpc]", HDV, "{vpc: 10"),
        ],
        ["est dans le domaine vPC 1, et pas nx-hdv-2", "vPC 10 vers coeur-hdv, que l’autre Nexus n’a pas"],
    ),
    Case(
        "a vPC without a domain, and a domain without a peer",
        [
            (HDV, SECOND, SECOND.replace("    links", "    vpc: {domain: 1, peer_link: port-channel10}\n    links")),
            (HDV, LINK, LINK.replace("port-channel1: {", "port-channel1: {vpc: 4, ")),
        ],
        [
            ("M234", f"{FIRST[:-1]}][links][port-channel1][vpc]", HDV, "{vpc: 4"),
            ("M234", "sites[hotel-de-ville].nexus[nx-hdv-2][vpc][peer_link]", HDV, "vpc: {domain"),
        ],
        ["son Nexus n’a pas de domaine", "port-channel10 n’est pas un agrégat vers un autre Nexus"],
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
