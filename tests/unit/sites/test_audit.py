"""The first audit: unknown before wrong, the gravest and cheapest first, persons left out."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.finding import Finding
from piste.engine.transport.witness import is_read_only
from piste.engine.words import safe
from piste.exports.bag import documents
from piste.papers.dossier.document import make
from piste.papers.dossier.forms import as_page, as_pdf, as_slides
from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.directory.findings import findings as directory_findings
from piste.readings.effort import table
from piste.readings.table import SUBJECTS
from piste.readings.tenant.kept import findings as tenant_findings
from piste.readings.tenant.rules import HIGHLY
from piste.sites.audit import kept
from piste.sites.audit.alike import alike
from piste.sites.audit.conclude import advice, conclude, hidden, inventory, judged, surveyed, things, to_mend, written
from piste.sites.audit.document import ESTIMATED, KIND, headline, paper, sections, slides
from piste.sites.dossiers import origin
from piste.sites.sealed import UnreadableReport
from piste.town import declared
from piste.town.model import Town

HOSTILE = '=cmd|"/c calc"!A1 <script>\u202e\n#set page() $x$ {{ 7*7 }}'
FOUND = [
    Finding("certificates.b", "wrong", "mineur", gravity="minor"),
    Finding("copies.a", "wrong", "grave et long", gravity="critical"),
    Finding("certificates.a", "wrong", HOSTILE, "Renouvelez-le.", site=HOSTILE, gravity="critical"),
    Finding("edr.all", "unknown", "jamais lu"),
    Finding("accounts.smc/zebulon", "wrong", "Zébulon Martin est administrateur"),
    Finding("computers.pc", "wrong", "le poste de Zébulon"),
    Finding("audits.signed", "wrong", "pas signé"),
]
PLACES = ("STATE", "JOURNAL", "RESTORES")


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PLACES:
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name.lower()))


@pytest.fixture(scope="module")
def whole() -> Town:
    return declared.town("lab")


def test_what_nobody_read_is_hidden_and_counted_first(whole: Town) -> None:
    asked = [SUBJECTS[name] for name in ("certificates", "copies", "edr", "accounts", "audits", "desk")]
    counted = {subject.name: subject.hidden for subject in judged(asked, FOUND)}
    assert counted == {"certificates": False, "copies": False, "edr": True, "accounts": False}
    made = conclude(whole, "Ville", "lab", FOUND)
    first = f"{len(made.unknown)} sujets inconnus sur {len(made.subjects)}, 1 constat inconnu, 5 "
    assert headline(made).text.startswith(first)
    assert headline(conclude(whole, "Ville", "lab", [])).text.endswith("0 constat à corriger.")


def test_the_gravest_is_first_then_what_costs_least(whole: Town) -> None:
    wrong = to_mend(written(FOUND))
    assert [said.id for said in wrong] == ["certificates.a", "copies.a", "certificates.b"]
    assert [(each.effort, each.count, each.gravity) for each in advice(wrong)] == [
        ("hours", 2, "critical"), ("days", 1, "critical"),
    ]  # fmt: skip


def test_the_same_finding_on_a_hundred_devices_is_one_line_with_its_count(whole: Town) -> None:
    many = [
        Finding(f"network.site-{n % 7}.sw-{n:03}", "wrong", f"sw-{n:03} : éteint depuis {n} h", f"piste find sw-{n:03}",
                site=f"site-{n % 7}")
        for n in range(100)
    ]  # fmt: skip
    other = Finding("network.site-1.sw-001", "wrong", "sw-001 : port 3 en erreur", site="site-1")
    first, last = alike(to_mend([*many, other]))
    assert (first.what, first.site, len(first.others)) == (
        "sw-000 : éteint depuis 0 à 99 h ; de même : sw-007, sw-014, sw-021 et 96 autres", "7 sites", 99,
    )  # fmt: skip
    days = [Finding(f"certificates.c{n}", "wrong", f"c{n} : fini le 0{n}/12/2026") for n in (1, 2)]
    (ended,) = alike(to_mend(days))
    assert ended.what == "c1 : fini le 01/12/2026 ; et d’autres, qui diffèrent : c2", "no day is said of another"
    assert (last.what, last.others) == ("sw-001 : port 3 en erreur", [])
    made = conclude(whole, "Ville", "lab", many)
    printed = repr([*sections(KIND.data(paper(made, [])), paper(made, []))])
    assert (printed.count("éteint depuis"), "'100'" in printed, len(made.wrong)) == (1, True, 100)
    for block in (printed, *(repr(slide) for slide in slides(made) if slide.key in ("wrong", "soon", "later"))):
        assert ESTIMATED in block


def test_a_slide_leaves_out_the_code_of_a_rule_by_its_field_alone(whole: Town) -> None:
    coded = Finding("directory.vuln_x", "wrong", "vuln_x : comptes oubliés", code="vuln_x")
    bare = Finding("network.vuln_y", "wrong", "vuln_y : port en erreur")
    made = conclude(whole, "Ville", "lab", [coded, bare])
    (slide,) = (repr(slide) for slide in slides(made) if slide.key == "wrong")
    assert "'comptes oubliés'" in slide
    assert "vuln_x :" not in slide
    assert "'vuln_y : port en erreur'" in slide, "the name of a thing is no code"


def test_what_is_unknown_is_never_a_green_headline(whole: Town) -> None:
    made = conclude(whole, "Ville", "lab", [])
    known = [subject.model_copy(update={"ok": 1, "unknown": 0}) for subject in made.subjects]
    seen = made.model_copy(update={"subjects": known, "hidden": []})
    assert headline(seen).mark == "good"
    assert headline(seen.model_copy(update={"hidden": made.hidden[:1]})).mark == "doubt"
    doubted = [known[0].model_copy(update={"unknown": 3}), *known[1:]]
    said = headline(seen.model_copy(update={"subjects": doubted}))
    assert (said.mark, "3 constats inconnus" in said.text) == ("doubt", True)


def report(**more: Any) -> dict[str, Any]:
    deviation = {"system": "meraki", "kind": "ssid", "key": "k", "label": HOSTILE, "what": "undeclared", "fields": []}
    sites = {"ecole": {"there": {}, "deviations": [deviation, {**deviation, "what": "differs"}]}}
    return {"sites": sites, "strangers": [{"kind": "network", "key": "TEST 2023"}], "questions": [],
            "troubles": [{"host": "ccas"}], **more}  # fmt: skip


def test_what_exists_undeclared_is_in_the_report_and_stays_until_it_is_old(
    whole: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    survey = surveyed(report(), at, "ecole")
    assert [(each.site, each.kind) for each in survey.strangers] == [("", "network"), ("ecole", "ssid")]
    made = kept.keep(conclude(whole, "Ville", "lab", FOUND, survey))
    assert datetime.fromisoformat(made.read) == at, "a signed audit of before is another one"
    printed = repr([*sections(KIND.data(paper(made, [])), paper(made, []))])
    assert "Relevé du" in printed
    assert "limité à ecole" in printed
    assert "restent inconnus : ccas" in printed
    assert "TEST 2023" in printed
    assert "text='SSID'" in printed
    assert "text='réseau'" in printed
    assert kept.survey("lab") == survey
    assert kept.keep(conclude(whole, "Ville", "lab", FOUND, kept.survey("lab"))) == made, "said again, the same"
    monkeypatch.setattr(kept, "now", lambda: at + kept.SURVEYED + timedelta(minutes=1))
    assert kept.survey("lab") is None
    without = conclude(whole, "Ville", "lab", FOUND)
    assert "personne ne l’a relevé" in repr([*sections(KIND.data(paper(without, [])), paper(without, []))])


def test_no_finding_of_a_person_is_written(whole: Town) -> None:
    made = conclude(whole, "Ville", "lab", FOUND)
    record = KIND.data(paper(made, []))
    printed = repr([*sections(record, paper(made, [])), *slides(made)])
    assert "Zébulon" not in printed + made.model_dump_json()


def of_accounts(town: Town, name: str) -> list[Finding]:
    """Give the findings of a directory and of a tenant where this account is at fault."""
    at = datetime.now(UTC)
    point = {"wrong": True, "faults": 2, "of": 3, "names": [name]}
    store.keep(SUBJECTS["directory"], "lab", {"vuln_krbtgt-l2": Reading(point, at)}, only=())
    parts = {
        "registrations": [{"admin": True, "capable": False, "name": name, "type": "member", "count": 1}],
        "administrators": [{"role": next(iter(HIGHLY)), "kind": "user", "id": "1", "name": name, "synced": True}],
    }
    store.keep(SUBJECTS["tenant"], "lab", {part: Reading(rows, at) for part, rows in parts.items()}, only=())
    return [*directory_findings(town, "lab"), *tenant_findings(town, "lab")]


def test_the_accounts_at_fault_are_counted_not_written(whole: Town) -> None:
    """Whatever a name looks like, papers are the same, and those who mend read it."""
    plain = conclude(whole, "Ville", "lab", of_accounts(whole, "x")).wrong
    assert {"directory.vuln_krbtgt-l2", "tenant.VLB.M365.1", "tenant.MS.AAD.7.3v1"} <= {said.id for said in plain}
    for name in ("Niveau", "a (b) @ville.example. rien", "\"o'=1 <b>)", "2 sur 3", HOSTILE):
        listed = of_accounts(whole, name)
        assert conclude(whole, "Ville", "lab", listed).wrong == plain
        named = [seen for seen in listed if seen.names]
        assert len(named) == 3
        assert all(seen.names == (safe(name),) and safe(name) in seen.whole for seen in named)


def test_a_system_is_hidden_until_something_of_it_is_read() -> None:
    assert "le Dashboard" not in {each.system for each in hidden(["network/devices"])}
    assert len(hidden(["network/devices"])) == len(table().systems) - 1 == len(hidden([])) - 1
    other = {each.system for each in hidden(["edr/directory", "links/2026-11", "copies/restic"])}
    assert {"Defender", "Zabbix", "Veeam"} <= other, "what another system said of the same subject"


def read_network(town: Town, name: str = "MR44") -> None:
    device = {"status": "online", "reported_at": None, "name": name, "model": name, "firmware": "wireless-30"}
    at = datetime.now(UTC) - timedelta(hours=1)
    store.keep(SUBJECTS["network"], "lab", {"devices": Reading({"devices": {"Q-1": device}}, at)}, only=None)


def test_a_single_system_suffices(whole: Town) -> None:
    read_network(whole)
    items, silent = inventory(whole, "lab")
    assert [(item.source, item.version, item.count) for item in items if item.what == "MR44"] == [
        ("Dashboard", "wireless-30", 1)
    ]
    assert "machines" in silent
    made = conclude(whole, "Ville", "lab", [])
    assert "le Dashboard" not in {each.system for each in made.hidden}
    assert datetime.fromisoformat(made.read) < datetime.now(UTC)


def test_a_store_of_copies_speaks_for_its_own_reader(whole: Town) -> None:
    stores = {store["reader"]: store["name"] for store in whole.commune["protection"]["stores"]}  # type: ignore[index]
    at = datetime.now(UTC) - timedelta(hours=1)
    store.keep(SUBJECTS["copies"], "lab", {stores["restic"]: Reading([], at)}, only=None)
    assert "Veeam" in {each.system for each in hidden(things(whole, "lab"))}
    store.keep(SUBJECTS["copies"], "lab", {stores["veeam"]: Reading([], at)}, only=None)
    assert "Veeam" not in {each.system for each in hidden(things(whole, "lab"))}


def test_a_town_that_declares_nothing_is_unknown() -> None:
    nothing: Any = Town(faults=[], digest="", town_digest="")
    made = conclude(nothing, "Ville", "lab", [])
    assert made.map is None
    assert (made.inventory, made.licences, made.debt) == ([], [], [])
    printed = repr([*sections(KIND.data(paper(made, [])), paper(made, []))])
    assert "Inconnue : aucun site n’est déclaré." in printed
    assert len(made.unknown) == len(made.subjects)


def test_names_do_no_harm_in_the_report_nor_on_a_slide(whole: Town) -> None:
    small = replace(whole, sites={}, commune=None)
    made = conclude(small, HOSTILE, "lab", [replace(seen, what=HOSTILE) for seen in FOUND])
    document = make(KIND, paper(made, []), origin(whole, "lab"))
    assert "<script>" not in as_page(document)
    assert as_pdf(document).startswith(b"%PDF-")
    assert as_slides(document, slides(made)).startswith(b"%PDF-")


def test_the_verb_asks_no_system_and_says_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any) -> None:
        raise AssertionError("a system was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("piste.runs.plans.reading.read", refuse)
    read_network(declared.town("lab"))
    data, scan = tmp_path / "out/audit/audit.json", tmp_path / "signe.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    assert CliRunner().invoke(main, ["audit", "--receive", str(scan), "--party", "ville", "--role", "DSI"]).exit_code
    made = CliRunner().invoke(main, ["audit", "--to", str(tmp_path / "out")])
    assert made.exit_code in (1, 3), made.output
    names = {"audit.pdf", "audit.html", "audit.json", "audit.csv", "diapositives.pdf"}
    assert {path.name for path in data.parent.iterdir()} == names
    first, [name] = data.read_bytes(), kept.names("lab")
    CliRunner().invoke(main, ["audit", "--to", str(tmp_path / "out")])
    assert data.read_bytes() == first
    assert kept.names("lab") == [name]
    for party in ("ville", "titulaire"):
        given = ["audit", "--receive", str(scan), "--party", party, "--role", "DSI"]
        assert CliRunner().invoke(main, given).exit_code == 0
    states = {finding.id: finding.state for finding in kept.findings(declared.derived("lab"), "lab")}
    assert states == {"audits.report": "ok", "audits.signed": "ok"}
    assert documents._audits(tmp_path / "bag", declared.town("lab"), "lab") == 1
    assert {path.name for path in (tmp_path / "bag" / name).iterdir()} == {*names, "preuves"}
    path = kept.folder("lab") / name / "result.json"
    path.write_bytes(path.read_bytes().replace(b'"format":1', b'"format":2'))
    with pytest.raises(UnreadableReport):
        kept.read("lab", name)


def test_to_read_first_no_write_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def read(*given: Any) -> None:
        seen.append(is_read_only())
        raise SystemExit(3)

    monkeypatch.setattr("piste.runs.plans.reading.read", read)
    made = CliRunner().invoke(main, ["audit", "--read"])
    assert "Audit initial : " in made.output
    assert seen == [True]
    assert not is_read_only()
