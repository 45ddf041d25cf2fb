"""Hosts, codes, devices and references: the exact faults, paths, files and lines."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import (
    ALL,
    CTM,
    FIRST_SWITCH,
    HOSTS,
    JAURES,
    Case,
    Copy,
    check,
    host,
    jaures_segment,
    jaures_switch,
)

TABLES = "inventories/town/assets/"
NAMES = [
    Case(
        "a host without declaration",
        [(HOSTS, "            ecole-jaures:\n", "            ecole-jaures:\n            ecole-curie:\n")],
        [("M020", "sites[ecole-curie]", HOSTS, "ecole-curie")],
    ),
    Case(
        "a declaration without host",
        [
            (HOSTS, "            stade-salengro:\n", ""),
            (f"{TABLES}computer.csv", "EX-sal-pc-001,stade-salengro,", "EX-sal-pc-001,houyoux,"),
            (f"{TABLES}phone.csv", "EX-sal-tel-001,stade-salengro,", "EX-sal-tel-001,houyoux,"),
        ],
        [("M021", "stade-salengro", host("stade-salengro"), 1)],
        whole=True,
    ),
    Case(
        "a site in two categories",
        [(HOSTS, "            piscine:\n", "            piscine:\n            ecole-jaures:\n")],
        [("M022", "sites[ecole-jaures]", HOSTS, 20)],
        ["(ecole, sport)"],
        whole=True,
    ),
    Case(
        "a code taken",
        [(JAURES, "code: jau", "code: aur")],
        [("M023", "sites[ecole-jaures].site.plan.code", JAURES, "code")],
        whole=True,
    ),
    Case(
        "an open site without code",
        [(JAURES, "number: 5, code: jau", "number: 5")],
        [
            ("M023", "sites[ecole-jaures].site.plan.code", JAURES, "number: 5"),
        ],
    ),
    Case(
        "two sites of one name",
        [(JAURES, "name: École Jean Jaurès", "name: école Jacqueline Auriol")],
        [("M036", "sites[ecole-jaures].site.name", JAURES, "name: école")],
        ["ecole-jaures : le nom « école Jacqueline Auriol » est celui de ecole-auriol"],
        whole=True,
    ),
    Case(
        "a serial number at two sites",
        [(JAURES, "QZZZ-0005-0046", "QZZZ-0004-0046")],
        [("M024", "sites[ecole-jaures].access_points[QZZZ-0004-0046].serial", JAURES, "QZZZ-0004-0046")],
        ["ecole-jaures : le numéro de série QZZZ-0004-0046 est déjà à ecole-auriol"],
        whole=True,
    ),
    Case(
        "a replaced switch that is still declared, and a switch replaced twice",
        [
            (JAURES, "QZZZ-0005-0002,", "QZZZ-0005-0002, replaces: QZZZ-0005-0001,"),
            (JAURES, "QZZZ-0005-0041,", "QZZZ-0005-0041, replaces: QZZZ-0005-0099,"),
            (JAURES, "QZZZ-0005-0042,", "QZZZ-0005-0042, replaces: QZZZ-0005-0099,"),
        ],
        [
            ("M029", "sites[ecole-jaures].switches[QZZZ-0005-0002].replaces", JAURES, "replaces: QZZZ-0005-0001"),
            ("M029", "sites[ecole-jaures].access_points[QZZZ-0005-0042].replaces", JAURES, "QZZZ-0005-0042, replaces"),
        ],
        ["sw-jau-02 remplace QZZZ-0005-0001, qui y est encore déclaré", "qui est déjà remplacé par ap-jau-01"],
    ),
    Case(
        "a rank twice",
        [jaures_switch("rank: 2")],
        [
            ("M017", "sites[ecole-jaures].switches[QZZZ-0005-0002]", JAURES, "QZZZ-0005-0002"),
            ("M025", "sites[ecole-jaures].switches[QZZZ-0005-0002].rank", JAURES, "QZZZ-0005-0002"),
        ],
        ["deux équipements se nomment sw-jau-02"],
    ),
    Case(
        "a name too long",
        [
            (ALL + "addressing.yml", "access_point: ap", "access_point: bornes"),
            (ALL + "addressing.yml", "max_length: 15", "max_length: 13"),
        ],
        [
            (
                "M026",
                f"sites[ccas].access_points[QZZZ-0001-00{rank}]",
                host("ccas"),
                f"QZZZ-0001-00{rank}",
            )
            for rank in (41, 42, 43)
        ],
    ),
    Case(
        "an interconnection to nowhere",
        [(host("csu"), "segment: csu-interco", "segment: csu-interc")],
        [("M027", "neighbours[csu].interconnection", host("csu"), "interconnection")],
        ["Vouliez-vous dire « csu-interco » ?"],
    ),
    Case(
        "an interconnection at the wrong end",
        [(host("csu"), "local_host: 1", "local_host: 3")],
        [("M027", "neighbours[csu].interconnection.local_host", host("csu"), "interconnection")],
    ),
    Case(
        "an unknown segment of a site",
        [jaures_segment("pedagogiqe: {}")],
        [("M030", "sites[ecole-jaures].segments[pedagogiqe]", JAURES, "pedagogiqe")],
        ["Vouliez-vous dire « pedagogique » ?"],
    ),
    Case(
        "an unknown segment of a category, told once",
        [
            (
                "group_vars/ecole.yml",
                "category_segments: [pedagogique]",
                "category_segments: [pedagogique, cantine]",
            )
        ],
        [("M030", "categories[ecole].category_segments", "group_vars/ecole.yml", "category_segments")],
    ),
    Case(
        "an unknown segment of an access policy",
        [(ALL + "access.yml", "guest_segment: invites", "guest_segment: invitee")],
        [("M030", "access_policies[agents].guest_segment", ALL + "access.yml", "invitee")],
    ),
    Case(
        "an unknown SSID",
        [(CTM, "VLB-Metier:", "VLB-Metiers:")],
        [("M031", "sites[ctm].ssids[VLB-Metiers]", CTM, "VLB-Metiers")],
        ["Vouliez-vous dire « VLB-Metier » ?"],
    ),
    Case(
        "an unknown port profile",
        [jaures_switch('ports: {"8": imprimantes}')],
        [("M032", "sites[ecole-jaures].switches[QZZZ-0005-0001].ports[8]", JAURES, "imprimantes")],
        ["Vouliez-vous dire « imprimante » ?"],
    ),
    Case(
        "an unknown model",
        [(JAURES, FIRST_SWITCH, FIRST_SWITCH.replace("MS220-24", "MS220-42"))],
        [("M033", "sites[ecole-jaures].switches[QZZZ-0005-0001].model", JAURES, "MS220-42")],
        ["Vouliez-vous dire « MS220-24 » ?"],
    ),
    Case(
        "an access point among the switches",
        [(JAURES, "{serial: QZZZ-0005-0003, model: MS120-8,", "{serial: QZZZ-0005-0003, model: MR,")],
        [("M033", "sites[ecole-jaures].switches[QZZZ-0005-0003].model", JAURES, "QZZZ-0005-0003")],
        ["Déplacez la ligne dans l’autre liste."],
    ),
    Case(
        "an unknown access policy",
        [(ALL + "ports.yml", "access_policy: agents", "access_policy: agent")],
        [("M034", "port_profiles[poste].access_policy", ALL + "ports.yml", "access_policy: agent")],
    ),
    Case(
        "a server without address, told once",
        [(ALL + "access.yml", "servers: [hdv-nps1, hdv-nps2]", "servers: [hdv-nps1, hdv-nps3]")],
        [("M035", "radius.servers", ALL + "access.yml", "hdv-nps3")],
    ),
]


@pytest.mark.parametrize("case", NAMES, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)
