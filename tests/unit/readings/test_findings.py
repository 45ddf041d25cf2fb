"""The findings of every judge: the worst first, each with its site, and never a traceback."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.finding import Finding
from piste.readings.certificates import kept
from piste.readings.findings import about, by_site, findings
from piste.readings.links import kept as links
from piste.readings.links.period import month_before
from piste.readings.links.reading import variables as link_variables
from piste.readings.logs import kept as logs
from piste.readings.logs.errors import UnreadTree
from piste.readings.table import READERS, SUBJECTS, Answer
from piste.town import declared
from piste.town.model import Fault
from piste.town.model.dates import now, today
from piste.town.model.derived import Derived
from tests.support.samples import SAMPLES
from tests.unit.bag.test_make import certificate_readings


@pytest.fixture(scope="module")
def town() -> Derived:
    return declared.rule()


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, arguments)


def facts(days: int, hours: float = 1) -> None:
    """Keep a certificate that ends in some days, read some hours ago."""
    at = now() - timedelta(hours=hours)
    made = certificate_readings("assistance", at.isoformat(timespec="seconds"))
    made["facts"]["assistance"]["not_after"] = (now() + timedelta(days=days)).isoformat()
    kept.keep("lab", [made])


def of(id_: str, town: Derived) -> Finding:
    (finding,) = [finding for finding in findings(town, "lab") if finding.id == id_]
    return finding


def test_an_expired_certificate_is_grave_and_says_who_acts_and_by_when(town: Derived) -> None:
    facts(-1)
    finding = of("certificates.assistance", town)
    assert (finding.state, finding.gravity, finding.who) == ("wrong", "critical", "systèmes")
    assert finding.by == (now() - timedelta(days=1)).date().isoformat()
    assert finding.todo
    assert findings(town, "lab")[0].id == "certificates.assistance"


def test_a_reading_past_its_age_is_unknown(town: Derived) -> None:
    facts(-1, hours=24 * 300)
    finding = of("certificates.assistance", town)
    assert finding.state == "unknown"
    assert "trop ancien" in finding.what


def test_a_judge_that_fails_leaves_its_subject_unknown(town: Derived, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (KeyError("state"), UnreadTree("le dossier manque"), OSError("disque")):
        monkeypatch.setattr(
            "piste.readings.certificates.kept.findings", lambda *_, error=error: (_ for _ in ()).throw(error)
        )
        (finding,) = findings(town, "lab", [SUBJECTS["certificates"]])
        assert (finding.id, finding.state, finding.todo) == ("certificates", "unknown", "piste certificates scan")


def test_a_declaration_with_errors_says_nothing_of_any_subject(town: Derived) -> None:
    wrong = replace(town, faults=[Fault("file.yml", 1, "PISTE-M001", "error", "faux", "")])
    assert {finding.state for finding in findings(wrong, "lab")} == {"unknown"}


def put_off(town: Derived, **changes: Any) -> Derived:
    day = now().date()
    entry = {
        "finding": "certificates.assistance", "name": "A. Durand", "reason": "Remplacé lundi",
        "start": day.isoformat(), "until": (day + timedelta(days=3)).isoformat(), **changes,
    }  # fmt: skip
    return replace(town, commune={**town.commune, "put_off": [entry]})  # type: ignore[typeddict-item, dict-item]


def test_what_is_put_off_stays_counted_and_says_who_and_why(town: Derived) -> None:
    facts(-1)
    known = put_off(town)
    finding = of("certificates.assistance", known)
    assert (finding.state, finding.gravity) == ("wrong", "critical")
    assert finding.put_off.startswith("reporté jusqu’au ")
    assert finding.put_off.endswith(" par A. Durand : Remplacé lundi")
    assert not [entry for entry in findings(known, "lab") if entry.id.startswith("put_off")]


@pytest.mark.parametrize(
    ("days", "changes", "why"),
    [
        (-1, {"until": "2026-01-02", "start": "2026-01-01"}, "il vaut du 2026-01-01 au 2026-01-02"),
        (-1, {"finding": "certificates.autre"}, "rien ne s’appelle ainsi"),
        (-1, {"finding": "certificates.ac-ville"}, "il est inconnu"),
    ],
)
def test_a_put_off_that_covers_nothing_is_a_finding(
    days: int, changes: dict[str, str], why: str, town: Derived
) -> None:
    facts(days)
    known = put_off(town, **changes)
    (vain,) = [entry for entry in findings(known, "lab") if entry.id.startswith("put_off")]
    assert (vain.state, vain.what.endswith(why)) == ("wrong", True)
    assert not any(entry.put_off for entry in findings(known, "lab"))


def test_the_access_of_a_guest_is_not_put_off(town: Derived, monkeypatch: pytest.MonkeyPatch) -> None:
    facts(-1)
    monkeypatch.setitem(SUBJECTS, "certificates", replace(SUBJECTS["certificates"], put_off=False))  # type: ignore[misc]
    assert not of("certificates.assistance", put_off(town)).put_off


def test_a_finding_is_put_off_for_ninety_days_at_most() -> None:
    from pydantic import ValidationError

    from piste.town.model.put_off import DeclaredPutOff

    entry = {"finding": "logs.nps", "name": "A", "reason": "B", "from": "2026-01-01"}
    assert DeclaredPutOff.model_validate({**entry, "until": "2026-04-01"}).until == "2026-04-01"
    for until in ("2026-04-02", "2026-01-01", "2025-01-01"):
        with pytest.raises(ValidationError, match="90 jours au plus"):
            DeclaredPutOff.model_validate({**entry, "until": until})


def test_a_site_is_as_its_worst_finding() -> None:
    every = [
        Finding("a.1", "ok", "", site="ccas"),
        Finding("a.2", "wrong", "", site="ccas"),
        Finding("a.3", "unknown", "", site="ctm"),
        Finding("a.4", "wrong", ""),
    ]
    assert by_site(every) == {"ccas": "wrong", "ctm": "unknown"}


def test_no_site_is_better_than_a_subject_that_is_unknown_as_a_whole() -> None:
    every = [
        Finding("runs.ccas", "ok", "", site="ccas"),
        Finding("runs.ctm", "wrong", "", site="ctm"),
        Finding("network", "unknown", "le magasin ne se lit pas"),
        Finding("computers", "unknown", "jamais"),
    ]
    assert by_site(every) == {"ccas": "unknown", "ctm": "wrong"}
    assert [finding.id for finding in about("ccas", every)] == ["runs.ccas", "network"]


def test_a_site_that_is_not_in_service_is_no_conform_site() -> None:
    said = run("findings", "nouveau-site")
    assert (said.exit_code, "n’est pas en service" in said.output) == (3, True)


def test_a_store_that_cannot_be_read_hides_no_finding(tmp_path: Path) -> None:
    (tmp_path / "state/lab").mkdir(parents=True, mode=0o700)
    (tmp_path / "state/lab/readings.db").write_bytes(b"rien" * 400)
    (tmp_path / "state/lab/readings.db").chmod(0o600)
    said = run("findings", "--open")
    assert said.exit_code == 3
    assert "jamais vérifié" in said.output
    assert "PISTE-E163" in said.output


def test_a_reader_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PISTE_LOGS_TREE", str(tmp_path / "none"))
    monkeypatch.setattr("piste.readings.links.reading.variables", lambda *_: (_ for _ in ()).throw(KeyError("month")))
    said = run("read", "links", "logs")
    assert said.exit_code == 3
    assert "? links : rien n’a été lu" in said.output
    assert "journaux" in said.output


def test_a_module_that_fails_takes_nothing_from_the_others(town: Derived) -> None:
    facts(90)
    at = now().isoformat(timespec="seconds")
    part = {"read_at": at, "facts": {}, "unread": {"ac-ville": "refusé"}}
    answer = Answer([None, part, None], {}, {})
    assert kept.take(town, "lab", answer) is False
    assert of("certificates.assistance", town).state != "unknown"
    assert of("certificates.ac-ville", town).what.endswith("refusé")


def test_a_broken_chain_of_seals_is_a_finding(town: Derived) -> None:
    check = {**SAMPLES["logs"]()["tree"], "chain": ["fichier 12 : sceau changé"], "read_at": now().isoformat()}
    check["figure"] = {**check["figure"], "state": "wrong"}
    logs.keep("lab", check)
    finding = of("logs.F12", town)
    assert (finding.state, finding.gravity, "fichier 12" in finding.what) == ("wrong", "critical", True)


def test_links_are_judged_by_the_month_that_is_over(town: Derived) -> None:
    (first, *_) = [entry for entry in findings(town, "lab") if entry.id.startswith("links.")]
    month = month_before(today())
    assert (first.state, first.todo) == ("unknown", f"piste links --month {month}")
    links.keep("lab", {**links.nothing("2024-01"), "measured_at": "2024-02-01T08:00:00+00:00"})
    assert of(first.id, town).state == "unknown"
    assert link_variables(town, "lab")["month"] == month
    links.keep("lab", {**links.nothing(month), "measured_at": now().isoformat()})
    assert link_variables(town, "lab")["month"] == f"{today():%Y-%m}"


def test_the_verb_lists_the_worst_first_in_each_form() -> None:
    facts(-1)
    said = run("findings", "--open")
    assert said.exit_code == 1
    lines = said.output.splitlines()
    assert lines[0].startswith("✗ à corriger  assistance")
    assert "grave · systèmes · avant le " in lines[1]
    assert lines[2].lstrip().startswith("→ ")
    assert "20 constats : jamais vérifié (" in said.output
    answer = json.loads(run("findings", "--format", "json").output)
    assert answer["state"] == "wrong"
    assert answer["findings"][0]["id"] == "certificates.assistance"
    rows = list(csv.DictReader(io.StringIO(run("findings", "--format", "csv").output)))
    assert rows[0]["state"] == "wrong"
    assert len(rows) == len(answer["findings"])


def test_the_verb_lists_a_site_alone_and_refuses_a_stranger() -> None:
    said = run("findings", "ecole-jaures", "--format", "json")
    assert {finding["site"] for finding in json.loads(said.output)["findings"]} == {"ecole-jaures"}
    refused = run("findings", "ecole-jaure")
    assert (refused.exit_code, "ecole-jaures" in refused.output) == (1, True)


def test_reading_again_notes_since_when(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PISTE_LOGS_TREE", str(tmp_path / "none"))
    said = run("read", "logs")
    assert "Sera demandé à : l’arbre du collecteur." in said.output
    assert "journaux" in said.output
    first = json.loads(run("findings", "--format", "json").output)["findings"]
    assert all(finding["since"] for finding in first if finding["state"] != "ok")


def test_what_was_read_is_not_due_and_what_was_not_is() -> None:
    from piste.commands.read import _wanted
    from piste.town import declared

    town = declared.derived("lab")
    by_day = [reader.name for reader in READERS.values() if not reader.at_night]
    due = [reader.name for reader in _wanted((), False, town, "lab")]
    assert [name for name in due if name in by_day] == by_day
    facts(90, hours=25)
    assert "certificates" in [reader.name for reader in _wanted((), False, town, "lab")]
    facts(90)
    assert "certificates" not in [reader.name for reader in _wanted((), False, town, "lab")]
    assert "certificates" in [reader.name for reader in _wanted((), True, town, "lab")]
    assert [reader.name for reader in _wanted(("tickets", "certificates"), False, town, "lab")] == ["certificates"]
    refused = run("read", "certificat")
    assert (refused.exit_code, "certificates" in refused.output) == (4, True)
