"""The verb, the page of the portal, the bag: what a person reads of conformity."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.finding import Finding
from piste.exports.portal.conformity import conformity as page
from piste.exports.portal.known import Known
from piste.papers.frameworks.clauses import clauses
from piste.sites.conformity import Facts, judge
from piste.town import declared
from piste.town.model import Town


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def town() -> Town:
    return declared.town("lab")


def run(*words: str) -> tuple[int, str]:
    made = CliRunner().invoke(main, ["conformity", *words])
    assert made.exception is None or isinstance(made.exception, SystemExit), made.output
    return made.exit_code, made.output


def test_the_verb_counts_lists_and_shows_a_clause() -> None:
    code, text = run()
    assert code in (1, 3)
    assert text.splitlines()[0].startswith("tender (Cahier des clauses techniques particulières) : 150 clauses, ")
    assert "recyf (Référentiel cyber France, volontaire)" in text
    code, text = run("tender", "R130")
    assert code == 3
    assert text.splitlines()[0] == (
        "inconnue  R130 (6.1) Le plan de réversibilité existe, et a moins d’un an · titulaire du marché"
    )
    assert "  ? plan de réversibilité : nul ne l’a inscrit" in text
    assert "avec sa preuve (act: plan-reversibilite)" in text
    assert "par un acte seul : un plan s’approuve" in text
    _, text = run("--format", "csv")
    rows = [*csv.DictReader(io.StringIO(text.lstrip("\ufeff")))]
    assert len(rows) == len(clauses())
    assert {row["verdict"] for row in rows} <= {"kept", "broken", "unknown", "outside"}
    _, text = run("tender", "R999")
    assert text.startswith("PISTE-E020 « R999 » n’est pas une clause de tender")


def test_no_clause_names_the_accounts_of_its_findings() -> None:
    account = "=zebulon<script>\u202e"
    wrong = Finding("tenant.MS.AAD.1.1v1", "wrong", "MS.AAD.1.1v1 : 1 compte", names=(account,))
    judged = repr(judge(Facts(findings=[wrong])))
    assert "1 compte" in judged
    assert "zebulon" not in judged


def test_the_page_has_what_each_edition_may_see(town: Town) -> None:
    known = replace(Known(town, "lab", "2026-12-01T10:00:00+01:00", "", True), conformity=judge(Facts()))
    made = page(known)
    wide = [part for part in made.parts if part.audience == "engineer"]
    narrow = [part for part in made.parts if part.audience == "town"]
    assert {part.section.key for part in wide} == {"tender", "directory", "hygiene", "logs", "recyf"}
    said = str([part.section for part in narrow])
    assert "piste verify" not in said, "the town reads no command"
    assert "volontaire" in said
