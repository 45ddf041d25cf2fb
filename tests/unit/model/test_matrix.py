"""The derived matrix: the owner of a rule, its id, its elements, its end."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from piste.exports.bag.kinds import DOMAINS
from piste.systems.forcepoint.intent import smc_intent
from piste.systems.windows import directory, sysvol, winrm
from piste.town.model import Town, load
from piste.town.model.declaration import read_declaration
from piste.town.model.faults import Faults
from piste.town.model.flows.administration import LDAPS, PRISM, SMB, SMC, WINRM, systems
from piste.town.model.flows.policy import filter_rules
from piste.town.model.inventory import read_inventory
from tests.unit.model.broken_town import ALL, HDV, JAURES, Copy, host

FLOWS = ALL + "flows.yml"
ROOT = Path(__file__).parents[3]


def declare(copy: Copy, **flows: str) -> None:
    """Declare flows of the town, by their keys, before the others."""
    lines = "".join(
        f"  {name.replace('_', '-')}: {{{text}, why: essai, permanent: essai}}\n" for name, text in flows.items()
    )
    copy.edit(FLOWS, "\nflows:\n", f"\nflows:\n{lines}")


def rules(town: Town) -> dict[str, dict[str, Any]]:
    """Give the rules by id, each with its section."""
    sections = town.require().commune["firewall"]["sections"]  # type: ignore[index]
    return {rule["id"]: {**rule, "section": section["id"]} for section in sections for rule in section["rules"]}


def elements(town: Town) -> dict[str, list[str]]:
    listed = town.require().commune["firewall"]["elements"]  # type: ignore[index]
    return {f"{element['kind']}/{element['name']}": element["values"] for element in listed}


def test_a_segment_gives_a_rule_to_each_site_that_has_it_in_the_section_of_the_site(town: Town) -> None:
    known = rules(town)
    schools = {name for name, site in town.sites.items() if site["category"] == "ecole"}
    assert {name for name in known if name.startswith("ecoles-noms.")} == {f"ecoles-noms.{name}" for name in schools}
    rule = known["ecoles-noms.ecole-jaures"]
    assert rule["section"] == "ecole-jaures"
    assert rule["sources"] == ["network/VLB-ecole-jaures-pedagogique"]
    assert rule["destinations"] == ["group/VLB-controleurs"]
    assert rule["services"] == ["service_group/VLB-dns"]
    assert rule["exception"]
    assert town.sites["ecole-jaures"]["firewall"]["section"]["rules"] == [
        {name: value for name, value in rule.items() if name != "section"}
        for rule in known.values()
        if rule["section"] == "ecole-jaures"
    ]


def charter(copy: Copy, web: str) -> None:
    """Complete the sites of the charter of the schools, with the digest of what it then says."""
    copy.edit(ALL + "terms.yml", "    web:\n      denied:\n", f"    web:\n{web}")
    copy.edit(ALL + "terms.yml", '{"1.0": "fcabc61dc05f"}', "{}")
    (line,) = (match for fault in copy.load().faults for match in re.findall(r"inscrivez (.*)$", fault.message))
    copy.edit(ALL + "terms.yml", "editions: {}", f"editions: {{{line}}}")


def test_a_charter_refuses_categories_just_before_the_rule_of_its_flow(copy: Copy) -> None:
    allowed = "      allowed: {sites: [www.exemple.fr], categories: [Games]}\n"
    charter(copy, f"{allowed}      denied:\n        groups: [Security]\n")
    town = copy.load()
    known = rules(town)
    school = [name for name in known if name.startswith("ecoles-web.ecole-jaures")]
    assert school == ["ecoles-web.ecole-jaures_ok", "ecoles-web.ecole-jaures_no", "ecoles-web.ecole-jaures"]
    allowed, denied, rest = (known[name] for name in school)
    assert [rule["action"] for rule in (allowed, denied, rest)] == ["allow", "deny", "allow"]
    assert allowed["services"] == ["category/Games", "sites/VLB-wifi-pedagogique-ok"]
    assert denied["services"][:2] == ["category_group/Security", "category/Adult Material"]
    assert "Charte d’utilisation du Wi-Fi pédagogique" in denied["comment"]
    assert rest["services"] == ["tcp/VLB-https"]
    for rule in (allowed, denied):
        assert {name: rule[name] for name in ("sources", "destinations", "flow", "section", "versions")} == {
            name: rest[name] for name in ("sources", "destinations", "flow", "section", "versions")
        }
    assert elements(town)["sites/VLB-wifi-pedagogique-ok"] == ["www.exemple.fr"]
    (web, *_) = [rule for rule in filter_rules(town.commune["firewall"]) if rule.id == rest["id"]]  # type: ignore[index]
    assert not web.exact
    assert denied["id"] not in {rule.id for rule in filter_rules(town.commune["firewall"])}  # type: ignore[index]


def test_what_is_not_decrypted_passes_just_before_the_rule_of_its_flow(copy: Copy) -> None:
    copy.edit(FLOWS, "\nfirewall:\n", "\nfirewall:\n  inspection: {files: Fichiers, tls: {authority: Ville, "
              "informed: Charte, exempt: {health: {categories: [Health]}, "
              "banking: {sites: [banque.fr]}}}}\n")  # fmt: skip
    why = "    why: Applications en ligne, m"
    copy.edit(FLOWS, why, f"    inspection: [files, tls]\n{why}")
    town = copy.load()
    known = rules(town)
    exempt, rest = known["web.mediatheque_tls"], known["web.mediatheque"]
    assert [*known].index(exempt["id"]) + 1 == [*known].index(rest["id"])
    assert exempt["services"] == ["category/Health", "sites/VLB-clair-banking"]
    assert (exempt["inspection"], rest["inspection"]) == (["files"], ["files", "tls"])
    intent = smc_intent(town.sites["mediatheque"])
    written = {rule["id"]: rule for rule in intent["policies"][0]["ipv4_access"]}
    assert (written[exempt["id"]]["decrypting"], written[rest["id"]]["decrypting"]) == (False, True)
    assert "decrypting" not in written["relais-dhcp.mediatheque"]
    whole = smc_intent(town.require().commune)  # type: ignore[arg-type]
    assert whole["policies"][0]["file_filtering_policy"] == "file_filtering_policy/Fichiers"
    assert whole["engine_settings"][0]["client_protection"] == "tls_signing_certificate_authority/Ville"
    copy.edit(FLOWS, "    inspection: [files, tls]\n", "")
    copy.edit(FLOWS, ", tls: {authority: Ville, informed: Charte, exempt: {health: {categories: [Health]}, "
              "banking: {sites: [banque.fr]}}}}", "}")  # fmt: skip
    without = smc_intent(copy.load().require().commune)  # type: ignore[arg-type]
    assert without["engine_settings"][0]["client_protection"] is None


def test_what_a_charter_allows_is_not_decrypted_where_it_never_is(copy: Copy) -> None:
    charter(copy, "      allowed: {categories: [Health], sites: [www.exemple.fr]}\n      denied:\n")
    copy.edit(FLOWS, "\nfirewall:\n", "\nfirewall:\n  inspection: {files: Fichiers, tls: {authority: Ville, "
              "informed: Charte, exempt: {health: {categories: [Health]}, "
              "banking: {sites: [banque.fr]}}}}\n")  # fmt: skip
    copy.edit(FLOWS, "    charter: wifi-pedagogique\n", "    charter: wifi-pedagogique\n    inspection: [files, tls]\n")
    known = rules(copy.load())
    name = "ecoles-web.ecole-jaures"
    school = [rule for rule in known.values() if rule["id"].partition("_")[0] == name]
    first = next(rule for rule in school if rule["action"] == "allow" and "category/Health" in rule["services"])
    assert first["inspection"] == ["files"], "what the firewall matches first is not decrypted"
    assert school[-1]["inspection"] == ["files", "tls"]


def test_what_leaves_no_segment_belongs_to_the_town_and_the_end_refuses_and_logs(town: Town) -> None:
    known = rules(town)
    assert known["supervision"]["section"] == "ville"
    assert known["supervision"]["sources"] == ["host/VLB-hdv-sup1"]
    assert known["vpn-agents"]["sources"] == ["network/VLB-vpn-agents"]
    last = list(known.values())[-1]
    assert (last["section"], last["action"], last["sources"], last["versions"]) == ("fin", "deny", ["any"], [4, 6])
    owners = {section["id"]: section["owner"] for section in town.commune["firewall"]["sections"]}  # type: ignore[index]
    assert (owners["ville"], owners["fin"], owners["ecole-jaures"]) == ("commune", "commune", "ecole-jaures")


def test_nothing_lets_the_csu_in_or_out_until_it_is_declared(town: Town) -> None:
    named = {name for rule in rules(town).values() for name in [*rule["sources"], *rule["destinations"]]}
    assert [name for name in named if "csu" in name] == []


def test_here_every_and_a_named_site(whole: Copy) -> None:
    declare(
        whole,
        ici="from: [billetterie], to: [exploitation@here], services: [ssh]",
        tous="from: [telephonie@ccas], to: [exploitation@every], services: [ping]",
        du_serveur="from: [hdv-sup1], to: [surete@here], services: [ssh]",
    )
    known = rules(whole.load())
    assert {name for name in known if name.startswith("ici.")} == {
        f"ici.{name}" for name in ("houyoux", "stade-salengro", "piscine")
    }
    assert known["ici.piscine"]["destinations"] == ["network/VLB-piscine-exploitation"]
    assert [name for name in known if name.startswith("tous")] == ["tous.ccas"]
    assert known["tous.ccas"]["destinations"] == ["group/VLB-tous-exploitation"]
    assert known["du-serveur.ctm"]["destinations"] == ["network/VLB-ctm-surete"]
    assert "du-serveur" not in known


def test_a_category_and_a_site_have_flows_of_their_own(whole: Copy) -> None:
    own = "services: [ssh], why: essai, permanent: essai"
    whole.edit(
        "group_vars/sport.yml",
        "category_segments:",
        f"category_flows:\n  guichet: {{from: [billetterie], to: [exploitation], {own}}}\ncategory_segments:",
    )
    whole.edit(
        JAURES,
        "switches:\n",
        f"site_flows:\n  tableau: {{from: [utilisateurs], to: [pedagogique, hdv-log1], {own}}}\nswitches:\n",
    )
    known = rules(whole.load())
    assert known["guichet.piscine"]["destinations"] == ["network/VLB-piscine-exploitation"]
    assert {name for name in known if name.startswith("guichet")} == {
        f"guichet.{name}" for name in ("houyoux", "stade-salengro", "piscine")
    }
    assert known["tableau.ecole-jaures"]["section"] == "ecole-jaures"
    assert known["tableau.ecole-jaures"]["destinations"] == [
        "network/VLB-ecole-jaures-pedagogique",
        "host/VLB-hdv-log1",
    ]


def test_a_site_that_is_not_open_has_no_rule_and_is_in_no_group(copy: Copy) -> None:
    before = load(copy.root / "inventories" / "town")
    copy.edit(JAURES, "lifecycle: open", "lifecycle: planned")
    after = copy.load()
    assert rules(before).keys() - rules(after).keys() == {
        name for name in rules(before) if name.endswith((".ecole-jaures", ".ecole-jaures_no"))
    }
    assert [name for name in elements(after) if "jaures" in name] == []
    assert after.sites["ecole-jaures"]["firewall"]["section"]["rules"] == []


def test_a_flow_holds_on_its_last_day_and_no_more_on_the_next(whole: Copy) -> None:
    whole.edit(
        FLOWS,
        "    permanent: Usage courant\n    exception: Le public",
        '    until: "2027-06-30"\n    exception: Le public',
    )
    inventory = whole.root / "inventories" / "town"
    on_it, after = (load(inventory, today=date(2027, month, day)) for month, day in ((6, 30), (7, 1)))
    assert rules(on_it)["public-impression.malraux"]["comment"].endswith("jusqu’au 2027-06-30")
    assert "public-impression.malraux" not in rules(after)
    assert "PISTE-M103" in {fault.rule for fault in after.faults} - {fault.rule for fault in on_it.faults}


def test_ids_last_whatever_is_declared_before_or_moves(copy: Copy) -> None:
    before = rules(copy.load())
    declare(copy, premier="from: [surete], to: [hdv-log1], services: [ssh]")
    copy.edit(host("ccas"), "plan: {number: 1,", "plan: {number: 26,")
    after = rules(copy.load())
    assert {name: rule for name, rule in after.items() if not name.startswith("premier")} == before


def test_what_is_open_to_all_stands_last_so_that_it_hides_nothing(copy: Copy) -> None:
    # Guests are let in by it, and no list of switches names all that it opens: other rules of the model refuse it.
    text = 'why: essai, wide: essai, until: "2999-01-01", exception: essai'
    copy.edit(FLOWS, "\nflows:\n", f"\nflows:\n  tous: {{from: [any], to: [any], services: [any], {text}}}\n")
    town = copy.load()
    assert {fault.rule for fault in town.faults} == {"PISTE-M107", "PISTE-M218"}
    last = town.commune["firewall"]["sections"][-1]["rules"]  # type: ignore[index]
    assert [rule["id"] for rule in last] == ["tous", "refus-journalise"]


def test_elements_come_after_what_they_are_made_of_and_nothing_is_made_that_no_rule_names(town: Town) -> None:
    known = list(elements(town).items())
    seen: set[str] = set()
    for name, values in known:
        if name.startswith(("group/", "service_group/")):
            assert set(values) <= seen
        seen.add(name)
    used = {
        name for rule in rules(town).values() for cell in ("sources", "destinations", "services") for name in rule[cell]
    }
    members = {value for name, values in known if "group/" in name for value in values}
    assert seen - members - used == {"network/VLB-ville"}  # a translation names it
    assert {name for name in used - seen if not name.startswith("category/")} == {"any"}  # the vendor makes these


def test_all_but_some_prefixes_is_what_lies_between_them(town: Town) -> None:
    known = elements(town)
    spans = [known[name][0] for name in known["group/VLB-internet"]]
    assert spans[:2] == ["1.0.0.0-9.255.255.255", "11.0.0.0-100.63.255.255"]
    assert spans[-1] == "192.169.0.0-223.255.255.255"


def test_a_service_of_one_port_is_one_element_and_of_several_a_group(town: Town) -> None:
    known = elements(town)
    assert known["tcp/VLB-https"] == ["443"]
    assert known["service_group/VLB-dns"] == ["tcp/VLB-dns-tcp-53", "udp/VLB-dns-udp-53"]
    assert known["service_group/VLB-web"] == ["tcp/VLB-http", "tcp/VLB-https"]
    assert known["icmp/VLB-ping"] == ["8"]


def test_ipv6_has_rules_where_both_ends_have_it(copy: Copy) -> None:
    copy.edit(FLOWS, "networks: [198.51.100.0/25]", 'networks: [198.51.100.0/25, "2001:db8:1::/48"]')
    places = "double: {label: essai, networks: [203.0.113.128/25, '2001:db8:2::/48']}"
    copy.edit(FLOWS, "flow_places:\n", f"flow_places:\n  {places}\n")
    declare(copy, double="from: [double], to: [meraki], services: [https]")
    known = rules(copy.load())
    assert known["double"]["versions"] == [4, 6]
    assert known["tableau-de-bord.ccas"]["versions"] == [4]


def test_one_name_may_be_a_place_and_a_service(town: Town) -> None:
    rule = rules(town)["tableau-de-bord.ccas"]
    assert (rule["destinations"], rule["services"][1]) == (["network/VLB-meraki"], "udp/VLB-meraki")


def test_two_names_for_the_same_addresses_stand_once_in_a_cell(copy: Copy) -> None:
    copy.edit(FLOWS, "flow_places:\n", "flow_places:\n  jumeau: {label: essai, networks: [10.93.2.24/32]}\n")
    declare(copy, deux="from: [surete], to: [hdv-log1, jumeau], services: [ssh]")
    assert rules(copy.load())["deux.ctm"]["destinations"] == ["host/VLB-hdv-log1"]


PISTE = {
    "piste-reseau": (["network/VLB-meraki"], {"tcp": "443"}),
    "piste-annuaire": (["host/VLB-hdv-dc1", "host/VLB-hdv-dc2"], {"tcp": "636 445"}),
    "piste-noms": (["host/VLB-hdv-dc1", "host/VLB-hdv-dc2"], {"tcp": "53", "udp": "53"}),
    "piste-pare-feu": (["host/VLB-hdv-smc1"], {"tcp": "8082"}),
    "piste-adresses": (["host/VLB-hdv-dc1", "host/VLB-hdv-dc2"], {"tcp": "5986"}),
    "piste-acces": (["host/VLB-hdv-nps1", "host/VLB-hdv-nps2"], {"tcp": "5986", "udp": "1812"}),
    "piste-impression": (["host/VLB-hdv-imp1"], {"tcp": "5986"}),
    "piste-hebergement": (["host/VLB-hdv-prism1"], {"tcp": "9440"}),
    "piste-supervision": (["host/VLB-hdv-sup1"], {"tcp": "443"}),
    "piste-inventaire": (["host/VLB-hdv-glpi1"], {"tcp": "443"}),
}


def test_the_rules_that_let_administration_in_are_named_those_of_piste_by_themselves(town: Town) -> None:
    assert town.commune["firewall"]["keep"] == [*PISTE, "exploitants"]  # type: ignore[index]


@pytest.mark.parametrize("name", PISTE)
def test_what_piste_needs_is_derived_whatever_the_matrix_says(town: Town, name: str) -> None:
    rule, known = rules(town)[name], elements(town)
    destinations, services = PISTE[name]
    assert (rule["section"], rule["sources"], rule["destinations"]) == ("ville", ["host/VLB-hdv-exp1"], destinations)
    leaves = {leaf for name in rule["services"] for leaf in (known[name] if name.startswith("service_") else [name])}
    opened = {(leaf.partition("/")[0], known[leaf][0]) for leaf in leaves}
    assert opened == {(kind, port) for kind, ports in services.items() for port in ports.split()}


def test_every_domain_that_piste_drives_is_among_what_it_must_reach(copy: Copy) -> None:
    declaration = read_declaration(read_inventory(copy.root / "inventories/town", faults := Faults()), faults)
    assert declaration is not None
    reached = {system.domain for system in systems(declaration.town.variables)}
    assert {*reached, "routing"} == set(DOMAINS), "the routing is at the Dashboard, as the network"


def test_the_ports_are_those_of_the_drivers_and_of_the_production(copy: Copy) -> None:
    assert [str(driver.PORT) for driver in (directory, sysvol, winrm)] == [LDAPS, SMB, WINRM]
    production = (ROOT / "inventories/production/group_vars/all/main.yml").read_text("utf-8")
    endpoints = re.findall(r"https://(\S+?)\.\{\{ directory\.domain \}\}:(\d+)", production)
    assert endpoints == [("hdv-smc1", SMC), ("hdv-prism1", PRISM)]
    declared = (copy.root / ALL / "administration.yml").read_text("utf-8")
    assert [name for name, _ in endpoints if f"[{name}]" not in declared] == []


def test_addresses_are_those_of_the_plan(copy: Copy) -> None:
    copy.edit(HDV, "hdv-sup1: {host: 23,", "hdv-sup1: {host: 43,")
    assert elements(copy.load())["host/VLB-hdv-sup1"] == ["10.93.2.43"]
