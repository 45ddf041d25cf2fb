"""The report as a paper, kept and signed, from a town whose names are hostile."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.finding import Finding
from piste.exports.bag import documents as of_bag
from piste.exports.portal.known import _Reader, _reports
from piste.papers.dossier.blocks import Table
from piste.readings import history
from piste.runs.plans import progress
from piste.runs.plans.play import Order, Played
from piste.sites.month import kept
from piste.sites.month.document import kind_of, paper
from piste.sites.month.lines import lists, table
from piste.sites.month.period import period
from piste.sites.month.report import make
from piste.sites.month.sources import _OF as SOURCES
from piste.town import declared
from piste.town.model import Town
from piste.trials.restore.signatures import receive
from tests.support.portal import known, rendered

HOSTILE = '=cmd|"/c calc"!A1 <script>&#x202e;\u202e‮\n#set page() $x$ {{ 7*7 }}'
DAY = date(2026, 12, 3)


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "JOURNAL", "RESTORES"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.setenv("PISTE_TODAY", DAY.isoformat())


@pytest.fixture(scope="module")
def whole() -> Town:
    return declared.town("lab")


def hostile(whole: Town) -> Town:
    action = {"what": HOSTILE, "who": HOSTILE, "by": "2026-11-20", "done": None}
    committee = {"date": "2026-11-10", "name": HOSTILE, "present": [HOSTILE], "minutes": HOSTILE,
                 "reports": ["2026-11"], "actions": [action]}  # fmt: skip
    incident = {"id": "A", "title": HOSTILE, "gravity": "major", "started": "2026-11-02T07:00:00+01:00", "ended": None,
                "sites": ["nulle-part"], **dict.fromkeys(("cause", "action", "who", "ticket"), HOSTILE), "by": None,
                "done": None, **dict.fromkeys(("kind", "known", "complaint", "breach"))}  # fmt: skip
    register = {"since": "2026-11-01", "until": "2026-11-30", "entries": [incident]}
    bonus = {"line": "x", "better": "more", "bonus": 1.0, "malus": None, "year_before": False, "agreed": HOSTILE}
    commune: Any = {**(whole.commune or {}), "committees": [committee], "incidents": register, "bonus_malus": [bonus]}
    return replace(whole, commune=commune)


def test_every_list_prints_its_rows_and_names_do_no_harm(whole: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "now", lambda: datetime(2026, 11, 9, 12, tzinfo=UTC))
    account = "=zebulon<script>"
    alert = Finding("supervision.a", "wrong", HOSTILE, site=HOSTILE, names=(account,))
    unknown = Finding("tenant.x", "unknown", HOSTILE, names=(account,))
    history.note("lab", [alert, unknown])
    town = hostile(whole)
    made = make(town, HOSTILE, "lab", period("2026-11"), datetime(2026, 12, 3, tzinfo=UTC), lambda _: None, [])
    subject = paper(made, [])
    content = kind_of(made).data(subject)
    blocks = {block.key: block for section in kind_of(made).sections(content, subject) for block in section.blocks
              if isinstance(block, Table)}  # fmt: skip
    assert {*lists()} <= {*blocks}
    filled = {"incidents", "alerts", "committees", "actions", "bonus", "unread"}
    assert {name for name in lists() if blocks[name].rows} == filled
    from piste.papers.dossier.document import make as document
    from piste.papers.dossier.forms import as_page
    from piste.sites.dossiers import origin

    page = as_page(document(kind_of(made), subject, origin(whole, "lab")))
    assert "<script>" not in page
    assert "\u202e" not in page
    assert "zebulon" not in page + made.model_dump_json(), "the engineers’ page alone names accounts"


def test_a_report_is_written_kept_and_signed_and_then_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = tmp_path / "signe.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    made = CliRunner().invoke(main, ["month", "2026-11", "--to", str(tmp_path / "out")])
    assert made.exit_code == 3, made.output
    folder = tmp_path / "out/2026-11"
    assert {path.name for path in folder.iterdir()} == {"rapport.pdf", "rapport.html", "rapport.json", "rapport.csv"}
    assert (folder / "rapport.pdf").read_bytes().startswith(b"%PDF-")
    lines = [*csv.DictReader((folder / "rapport.csv").open(encoding="utf-8"))]
    assert [line["id"] for line in lines] == [*table().lines]
    assert {line["value"] for line in lines} == {""}
    first = kept.read("lab", "2026-11")
    assert first is not None
    for party in ("ville", "titulaire"):
        given = ["month", "2026-11", "--receive", str(scan), "--party", party, "--role", "DSI"]
        assert CliRunner().invoke(main, given).exit_code == 0
        assert CliRunner().invoke(main, given).exit_code == 4, "a party signs once"
    monkeypatch.setattr(history, "now", lambda: datetime(2026, 11, 9, 12, tzinfo=UTC))
    history.note("lab", [Finding("supervision.a", "wrong", "late")])
    again = CliRunner().invoke(main, ["month", "2026-11", "--format", "json"])
    assert kept.read("lab", "2026-11") == first
    assert '"party": "titulaire"' in again.output
    states = {finding.id: finding.state for finding in kept.findings(declared.derived("lab"), "lab")}
    assert states == {"months.report": "ok", "months.signed": "ok", "months.committee": "wrong",
                      "months.support": "unknown", "months.available": "unknown",
                      "months.bonus": "unknown"}  # fmt: skip
    path = kept.place("lab", "2026-11") / "result.json"
    path.write_bytes(path.read_bytes().replace(b'"noted":0', b'"noted":9'))
    with pytest.raises(kept.UnreadableReport):
        kept.read("lab", "2026-11")


def test_a_report_is_due_by_the_end_of_the_next_month(whole: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [*kept.findings(whole, "lab")] == []
    assert [finding.state for finding in kept.findings(whole, "production")] == ["unknown"]
    town = hostile(whole)
    kept.keep(make(town, "x", "lab", period("2026-10"), datetime(2026, 11, 3, tzinfo=UTC), lambda _: None, None))
    for today, state in ((DAY, "ok"), (DAY + timedelta(days=40), "wrong")):
        monkeypatch.setattr(kept, "today", lambda today=today: today)
        states = {finding.id: finding.state for finding in kept.findings(town, "lab")}
        assert states["months.report"] == state
        assert states["months.committee"] == "wrong"


def test_an_old_report_measures_nothing_now_and_a_committee_to_come_validates_nothing(
    whole: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = hostile(whole)
    committee = {**town.commune["committees"][0], "date": "2026-12-20"} if town.commune else {}
    commune: Any = {**(town.commune or {}), "committees": [committee]}
    made = make(town, "x", "lab", period("2026-11"), datetime(2026, 12, 3, tzinfo=UTC), lambda _: None, None)
    lines = [line.model_copy(update={"value": 1.0}) for line in made.lines]
    kept.keep(made.model_copy(update={"lines": lines}))
    for today, support in ((DAY, "ok"), (DAY + timedelta(days=70), "unknown")):
        monkeypatch.setattr(kept, "today", lambda today=today: today)
        states = {finding.id: finding.state for finding in kept.findings(replace(town, commune=commune), "lab")}
        assert (states["months.support"], states["months.committee"]) == (support, "wrong")


def test_what_is_not_a_period_or_not_begun_is_refused() -> None:
    for name, words in (("2026-13", "n’est pas une période"), ("2027-T1", "n’a pas commencé")):
        made = CliRunner().invoke(main, ["month", name])
        assert made.exit_code == 4, made.output
        assert words in made.output
    made = CliRunner().invoke(main, ["month", "2026-12"])
    assert "Provisoire" in made.output
    foreign = kept.folder("lab") / "2026-11 (copie)" / "result.json"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("{}")
    assert kept.names("lab") == [], "a folder of another name is no report"


def test_periods_know_their_neighbours() -> None:
    named = {name: (period(name).before.name, period(name).year_before.name) for name in ("2026-01", "2026-T1", "2026")}
    assert named == {"2026-01": ("2025-12", "2025-01"), "2026-T1": ("2025-T4", "2025-T1"), "2026": ("2025", "2025")}
    assert [period(name).short for name in ("2026-11", "2026-T4", "2026")] == ["11/2026", "T4/2026", "2026"]
    assert period("2026-T4").words == "quatrième trimestre 2026"
    assert period("2026-10").end.timestamp() - period("2026-10").start.timestamp() == (31 * 24 + 1) * 3600


def test_each_line_has_a_section_a_source_and_a_sense_where_its_worst_is_taken() -> None:
    every = table()
    assert {line.section for line in every.lines.values()} == {*every.sections}
    assert {line.of for line in every.lines.values()} == {*SOURCES}
    assert all(line.better for line in every.lines.values() if line.over == "worst")


def test_a_kept_report_is_noted_in_glpi_by_counts_and_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[Order] = []

    def watched(order: Order, *, check: bool) -> Played:
        orders.append(order)
        return Played()

    monkeypatch.setattr(progress, "watched", watched)
    assert CliRunner().invoke(main, ["month", "2026-11", "--glpi"]).exit_code == 3
    (report,) = orders[0].extra["changes_reports"]
    made = kept.read("lab", "2026-11")
    assert made is not None
    assert report["id"] == f"rapport 2026-11 {made.hash[:8]}"
    assert made.hash in report["said"]
    assert CliRunner().invoke(main, ["month", "2026-12", "--glpi"]).exit_code == 4
    assert len(orders) == 1


@pytest.mark.parametrize("legacy", [True, False])
def test_a_signed_report_goes_to_glpi_as_a_document_where_the_town_allows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, legacy: bool
) -> None:
    orders: list[Order] = []

    def watched(order: Order, *, check: bool) -> Played:
        orders.append(order)
        return Played()

    monkeypatch.setattr(progress, "watched", watched)
    town = declared.sound("lab")
    assert town.commune
    part: Any = {**(town.commune["glpi"] or {}), "legacy": legacy}
    monkeypatch.setattr(declared, "sound", lambda _: replace(town, commune={**town.commune, "glpi": part}))
    assert CliRunner().invoke(main, ["month", "2026-11"]).exit_code in (1, 3)
    made = kept.read("lab", "2026-11")
    assert made is not None
    scan = tmp_path / "signe.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    receive(kept.place("lab", "2026-11"), made, "ville", "DSI", scan, DAY.isoformat())
    said = CliRunner().invoke(main, ["month", "2026-11", "--glpi"])
    (report,) = orders[0].extra["changes_reports"]
    if not legacy:
        assert "documents" not in report
        assert "n’admet pas glpi.legacy" in said.output
        return
    (document,) = report["documents"]
    assert document["name"] == f"Piste rapport 2026-11 {made.hash[:8]} signe-ville"
    assert Path(document["path"]).read_bytes() == b"%PDF-1.7 signed"


def test_a_bag_has_the_kept_reports_with_their_seals(tmp_path: Path, whole: Town) -> None:
    assert of_bag._months(tmp_path / "none", whole, "lab") == 0
    now = datetime(2026, 11, 3, tzinfo=UTC)
    kept.keep(make(whole, whole.name, "lab", period("2026-10"), now, lambda _: None, None))
    assert of_bag._months(tmp_path / "mois", whole, "lab") == 1
    folder = tmp_path / "mois"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {"2026-10/preuves/result.json", *(f"2026-10/rapport.{form}" for form in ("pdf", "html", "json"))}


def test_the_portal_has_the_kept_reports_with_their_digest_and_signatures(whole: Town, tmp_path: Path) -> None:
    scan = tmp_path / "signe.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    for name, month in (("2026-10", 11), ("2026-09", 10), ("2026-08", 9)):
        now = datetime(2026, month, 3, tzinfo=UTC)
        made = kept.keep(make(hostile(whole), HOSTILE, "lab", period(name), now, lambda _: None, None))
        for party in ("ville", "titulaire")[: int(name[-2:]) - 8]:
            receive(kept.place("lab", name), made, party, HOSTILE, scan, DAY.isoformat())
    spoilt = kept.place("lab", "2026-08") / "result.json"
    spoilt.write_bytes(spoilt.read_bytes().replace(b'"noted":0', b'"noted":9'))
    read = _Reader()
    rows = _reports(read, "lab")
    assert [row[0].period for row in rows] == ["2026-09", "2026-10"]
    page = rendered(known(reports=rows, unread=read.unread), "town", "rapports.html")["rapports.html"].decode()
    assert page.index("Octobre 2026") < page.index("Septembre 2026")
    assert "✓ signé par les deux" in page
    assert "l’autre manque" in page
    assert all(row[0].hash[:16] in page for row in rows)
    assert "Ne se lit pas" in page
    assert "<script>&#x202e" not in page
