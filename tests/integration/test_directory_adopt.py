"""Adoption of an inherited domain: an empty plan, to which what is given up comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.support.ad import Town
from tests.support.checkouts import close_others, lent
from tests.support.playbooks import OTHER_DOMAINS, console, only
from tests.support.samba import Domain
from tests.support.terminal import Said, Terminal

SCHOOL, GPO = "ecole-jaures", "Socle écoles"
OPEN = ("hotel-de-ville", SCHOOL, "mediatheque")
PLACE = "Ville/Écoles"
HAND_MADE: tuple[tuple[str, list[dict[str, Any]]], ...] = (
    ("ad_organizational_units", [
        {"path": "Ville", "description": "À la main"}, {"path": PLACE}, {"path": "Ville/Vrac"},
    ]),
    ("ad_groups", [{"name": "GV-Agents", "ou": "Ville/Vrac", "members": {"Guest": True}}]),
    ("ad_wmi_filters", [{"name": "Vieux postes", "queries": [{"query": "SELECT 1"}]}]),
    ("ad_gpos", [{"name": GPO, "comment": "2019", "computer": {"policies": {"edge.in_private": "allowed"}}}]),
    ("ad_gpo_links", [{"target": PLACE, "links": {GPO: {"enforced": True}}}]),
)  # fmt: skip
"""Make by hand objects under names that the town also declares."""
ZONE, REVERSE, GATEWAY = "ad.lebourget.example", "93.10.in-addr.arpa", "gw-jau-utilisateurs"
NAMES = (
    (ZONE, GATEWAY, "A", "10.93.41.1"),
    (ZONE, "gw-jau-telephonie", "A", "10.93.43.254"),
    (ZONE, "copieur-du-hall", "A", "10.93.41.77"),
    (REVERSE, "254.41", "PTR", f"ancien.{ZONE}"),
)
"""Names made by hand: elsewhere than declared, as declared, declared by nobody, of another machine."""


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("adopt")
    with lent(tmp_path_factory, OPEN), console(folder, "brownfield", directory=True) as made:
        close_others(made, OPEN)
        assert made.lab.directory is not None, made.lab.info["absent"]
        town = Town(Domain(made.lab.directory), folder)
        for name, config in HAND_MADE:
            town.module(name, config)
        made.environment["ANSIBLE_SKIP_TAGS"] = ",".join(set(OTHER_DOMAINS) - {"directory", "names"})
        town.domain.dns("zonecreate", REVERSE)
        for zone, *record in NAMES:
            town.domain.dns("add", zone, *record)
        yield Terminal(made)


@pytest.fixture(scope="module")
def domain(terminal: Terminal) -> Domain:
    assert terminal.console.lab.directory is not None
    return Domain(terminal.console.lab.directory)


@pytest.fixture(scope="module")
def adopted(terminal: Terminal, domain: Domain) -> Said:
    before = domain.usn(), domain.sysvol()
    done = terminal.piste("adopt", "--yes")
    assert (done.code, terminal.writes) == (0, []), done.out + done.err
    assert (domain.usn(), domain.sysvol()) == before
    return done


def kept(terminal: Terminal, owner: str, system: str = "ad") -> dict[str, Any]:
    path = terminal.console.lab.folder / "as_found" / f"{owner}.yml"
    values: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))["as_found"].get(system, {})
    return values


def plan_of(terminal: Terminal, owner: str) -> list[tuple[str, str, str]]:
    planned = terminal.piste("plan", owner, "--domain", "directory", "--format", "json")
    made = json.loads(planned.out)
    assert made["troubles"] == []
    return [(o["action"], o["kind"], o["key"]) for o in made["operations"]]


def test_the_plan_of_what_was_adopted_is_empty_and_a_run_writes_nothing(
    terminal: Terminal, domain: Domain, adopted: Said
) -> None:
    before = domain.usn(), domain.sysvol()
    town = ("-l", f"commune,{SCHOOL}")
    played = terminal.console.play("playbooks/domains/directory.yml", *town, **terminal.environment)
    assert (played.code, played.recap("commune")["changed"], played.recap(SCHOOL)["changed"]) == (0, 0, 0), played.said
    assert (domain.usn(), domain.sysvol()) == before
    row = next(line for line in adopted.out.splitlines() if line.startswith("commune"))
    assert row.split()[1:3] == ["(aucun)", "32"]


def test_what_differs_what_lacks_and_what_nobody_declares_is_kept(terminal: Terminal, adopted: Said) -> None:
    commune, school = kept(terminal, "commune"), kept(terminal, SCHOOL)
    assert commune["organizational_unit"]["Ville"] == {"description": "À la main"}
    assert commune["organizational_unit"]["Ville/Culture"] == {"absent": True}
    assert commune["organizational_unit"]["Mairie/Postes"]["undeclared"] is True
    assert commune["group"]["GV-Agents"] == {"ou": "Ville/Vrac", "description": None}
    assert commune["gpo"][GPO] == {"comment": "2019", "computer": {"policies": {"edge.in_private": "allowed"}}}
    assert commune["gpo_links"]["ECOLES"]["block_inheritance"] is True
    assert set(commune["gpo_links"]["Mairie"]["links"]) >= {"Parc - base", "Veille écran"}
    assert commune["wmi_filter"]["Vieux postes"]["undeclared"] is True
    units = {key for key, entry in school["organizational_unit"].items() if entry == {"absent": True}}
    assert f"{PLACE}/{SCHOOL}" in units
    assert "gpo_links" not in school


def test_the_names_of_a_zone_made_by_hand_are_kept_and_leave_nothing_to_do(
    terminal: Terminal, domain: Domain, adopted: Said
) -> None:
    names = kept(terminal, SCHOOL, "dns")["dns_record"]
    assert names[f"{ZONE}/{GATEWAY}/A"] == {"values": ["10.93.41.1"], "ttl": 900}
    assert names[f"{REVERSE}/254.41/PTR"] == {"values": [f"ancien.{ZONE}"], "ttl": 900}
    assert names[f"{REVERSE}/254.43/PTR"] == {"absent": True}
    assert names[f"{ZONE}/gw-jau-telephonie/A"] == {"ttl": 900}, "its address is as declared"
    assert f"{ZONE}/copieur-du-hall/A" not in names
    assert "dns_zone" not in kept(terminal, "commune", "dns"), "the zone made by hand is the declared zone"
    before = domain.usn()
    planned = json.loads(terminal.piste("plan", SCHOOL, "--domain", "names", "--format", "json").out)
    assert (planned["operations"], planned["troubles"], domain.usn()) == ([], [], before)
    assert "A: 10.93.41.77" in domain.dns("query", ZONE, "copieur-du-hall", "A")


def test_who_is_in_a_group_that_no_rule_declares_is_not_piste_s_to_put_back(terminal: Terminal, adopted: Said) -> None:
    """A member removed since the adoption must not come back."""
    assert "members" not in kept(terminal, "commune")["group"]["GG_Mairie"]


def test_what_is_given_up_is_the_whole_plan(terminal: Terminal, adopted: Said) -> None:
    path = terminal.console.lab.folder / "as_found" / "commune.yml"
    whole = path.read_text("utf-8")
    try:
        content = yaml.safe_load(whole)
        values = content["as_found"]["ad"]
        del values["gpo"][GPO]["comment"], values["organizational_unit"]["Ville/Groupes"]
        del values["gpo_links"][PLACE]
        path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
        assert plan_of(terminal, "commune") == [
            ("create", "organizational_unit", "Ville/Groupes"),
            ("update", "gpo", GPO),
            ("update", "gpo_links", PLACE),
        ]
    finally:
        path.write_text(whole, "utf-8")


def test_the_round_names_what_is_left_and_nothing_of_what_is_kept(terminal: Terminal, adopted: Said) -> None:
    report = json.loads(terminal.piste("drift", "--format", "json", **only("directory")).out)
    assert (report["operations"], report["troubles"]) == ([], [])
    orphans = {(o["kind"], o["key"]): o["why"] for o in report["orphans"]}
    assert {kind for kind, _ in orphans} == {"gpo", "sysvol_folder", "gpo_link"}
    names = {key for kind, key in orphans if kind == "gpo"}
    assert len(names) == 8
    assert orphans["gpo", "Parc - base"] == "personne ne le déclare"
    assert "son dossier manque dans SYSVOL" in orphans["gpo", "Moitié faite"]
    assert "les droits de son dossier ne sont pas ceux de l’annuaire" in orphans["gpo", "Sécurité postes"]
    assert ("sysvol_folder", "{0B0B0B0B-0000-4000-8000-000000000098}") in orphans
    assert ("gpo_link", "ECOLES → {0B0B0B0B-0000-4000-8000-000000000099}") in orphans


def test_a_domain_that_is_left_out_of_an_adoption_keeps_what_it_had(terminal: Terminal, adopted: Said) -> None:
    before = kept(terminal, SCHOOL)
    again = terminal.piste("adopt", SCHOOL, "--yes", **only("network"))
    assert (again.code, kept(terminal, SCHOOL)) == (0, before), again.err
    assert "Rien de nouveau" in again.out
