"""Stacks, aggregates, uplinks, spanning tree, priorities: what is derived, and the faults."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from tests.unit.model.broken_town import ALL, HDV, JAURES, Case, Copy, check

ROUTING = ALL + "routing.yml"
STACKS = "  coeur-hdv: {members: [sw-hdv-01, sw-hdv-02], status: to_confirm}"
UP = "  vers-le-coeur-03: {ports: [sw-hdv-03/49, sw-hdv-03/50], to: coeur-hdv, status: to_confirm}"

LINKS = [
    Case(
        "stacks, aggregates, far ends and priorities",
        [
            (HDV, STACKS, STACKS + "\n  acces: {members: [sw-hdv-02, sw-hdv-39]}"),
            (HDV, UP, UP + "\n  libre: {ports: [sw-hdv-03/51, sw-hdv-04/51], to: sw-hdv-99}"
                           "\n  faux: {ports: [sw-hdv-01/35, sw-hdv-03/1]}"
                           "\n  pris: {ports: [sw-hdv-01/31, sw-hdv-02/21]}"
                           "\nspanning_tree: {priorities: {sw-hdv-03: 4096, sw-hdv-39: 8192}}"),
            (JAURES, "far_port: sw-hdv-01/5", "far_port: sw-hdv-01/4"),
            (ROUTING, "ports: [sw-hdv-01/31, sw-hdv-02/31]", "ports: [sw-hdv-01/31, sw-hdv-02/35]"),
        ],
        [
            ("M210", "sites[hotel-de-ville].stacks[acces].members[1]", HDV, "acces: {members"),
            ("M210", "sites[hotel-de-ville].stacks[acces].members[2]", HDV, "acces: {members"),
            ("M211", "sites[hotel-de-ville].aggregates[libre].ports", HDV, "libre: {ports"),
            ("M211", "sites[hotel-de-ville].aggregates[libre].to", HDV, "libre: {ports"),
            ("M211", "sites[hotel-de-ville].aggregates[faux].ports[1]", HDV, "faux: {ports"),
            ("M211", "sites[hotel-de-ville].aggregates[faux].ports[2]", HDV, "faux: {ports"),
            ("M211", "sites[hotel-de-ville].aggregates[faux].ports", HDV, "faux: {ports"),
            ("M211", "sites[hotel-de-ville].aggregates[pris].ports[1]", HDV, "pris: {ports"),
            ("M211", "sites[hotel-de-ville].aggregates[pris].ports[2]", HDV, "pris: {ports"),
            ("M212", "sites[ecole-jaures].premises.links[1].far_port", JAURES, "far_port"),
            ("M212", "routing.firewall.ports[2]", ROUTING, "  firewall: {interface"),
            ("M213", "sites[hotel-de-ville].spanning_tree.priorities[sw-hdv-03]", HDV, "spanning_tree"),
            ("M213", "sites[hotel-de-ville].spanning_tree.priorities[sw-hdv-39]", HDV, "spanning_tree"),
        ],
        [
            "sw-hdv-01/4 est pris par la liaison ineo-aur (inventories",
            "sw-hdv-01 n’a pas de port 35",
            "sw-hdv-03/1 n’est pas une",
        ],
        whole=True,
    ),
    Case(
        "a priority of a segment that the catalogue lacks",
        [(ALL + "network.yml", "segments: {telephonie: 46}", "segments: {telephone: 46}")],
        [("M030", "traffic_priorities.segments[telephone]", ALL + "network.yml", "segments: {telephone")],
    ),
    Case(
        "answers that are chosen, of gateways that nobody knows, and second addresses that are taken",
        [
            (JAURES, "switches:\n", "segments: {utilisateurs: {reservations: {essai-jau: {host: 11}}}}"
                     "\nnetwork_settings:\n  dhcp_servers: {default: block}"
                     "\n  alternate_management: {segment: utilisateurs, protocols: [radius]}\nswitches:\n"),
            (HDV, "switches:\n", "network_settings:\n  alternate_management: {segment: classes, protocols: [radius]}"
                  "\nswitches:\n"),
        ],
        [
            ("M215", "sites[ecole-jaures].network_settings.dhcp_servers", JAURES, "dhcp_servers"),
            ("M215", "sites[ecole-jaures].network_settings.dhcp_servers", JAURES, "dhcp_servers"),
            ("M216", "sites[ecole-jaures].network_settings.alternate_management", JAURES, "alternate"),
            ("M216", "sites[hotel-de-ville].network_settings.alternate_management", HDV, "alternate"),
        ],
        ["ont leurs adresses par le cœur, sans adresse MAC", "10.93.41.11, de QZZZ-0005-0001, est à essai-jau"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", LINKS, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)


def _uplinks(town: Town, site: str, switch: str) -> dict[str, str | None]:
    device = next(device for device in town.sites[site]["devices"] if device["name"] == switch)
    return {port["port"]: port["allowed_vlans"] for port in device["ports"] if port["uplink"]}


def test_an_uplink_carries_the_vlans_of_what_is_behind_it(town: Town) -> None:
    core = _uplinks(town, "hotel-de-ville", "sw-hdv-01")
    assert core["5"] == "150,151,152,153,154,155"
    assert core["21"] == "100,101,102,103,104,107"
    # Nothing says what is at the other end: the port keeps what it has.
    assert core["34"] is None
    firewall = (core["31"] or "").split(",")
    assert {"400", "150", "154"} <= set(firewall)
    assert not {"151", "153"} & set(firewall)
    assert set(_uplinks(town, "ecole-jaures", "sw-jau-02").values()) == {"150,151,152,153,154,155"}


def test_the_far_end_of_each_link_is_named_and_those_of_the_core_without_any_are_listed(town: Town) -> None:
    def ends(site: str, switch: str) -> dict[str, str | None]:
        device = next(device for device in town.sites[site]["devices"] if device["name"] == switch)
        return {port["port"]: port["far_end"] for port in device["ports"] if port["uplink"]}

    core = ends("hotel-de-ville", "sw-hdv-01")
    assert (core["5"], core["21"], core["31"], core["34"]) == ("ecole-jaures", "sw-hdv-03", "ngfw", None)
    assert ends("hotel-de-ville", "sw-hdv-03")["49"] == "coeur-hdv"
    assert set(ends("ecole-jaures", "sw-jau-01").values()) == {None}
    assert town.commune
    open_links = town.commune["open_links"]
    assert "QZZZ-0000-0001/34" in open_links
    assert not {"QZZZ-0000-0001/5", "QZZZ-0000-0002/21", "QZZZ-0000-0003/51"} & {*open_links}


def test_a_site_behind_another_passes_through_it(whole: Copy) -> None:
    whole.edit(JAURES, "to: hotel-de-ville, rate_mbps: 1000,\n       far_port: sw-hdv-01/5",
              "to: ecole-auriol, rate_mbps: 1000,\n       far_port: sw-aur-01/28")  # fmt: skip
    town = whole.load()
    assert town.faults == []
    both = "140,141,142,143,144,145,150,151,152,153,154,155"
    assert _uplinks(town, "hotel-de-ville", "sw-hdv-01")["4"] == both
    school = _uplinks(town, "ecole-auriol", "sw-aur-01")
    assert (school["25"], school["28"]) == (both, "150,151,152,153,154,155")


def test_the_servers_that_answer_are_the_gateways_of_the_site(whole: Copy) -> None:
    whole.edit(ROUTING, "stack: coeur-hdv}", 'stack: coeur-hdv, mac: "02:93:00:00:00:01"}')
    whole.edit(ROUTING, "firewall: {interface: 0,", 'firewall: {mac: "02:93:00:00:00:02", interface: 0,')
    whole.edit(JAURES, "switches:\n", "network_settings:\n"
              "  dhcp_servers: {default: block, inspection: true, allowed: ['02:93:05:00:00:09']}\n"
              "  alternate_management: {segment: telephonie, protocols: [radius, syslog]}\nswitches:\n")  # fmt: skip
    town = whole.load()
    assert town.faults == []
    site = town.sites["ecole-jaures"]
    policy = site["settings"]["dhcp_servers"]
    assert policy == {"default": "block", "inspection": True, "blocked": [],
                      "allowed": ["02:93:00:00:00:01", "02:93:00:00:00:02", "02:93:05:00:00:09"]}  # fmt: skip
    relays = {gateway["vlan"]: gateway for gateway in site["gateways"] if gateway["relay"] or gateway["server"]}
    assert {server["vlan"]: server["address"] for server in site["trusted_servers"]} == {
        vlan: gateway["address"] for vlan, gateway in relays.items()
    }
    alternate = site["settings"]["alternate_management"]
    assert alternate
    assert alternate["vlan"] == site["segments"]["telephonie"]["vlan"]
    assert [switch["address"].rpartition(".")[2] for switch in alternate["switches"]] == ["11", "12", "13"]
    other = town.sites["ecole-auriol"]
    assert (other["settings"]["dhcp_servers"], other["trusted_servers"]) == (None, [])


def test_the_core_is_the_root_and_its_stack_and_aggregates_are_named_by_serial(town: Town) -> None:
    hall = town.sites["hotel-de-ville"]
    assert hall["stp_priorities"] == [
        {"name": "coeur-hdv", "stack": True, "serials": ["QZZZ-0000-0001", "QZZZ-0000-0002"], "priority": 4096}
    ]
    assert town.sites["ecole-jaures"]["stp_priorities"] == []
    assert [member["serial"] for member in hall["stacks"][0]["members"]] == ["QZZZ-0000-0001", "QZZZ-0000-0002"]
    first = hall["aggregates"][0]
    assert [(port["serial"], port["port"]) for port in first["ports"]] == [
        ("QZZZ-0000-0001", "21"), ("QZZZ-0000-0002", "21"),
    ]  # fmt: skip
    assert first["to"] == "sw-hdv-03"


def test_crowds_have_their_priority(town: Town) -> None:
    school, stadium = town.sites["ecole-jaures"], town.sites["stade-salengro"]
    assert {entry["vlan"]: entry["dscp"] for entry in school["traffic_priorities"]} == {153: 46}
    assert {entry["segment"]: entry["dscp"] for entry in stadium["traffic_priorities"]} == {
        "telephonie": 46, "billetterie": 34, "exploitation": 26,
    }  # fmt: skip
