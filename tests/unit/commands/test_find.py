"""`piste find`: names, numbers, addresses; their lines, last changes and ways in."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.commands.find import LABELS, _card, _said
from piste.engine.clock import in_town
from piste.runs.records.journal import newest
from piste.sites.kind_words import KINDS
from piste.sites.search import Change, History, Lines, search
from piste.sites.thing import Thing
from piste.sites.things import things
from piste.town import declared
from piste.town.model import Fault
from piste.town.model.assets.classes import CLASSES
from piste.town.model.derived import Derived
from tests.unit.records.made import operation, run, task
from tests.unit.repository.tree import ROOT

pytestmark = pytest.mark.usefixtures("root")


def find(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["find", *arguments])


def answer(word: str) -> Any:
    return json.loads(find(word, "--format", "json").output)


@pytest.fixture(scope="module")
def town() -> Derived:
    return declared.rule()


def named(town: Derived, word: str) -> list[tuple[str, str]]:
    return [(thing.kind, thing.name) for thing in search(town, word).matches]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("QZZZ-0005-0002", [("switch", "sw-jau-02")]),
        ("qzzz-0005-0002/8", [("port", "sw-jau-02/8")]),
        ("10.93.40.12", [("switch", "sw-jau-02"), ("segment", "administration@ecole-jaures")]),
        ("10.93.41.37", [("segment", "utilisateurs@ecole-jaures")]),
        ("10.93.44.254", [("segment", "invites@ecole-jaures"), ("gateway", "gw-jau-invites")]),
        ("10.93.240.2", [("gateway", "transit, pare-feu"), ("place", "transit")]),
        ("gw-jau-invites.ad.lebourget.example", [("gateway", "gw-jau-invites")]),
        ("sw-jau-02.ad.lebourget.example", [("switch", "sw-jau-02")]),
        ("02-93-05-20-00-01", [("phone", "tel-jau-001")]),
        ("ex-jau-pc-001", [("computer", "pc-jau-001")]),
        ("EX-jau-mfp-001", [("queue", "imp-jau-01")]),
        ("srv-hdv-phy1", [("physical_server", "srv-hdv-phy1")]),
        ("fw-hdv-1", [("firewall", "fw-hdv-1")]),
        ("0293.1200.0081", [("server", "imp-med-01"), ("queue", "imp-med-01")]),
        ("jau-pedagogique", [("scope", "jau-pedagogique")]),
        ("impression.ad.lebourget.example", [("record", "impression")]),
        ("coeur-hdv", [("stack", "coeur-hdv")]),
        ("coeur-vers-03", [("aggregate", "coeur-vers-03")]),
        ("10.93.47.3", [("site", "ecole-jaures")]),
        ("8.8.8.8", [("element", "VLB-internet-1.0.0.0-9.255.255.255")]),
        ("151", [("segment", "utilisateurs@ecole-jaures")]),
        ("0293.0100.0060", [("mac", "02:93:01:00:00:60")]),
        ("vlb-agents@ecole-jaures", [("ssid", "VLB-Agents")]),
        ("hdv-dc1", [("vm", "hdv-dc1"), ("server", "hdv-dc1")]),
        ("imp-jau-01", [("queue", "imp-jau-01")]),
        ("GG-ecole-jaures", [("group", "GG-ecole-jaures")]),
        ("Sobriete - veille (pilote)", [("gpo", "Sobriété - Veille (pilote)")]),
        ("postes-annuaire.ecole-jaures", [("rule", "postes-annuaire.ecole-jaures")]),
        ("ecole jean jaures", [("site", "ecole-jaures")]),
        ("EX-ntnx-001", [("node", "ntnx-hdv-a")]),
        ("commune", [("town", "commune")]),
        ("transit", [("place", "transit")]),
        ("baie-mer-1", [("rack", "baie-mer-1")]),
        ("city-web", [("application", "City Web")]),
        ("Enfance", [("application", "Enfance"), ("application", "Enfance")]),
        ("SFR Business", [("third_party", "sfr-business")]),
        ("copieurs", [("contract", "copieurs")]),
        ("adobe-cc", [("licence", "adobe-cc")]),
        ("j.martin@ad.lebourget.example", [("account", "j.martin@ad.lebourget.example")]),
        ("EX-hdv-tel-001", [("phone", "tel-hdv-001")]),
        ("ex-jau-tbi-001", [("interactive_board", "tbi-jau-01")]),
    ],
)
def test_a_word_designates_things(town: Derived, word: str, expected: list[tuple[str, str]]) -> None:
    assert named(town, word) == expected


def test_a_prefix_gives_all_that_it_contains_and_all_that_contains_it(town: Derived) -> None:
    assert [name for _, name in named(town, "10.93.40.0/21")][:3] == [
        "ecole-jaures", "administration@ecole-jaures", "utilisateurs@ecole-jaures",
    ]  # fmt: skip
    assert named(town, "10.93.41.64/26") == [("segment", "utilisateurs@ecole-jaures")]


@pytest.mark.parametrize(
    ("word", "note"),
    [
        ("10.93.41.37", "Dans un segment, ni réservée, ni distribuée par le DHCP."),
        ("10.93.41.60", "Distribuée par le DHCP (10.93.41.50 à 10.93.41.239) : seul son serveur sait à qui."),
        ("10.93.47.3", "Dans aucun segment déclaré ; le bloc 10.93.40.0/21 est celui de ecole-jaures."),
        ("10.93.250.1", "Dans l’adressage de la ville, mais dans aucun segment déclaré : rien n’a cette adresse."),
        ("192.168.1.1", "Hors de l’adressage de la ville."),
        ("10.93.40.12", ""),
    ],
)
def test_an_address_without_a_thing_is_explained(town: Derived, word: str, note: str) -> None:
    assert search(town, word).note == note


def test_the_line_of_the_declaration_is_given(town: Derived) -> None:
    expected = {
        "sw-jau-02": "serial: QZZZ-0005-0002",
        "sw-jau-02/8": '"8": libre',
        "imp-jau-01": "imp-jau-01:",
        "VLB-Agents@ecole-jaures": "VLB-Agents:",
        "utilisateurs@ecole-jaures": "utilisateurs:",
        "hdv-dc2": "hdv-dc2:",
        "postes-annuaire.ecole-jaures": "postes-annuaire:",
        "02:93:01:00:00:60": "02:93:01:00:00:60",
        "ups-hdv-1": "ups-hdv-1:",
        "city-web": "city-web:",
        "tel-hdv-001": "tel-hdv-001,",
        "j.martin@ad.lebourget.example": "j.martin@ad.lebourget.example:",
    }
    lines = Lines(declared.files("lab"))
    for word, text in expected.items():
        for thing in search(town, word).matches:
            mark = lines.of(thing)
            assert mark
            assert text in (ROOT / mark.file).read_text("utf-8").splitlines()[mark.line - 1]
    known = list(things(town))
    # Those that follow from what another site, or Piste, declares.
    assert {thing.kind for thing in known if lines.of(thing) is None} == {"element", "gpo", "link", "rule"}


def test_every_thing_has_words_for_people(town: Derived) -> None:
    known = list(things(town))
    assert {thing.kind for thing in known} <= KINDS.keys()
    assert {name for thing in known for name in thing.facts} <= LABELS.keys()


def test_a_class_of_assets_has_the_label_of_the_list_of_classes() -> None:
    # A server is an address; a machine of the cluster has a kind of its own.
    assert {name: KINDS[name] for name in CLASSES if name != "server"} == {
        name: entry.label for name, entry in CLASSES.items() if name != "server"
    }


def test_an_application_says_where_it_lives_and_who_reaches_it() -> None:
    said = answer("City Web")
    (thing,) = said["things"]
    facts = thing["facts"]
    assert (facts["publisher"], facts["support"]) == ("Digitech", ["à renseigner"])
    assert (facts["hosted_on"], facts["depends_on"]) == (["hdv-ag1"], ["hdv-sql1", "hdv-dc1", "postes-applications"])
    assert any("pare-feu : postes-applications" in way["rules"] for way in said["reached_by"])
    (machine, _) = answer("hdv-sql1")["things"]
    assert machine["facts"]["needed_by"] == ["City Web", "GLPI"]
    copier = next(thing for thing in answer("myQ")["things"] if thing["kind"] == "application")
    assert copier["facts"]["support"][0].startswith("Kyocera, Assistance : 01 00")


def test_many_ends_of_a_relation_are_counted_by_class() -> None:
    (contract,) = answer("copieurs")["things"]
    assert contract["facts"]["covers"] == ["22 imprimantes et copieurs", "1 application", "1 licence"]


def test_several_words_are_a_name() -> None:
    assert find("City", "Web").output == find("City Web").output


def test_a_setting_kept_as_found_is_said(town: Derived) -> None:
    kept = {"meraki": {"switch_port": {"QZZZ-0005-0002/8": {"vlan": 12, "name": "Ancien"}}}}
    site: Any = {**town.sites["ecole-jaures"], "as_found": kept}
    here = replace(town, sites={"ecole-jaures": site})
    for word, fields in (("sw-jau-02/8", ["vlan", "name"]), ("sw-jau-02/7", None)):
        (thing,) = search(here, word).matches
        assert thing.facts.get("as_found") == fields


def test_an_address_says_who_reaches_it() -> None:
    assert answer("sw-jau-02")["reached_by"] == [
        {
            "origins": ["hdv-exp1"],
            "services": ["https", "ssh", "winrm"],
            "rules": ["pare-feu : exploitants"],
            "exact": True,
        },
        {"origins": ["hdv-sup1"], "services": ["ping"], "rules": ["pare-feu : supervision"], "exact": True},
    ]
    assert answer("10.93.44.254")["reached_by"] == []
    assert answer("imp-jau-01")["reached_by"] is None


def test_the_last_change_and_the_later_check_come_from_the_journal(root: Path) -> None:
    port = operation("QZZZ-0005-0002/8", kind="switch_port", label="sw-jau-02/8")
    run(root, 1, task(operations=[port]))
    run(root, 2, task(operations=[port]))
    run(root, 3, task(operations=[operation("QZZZ-0006-0002/8", kind="switch_port", label="sw-mer-02/8")]))
    run(root, 4, task(check=True, operations=[port]))
    run(root, 5, task(operations=[port]), environment="production")
    changes = answer("sw-jau-02/8")["things"][0]["changes"]
    assert [(change["run"][9:15], change["written"]) for change in changes] == [("000004", False), ("000002", True)]
    assert (changes[1]["user"], changes[1]["changes"]) == ("marie", ["actif : non → oui"])
    said = " ".join(find("sw-jau-02/8").output.split())
    assert "modifié le 24/11/2026 à 11:01 par marie, 20261124T000002Z-000002 : actif : non → oui" in said


def changes(town: Derived, word: str, root: Path) -> int:
    (thing,) = search(town, word).matches
    return len(History(newest(root, "lab")).of(thing))


def test_a_namesake_at_another_site_does_not_lend_its_changes(town: Derived, root: Path) -> None:
    run(root, 1, task(operations=[operation("VLB-Agents", owner="ccas")]))
    assert changes(town, "VLB-Agents@ecole-jaures", root) == 0
    assert changes(town, "VLB-Agents@ccas", root) == 1


def test_the_change_of_a_rule_is_in_its_policy(town: Derived, root: Path) -> None:
    rules = [{"id": "postes-annuaire.ecole-jaures", "log": "none"}, {"id": "relais-dhcp.ecole-jaures"}]
    content = {"before": {"ipv4_access": rules[1:]}, "after": {"ipv4_access": rules}}
    run(root, 1, task(operations=[operation("VLB", system="smc", kind="policy", content=content)]))
    assert changes(town, "postes-annuaire.ecole-jaures", root) == 1
    assert changes(town, "relais-dhcp.ecole-jaures", root) == 0


def test_what_the_journal_alone_knows_is_said(root: Path) -> None:
    run(root, 1, task(operations=[operation("VLB-Passage", action="delete")]))
    result = find("vlb-passage")
    assert result.exit_code == 0
    assert "Rien de déclaré ne s’appelle ainsi, mais le journal en parle : ssid VLB-Passage" in result.output
    assert "retiré le 24/11/2026" in result.output


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("imp-jua-01", "Noms proches : imp-jau-01"),
        ("zzzzzz", "Rien ne s’appelle « zzzzzz »"),
        ("999", "Rien ne s’appelle « 999 »"),
        ("02:93:01:00:00:99", "Rien de déclaré n’a cette adresse MAC"),
        ("10.93.250.1", "dans aucun segment déclaré"),
        ("", "il faut un mot"),
        ("x" * 300, "il faut un mot"),
        ("\x1b[2Jzz", "Rien ne s’appelle « �[2Jzz »"),
    ],
)
def test_nothing_ends_with_1(word: str, says: str) -> None:
    result = find(word)
    assert result.exit_code == 1
    assert says in " ".join(result.output.split())


def test_many_things_are_put_together_on_80_columns() -> None:
    output = find("VLB-Agents").output
    assert "et 17 autres" in output
    assert re.search(r"23 choses\. Le détail d’une seule : son nom, ou NOM@SITE\.", output)
    for word in ("imprimante", "hdv-dc1"):
        assert max(map(len, find(word).output.splitlines())) <= 80


def test_a_thing_of_a_site_that_is_not_open_says_so(town: Derived) -> None:
    planned = next(name for name, site in town.sites.items() if site["lifecycle"] == "planned")
    assert f"({planned}), site prévu" in find(f"utilisateurs@{planned}").output


def test_a_moment_that_is_none_stands_as_it_is() -> None:
    assert in_town("2026-11-24T10:01:00Z", "%d/%m %H:%M") == "24/11 11:01"
    assert in_town("hier", "%d/%m %H:%M") == "hier"


def test_a_false_declaration_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = Fault("PISTE-M012", "site", "host_vars/ccas.yml", 3, "Deux sites", "Corrigez.")
    monkeypatch.setattr(declared, "derived", lambda environment: Derived([fault], "", ""))
    result = find("ccas")
    assert result.exit_code == 4
    assert "host_vars/ccas.yml:3" in result.output


def test_a_word_that_is_no_text_is_answered_in_both_forms() -> None:
    for form in ("text", "json"):
        result = find("\udcff", "--format", form)
        assert (result.exit_code, result.exception.__class__) == (1, SystemExit)


def test_an_address_in_a_town_without_a_town_host_is_answered(town: Derived) -> None:
    empty = search(replace(town, commune=None, sites={}), "10.0.0.1")
    assert (empty.matches, empty.note) == ([], "Hors de l’adressage de la ville.")


def test_a_name_that_looks_like_a_code_stays_as_it_is(town: Derived, capsys: pytest.CaptureFixture[str]) -> None:
    _card(town, Thing("port", "sw/1", "ecole-jaures", facts={"name": "open", "enabled": True}), None, [])
    _card(town, Thing("rule", "r", "ecole-jaures", facts={"action": "deny"}), None, [])
    shown = capsys.readouterr().out
    assert [f"{label:<17}{value}" in shown for label, value in (("nom", "open"), ("allumé", "oui"))] == [True, True]
    assert "interdit" in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": "killed"}, "peut-être modifié (arrêté en pleine écriture)"),
        ({"status": "failed", "code": "PISTE-E099"}, "peut-être modifié (arrêté en pleine écriture)"),
        ({"status": "failed", "code": "PISTE-E010"}, "modifié"),
    ],
)
def test_a_change_of_a_task_that_died_is_not_certain(changes: dict[str, Any], said: str) -> None:
    made = task(**{"operations": [operation()], **changes})
    record = {"id": "r", "ended": "z", "user": None, "tasks": [made]}
    (change, *_) = History([record]).named("VLB-Agents")
    assert _said(change).startswith(f"{said} z, r")


def test_the_values_of_a_change_stay_on_some_lines() -> None:
    content = {"before": {"notes": "a"}, "after": {"notes": "b " * 5000}}
    change = Change("r", "z", None, "update", True, operation(fields=["notes"], content=content))
    assert len(_said(change)) < 250
