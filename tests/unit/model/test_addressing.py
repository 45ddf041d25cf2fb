"""Numbers, prefixes, VLANs and addresses: the exact faults, paths, files and lines."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import ALL, FIRST_AP, HDV, JAURES, Case, Copy, check, host, jaures_segment

PLAN, TOWN = f"{ALL}addressing.yml", "town: 10.93.0.0/16"
EXTENDED = (PLAN, TOWN, f"{TOWN}\n  extensions: [172.20.0.0/20]")
WHOLE = (f"{ALL}flows.yml", "networks: [10.93.0.0/16]", "networks: [0.0.0.0/0, '::/0']")
NUMBERS = [
    Case(
        "a number taken",
        [(JAURES, "number: 5", "number: 6")],
        [
            ("M010", "sites[ecole-mermoz].site.plan.number", host("ecole-mermoz"), "number"),
        ],
        ["ecole-mermoz : le numéro 6 est pris par ecole-jaures"],
        whole=True,
    ),
    Case(
        "a reserved number",
        [(host("rpe-365"), "number: 21", "number: 31")],
        [("M010", "sites[rpe-365].site.plan.number", host("rpe-365"), "number")],
        whole=True,
    ),
    Case(
        "a number outside the plan",
        [(host("rpe-365"), "number: 21", "number: 32")],
        [("M010", "sites[rpe-365].site.plan.number", host("rpe-365"), "number")],
        ["hors du plan, de 0 à 31"],
        whole=True,
    ),
    Case(
        "town segments outside the plan",
        [(PLAN, "shared_number: 30", "shared_number: 32")],
        [("M010", "addressing.shared_number", PLAN, "shared_number")],
        ["le numéro 32 est hors du plan, de 0 à 31"],
    ),
    Case(
        "a number that an extension of another size does not reach",
        [EXTENDED, (host("rpe-365"), "number: 21", "number: 34")],
        [
            ("M028", "flow_places[ville].networks", f"{ALL}flows.yml", "Toutes les adresses de la ville"),
            ("M010", "sites[rpe-365].site.plan.number", host("rpe-365"), "number"),
        ],
        ["de 0 à 33", "addressing.extensions", "couvre la ville, sauf 172.20.0.0/20"],
        whole=True,
    ),
    Case(
        "a prefix of the town without room, another over the first, a third of IPv6",
        [(PLAN, TOWN, f"{TOWN}\n  extensions:\n    - 10.94.0.0/22\n    - 10.93.128.0/17\n    - 2001:db8::/32"), WHOLE],
        [
            ("M019", "addressing.extensions[0]", PLAN, "10.94.0.0/22"),
            ("M019", "addressing.extensions[2]", PLAN, "2001:db8::/32"),
            ("M019", "addressing.extensions[1]", PLAN, "10.93.128.0/17"),
            ("M058", "guest_isolation.deny", f"{ALL}ssids.yml", "deny"),
        ],
        ["10.94.0.0/22 est plus petit qu’un bloc de site (/21)", "10.93.128.0/17 chevauche 10.93.0.0/16", "IPv4"],
    ),
    Case(
        "a VLAN past the last id",
        [(PLAN, "base: 100", "base: 3775"), jaures_segment("invites: {offset: 300}")],
        [
            ("M011", "sites[ecole-jaures].segments[invites].subnet", JAURES, "invites"),
            ("M019", "sites[ecole-jaures].segments[invites].vlan", JAURES, "invites"),
        ],
        ["le VLAN 4125 dépasse 4094"],
    ),
    Case(
        "a subnet outside the block",
        [jaures_segment("invites: {subnet: 10.93.201.0/24}")],
        [("M011", "sites[ecole-jaures].segments[invites].subnet", JAURES, "invites")],
        ["le sous-réseau 10.93.201.0/24 est hors du bloc 10.93.40.0/21"],
    ),
    Case(
        "an overlap inside a site",
        [jaures_segment("invites: {subnet: 10.93.41.0/25, gateway: 10.93.41.1, dhcp: null}")],
        [("M012", "sites[ecole-jaures].segments[invites].subnet", JAURES, "invites")],
        [
            "ecole-jaures, segment invites : le sous-réseau 10.93.41.0/25 chevauche 10.93.41.0/24, "
            "ecole-jaures, segment utilisateurs (inventories/town/host_vars/ecole-jaures.yml:6)"
        ],
    ),
    Case(
        "two segments of the catalogue on one rank",
        [(ALL + "segments.yml", "plan: {offset: 1, zone: interne", "plan: {offset: 0 , zone: interne")],
        [
            (rule, "segment_catalogue[utilisateurs].plan.offset", ALL + "segments.yml", "plan: {offset: 0 ,")
            for rule in ("M012", "M013")
        ],
        ["Segment utilisateurs : son rang est celui du segment administration"],
    ),
    Case(
        "an overlap between sites",
        [jaures_segment("invites: {subnet: 10.93.49.0/24}")],
        [
            ("M011", "sites[ecole-jaures].segments[invites].subnet", JAURES, "invites"),
            ("M012", "sites[ecole-jaures].segments[invites].subnet", JAURES, "invites"),
        ],
        ["chevauche 10.93.49.0/24, ecole-mermoz, segment utilisateurs"],
        whole=True,
    ),
    Case(
        "a VLAN taken",
        [jaures_segment("invites: {vlan: 161}")],
        [("M013", "sites[ecole-mermoz].segments[utilisateurs].vlan", host("ecole-mermoz"), "number")],
        ["est celui de ecole-jaures, segment invites"],
        whole=True,
    ),
    Case(
        "a gateway outside its subnet",
        [jaures_segment("invites: {gateway: 10.93.45.254}")],
        [("M014", "sites[ecole-jaures].segments[invites].gateway", JAURES, "invites")],
    ),
    Case(
        "a DHCP range outside a shorter subnet",
        [jaures_segment("invites: {subnet: 10.93.44.0/25, gateway: 10.93.44.126}")],
        [("M015", "sites[ecole-jaures].segments[invites].dhcp", JAURES, "invites")],
        ["la plage DHCP 10.93.44.50 – 10.93.44.239 sort de 10.93.44.0/25"],
    ),
    Case(
        "a DHCP range that holds the gateway",
        [jaures_segment("invites: {dhcp: {first: 50, last: 254}}")],
        [("M015", "sites[ecole-jaures].segments[invites].dhcp", JAURES, "invites")],
    ),
    Case(
        "a DHCP range that runs backward",
        [jaures_segment("invites: {dhcp: {first: 60, last: 50}}")],
        [("M015", "sites[ecole-jaures].segments[invites].dhcp", JAURES, "invites")],
    ),
    Case(
        "a reservation outside its subnet",
        [(HDV, "hdv-log1: {host: 24,", "hdv-log1: {host: 300,")],
        [
            ("M016", "sites[hotel-de-ville].segments[serveurs].reservations[hdv-log1]", HDV, "hdv-log1"),
            ("M296", "supervision.classes[virtual_machine]", f"{ALL}supervision.yml", "  virtual_machine:"),
        ],
    ),
    Case(
        "a rank past the range of access points",
        [(JAURES, FIRST_AP, FIRST_AP.replace(", status", ", rank: 120, status"))],
        [("M016", "sites[ecole-jaures].access_points[QZZZ-0005-0041].rank", JAURES, "rank: 120")],
        ["le rang 120 dépasse les 99 prévus"],
    ),
    Case(
        "two reservations at one address",
        [(HDV, "hdv-log1: {host: 24,", "hdv-log1: {host: 14,")],
        [("M017", "sites[hotel-de-ville].segments[serveurs].reservations[hdv-log1]", HDV, "hdv-log1")],
        ["hdv-log1 a l’adresse 10.93.2.14 de hdv-nps2"],
    ),
    Case(
        "a reservation at a device's address",
        [jaures_segment("administration: {reservations: {onduleur: {host: 12}}}")],
        [("M017", "sites[ecole-jaures].switches[QZZZ-0005-0002]", JAURES, "QZZZ-0005-0002")],
        ["sw-jau-02 a l’adresse 10.93.40.12 de onduleur"],
    ),
    Case(
        "a reservation in the DHCP range",
        [jaures_segment("utilisateurs: {reservations: {copieur: {host: 50}}}")],
        [("M017", "sites[ecole-jaures].segments[utilisateurs].reservations[copieur]", JAURES, "copieur")],
    ),
]


@pytest.mark.parametrize("case", NUMBERS, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)
