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
from piste.readings.findings import by_site, findings
from piste.readings.logs.errors import UnreadTree
from piste.readings.table import READERS, SUBJECTS
from piste.town import declared
from piste.town.model import Fault
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from tests.unit.bag.test_make import certificate_readings


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))


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
    assert [reader.name for reader in _wanted((), False, town, "lab")] == [*READERS]
    facts(90, hours=25)
    assert "certificates" in [reader.name for reader in _wanted((), False, town, "lab")]
    facts(90)
    assert "certificates" not in [reader.name for reader in _wanted((), False, town, "lab")]
    assert "certificates" in [reader.name for reader in _wanted((), True, town, "lab")]
    assert [reader.name for reader in _wanted(("tickets", "certificates"), False, town, "lab")] == ["certificates"]
    refused = run("read", "certificat")
    assert (refused.exit_code, "certificates" in refused.output) == (4, True)
