"""Segmentation: lists that refuse what is not declared, declarations that they do not carry."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from piste.town.model.flows.number_ranges import NOTHING
from piste.town.model.flows.segmentation import REPLIES, Part, parts
from piste.town.model.flows.traffic import ANY_SERVICE, ports, whole_protocol
from tests.unit.model.broken_town import ALL, JAURES, Case, Copy, check, host

FILE, HARDWARE, SEGMENTS = ALL + "segmentation.yml", ALL + "hardware.yml", ALL + "segments.yml"
POLICE = host("police-municipale")
VOICE = "      to: [telephonie]\n      services: [voix]"
NOBODY = "unfiltered: {}"
WIDE = "      wide: Une règle de commutateur ne dit pas une plage de ports, et le standard n’est pas relevé\n"
WIDE_UNTIL = '      wide_until: "2099-12-31"\n'
WHY = 'why: reprise en cours, until: "2026-12-31"'


def rules(town: Town, site: str) -> list[str]:
    """Write the rules of a site, each on a line."""
    return [
        f"{'+' if rule['allow'] else '-'} {rule['protocol']} {rule['source']}:{rule['source_port']} "
        f"{rule['destination']}:{rule['destination_port']}".replace(":any", "")
        for rule in town.sites[site]["access_lists"]
    ]


def test_the_list_of_a_site_speaks_of_its_own_segments_alone(town: Town) -> None:
    users, phones, servers, whole = "10.93.41.0/24", "10.93.43.0/24", "10.93.2.0/24", "10.93.0.0/16"
    others = [site["segments"]["telephonie"]["subnet"] for name, site in town.sites.items()
              if site["lifecycle"] == "open" and name != "ecole-jaures"]  # fmt: skip
    assert rules(town, "ecole-jaures") == [
        f"+ any {users} {users}", f"+ any {phones} {phones}",
        f"- any {users} {phones}", f"- any {phones} {users}",
        f"+ any {users} {servers}", f"+ any {servers} {users}",
        f"+ any {phones} {servers}", f"+ any {servers} {phones}",
        *(f"+ udp {phones} {other}" for other in others), f"+ udp {whole} {phones}",
        f"- any {users} {whole}", f"- any {whole} {users}", f"- any {phones} {whole}", f"- any {whole} {phones}",
    ]  # fmt: skip
    assert {len(rules(town, name)) for name, site in town.sites.items() if site["devices"]} == {32, 25}


def test_a_segment_that_a_site_gives_to_the_firewall_has_no_rule_of_a_switch(town: Town) -> None:
    police = town.sites["police-municipale"]
    assert police["segments"]["utilisateurs"]["gateway_device"] == "ngfw"
    own = police["segments"]["utilisateurs"]["subnet"]
    assert not [text for text in rules(town, "police-municipale") if own in text]


def test_no_list_is_written_because_a_day_has_come(copy: Copy) -> None:
    copy.edit(FILE, NOBODY, 'unfiltered: {ctm: {why: essai, until: "2026-11-23"}}')
    made = copy.load()
    assert rules(made, "ctm") == []
    assert [fault.rule for fault in made.faults] == ["PISTE-M103"]
    assert rules(made, "ecole-jaures")


def test_an_answer_comes_from_the_port_that_was_asked(copy: Copy) -> None:
    copy.edit(FILE, VOICE, "      to: [utilisateurs]\n      services: [ssh] # essai")
    phones, whole = "10.93.43.0/24", "10.93.0.0/16"
    made = copy.load()
    assert made.faults == []
    said = rules(made, "ecole-jaures")
    assert said[2:4] == [f"+ tcp {phones} 10.93.41.0/24:22", f"+ tcp 10.93.41.0/24:22 {phones}"]
    assert f"+ tcp {phones} 10.93.9.0/24:22" in said, "what leaves names where it goes"
    assert f"+ tcp {whole}:22 {phones}" in said, "what enters was named by the other site"
    assert f"+ tcp {phones} {whole}:22" not in said
    assert f"telephones : {REPLIES}" in [rule["name"] for rule in made.sites["ecole-jaures"]["access_lists"]]


def test_a_list_says_a_port_or_a_whole_protocol() -> None:
    assert parts(ANY_SERVICE) == ([Part("any", "any")], NOTHING)
    said, rest = parts(ports("tcp", "22") | whole_protocol(17) | ports("tcp", "80-81"))
    assert (said, rest) == ([Part("tcp", "22"), Part("udp", "any")], ports("tcp", "80-81"))


CASES = [
    Case(
        "names that nothing declares, segments of the firewall, services that no list can say",
        [
            (FILE, VOICE, "      to: [telephone, telephonie@ecole-jaure, serveurs]\n      services: [rtp, voi, ping]"),
            (FILE, NOBODY, f"unfiltered: {{ecole-jaure: {{{WHY}}}}}"),
        ],
        [
            ("M030", "segmentation.reaches[telephones].to[1]", FILE, "to: ["),
            ("M100", "segmentation.reaches[telephones].services[2]", FILE, "services: ["),
            ("M214", "segmentation.reaches[telephones].services[1]", FILE, "services: ["),
            ("M214", "segmentation.reaches[telephones].services[3]", FILE, "services: ["),
            ("M214", "segmentation.reaches[telephones].to[2]", FILE, "to: ["),
            ("M214", "segmentation.reaches[telephones].to[3]", FILE, "to: ["),
            ("M214", "segmentation.unfiltered[ecole-jaure]", FILE, "  unfiltered"),
        ],
        ["ne dit pas udp/16384-32767", "serveurs passe par le pare-feu", "Vouliez-vous dire « ecole-jaures » ?"],
    ),
    Case(
        "a pair that nothing filters",
        [(FILE, VOICE, "      to: [utilisateurs]\n      services: [any]"), (FILE, WIDE_UNTIL, "")],
        [("M217", "segmentation.reaches[telephones].services", FILE, "services: [")],
        ["rien ne le filtre", "ou dites pourquoi elle n’en a pas (wide)"],
    ),
    Case(
        "a whole protocol from a population to itself, without a reason",
        [(FILE, WIDE, "")],
        [("M217", "segmentation.reaches[telephones].services", FILE, "services: [")],
        ["telephones : tout udp passe", "et jusqu’à quand (wide_until)"],
    ),
    Case(
        "a whole protocol whose ports are late",
        [(FILE, WIDE_UNTIL, WIDE_UNTIL.replace("2099-12-31", "2026-11-23"))],
        [("M103", "segmentation.reaches[telephones].wide_until", FILE, "wide_until")],
        ["telephones : à réduire à ses ports depuis le 2026-11-23"],
    ),
    Case(
        "a family of models in place of a model",
        [
            (HARDWARE, "  MS220-24: {", '  MS: {kind: switch, ports: 28, end_of_life: "2035-01-01"}\n  MS220-24: {'),
            (JAURES, "{serial: QZZZ-0005-0001, model: MS220-24,", "{serial: QZZZ-0005-0001, model: MS,"),
        ],
        [("M218", "hardware[MS]", HARDWARE, "  MS: {")],
        ["plus de règles qu’un MS n’en tient ; rien ne dit combien"],
    ),
    Case(
        "reasons that are over",
        [
            (FILE, "permanent: Usage courant", 'until: "2026-11-23"'),
            (FILE, NOBODY, 'unfiltered: {ctm: {why: essai, until: "2026-11-23"}}'),
        ],
        [
            ("M103", "segmentation.reaches[telephones].until", FILE, "      until:"),
            ("M103", "segmentation.unfiltered[ctm]", FILE, "  unfiltered"),
        ],
    ),
    Case(
        "models that hold no list, a short one, or nobody knows what",
        [
            (HARDWARE, "MS120-8: {kind: switch,", "MS120-8: {kind: switch, access_rules: {most: 0, source: fiche},"),
            (HARDWARE, "MS210-24: {kind: switch,", "MS210-24: {kind: switch, access_rules: {most: 31, source: fiche},"),
            (HARDWARE, "  MS220-24: {",
             '  C9300-24: {kind: switch, ports: 28, end_of_life: "2035-01-01"}\n  MS220-24: {'),
            (JAURES, "{serial: QZZZ-0005-0001, model: MS220-24,", "{serial: QZZZ-0005-0001, model: C9300-24,"),
        ],
        [
            ("M218", "hardware[C9300-24]", HARDWARE, "C9300-24"),
            ("M218", "hardware[MS120-8]", HARDWARE, "MS120-8"),
            ("M218", "hardware[MS210-24]", HARDWARE, "MS210-24"),
        ],
        [
            "ecole-jaures (32) : plus de règles qu’un C9300-24 n’en tient ; rien ne dit combien",
            "un MS120-8 n’en tient ; il n’a pas de liste d’accès",
            "un MS210-24 n’en tient ; il en tient 31",
        ],
        whole=True,
    ),
    Case(
        "services that would fill the lists",
        [(FILE, VOICE, "      to: [utilisateurs]\n      services: [ssh, dns, https]")],
        [("M218", f"hardware[{model}]", HARDWARE, f"  {model}")
         for model in ("MS120-8", "MS210-24", "MS210-48", "MS220-24", "MS425-32")],
        ["ecole-auriol (176), ecole-jaures (176), ecole-mermoz (176) et ", "un MS220-24 n’en tient ; il en tient 79"],
        whole=True,
    ),
    Case(
        "a sensitive segment at the core",
        [(POLICE, "{carrier: ngfw}", "{carrier: core}"), (FILE, "sensitive: [admin", "sensitive: [armurerie, admin")],
        [("M219", "segmentation.sensitive[1]", FILE, "  sensitive"),
         ("M219", "segmentation.sensitive[9]", FILE, "  sensitive")],
        ["utilisateurs (police-municipale) : le cœur en porte la passerelle", "« armurerie » n’est un segment"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_declaration_that_is_not_carried_is_refused(case: Case, copy: Copy) -> None:
    check(copy, case)


def test_sites_that_do_not_filter_yet_say_why_and_have_no_list(copy: Copy) -> None:
    copy.edit(FILE, NOBODY, f"unfiltered: {{ecole-jaures: {{{WHY}}}, ctm: {{{WHY}}}}}")
    made = copy.load()
    assert made.faults == []
    assert [name for name in ("ecole-jaures", "ctm", "ccas") if not made.sites[name]["access_lists"]] == [
        "ecole-jaures", "ctm",
    ]  # fmt: skip


def test_a_site_that_filters_no_more_withdraws_the_rules_that_it_would_have(copy: Copy) -> None:
    before = copy.load()
    copy.edit(FILE, NOBODY, f"unfiltered: {{ecole-jaures: {{{WHY}}}}}")
    made = copy.load()
    assert made.sites["ecole-jaures"]["withdrawn_rules"] == before.sites["ecole-jaures"]["access_lists"] != []
    assert [name for name, site in made.sites.items() if site["withdrawn_rules"]] == ["ecole-jaures"]
