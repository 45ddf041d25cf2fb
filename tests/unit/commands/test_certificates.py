"""The verbs on certificates: last readings, codes of exit, the request of a renewal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.readings import store
from piste.readings.certificates import kept
from piste.sites.pushed import values
from piste.town import declared
from piste.town.model.freshness import ages
from tests.unit.bag.test_make import certificate_readings

READ_AT = "2026-11-27T12:00:00+00:00"


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_TODAY", "2026-11-27")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["certificates", *arguments])


def test_a_list_says_what_was_read_and_what_was_not() -> None:
    assert "14 certificats, jamais lus" in run("list").output
    kept.keep("lab", [certificate_readings("assistance", READ_AT)])
    listed = run("list").output
    assert "assistance             tls             2027-02-23" in listed
    assert "fin inconnue" in listed


def test_what_was_never_read_is_unknown_and_what_expired_is_wrong() -> None:
    never = run("due")
    assert never.exit_code == 3
    assert never.output.count("piste certificates scan") == 1
    assert "12 certificats pas encore lus : " in never.output
    readings = certificate_readings("assistance", READ_AT)
    readings["facts"]["assistance"]["not_after"] = "2026-11-01T00:00:00+00:00"
    kept.keep("lab", [readings])
    said = run("due")
    assert (said.exit_code, "expiré depuis le 01/11/2026" in said.output) == (1, True)
    figure = json.loads(run("due", "--format", "json").output)["figure"]
    assert (figure["expired"], figure["total"]) == (["assistance"], 14)


def test_what_does_not_answer_any_more_is_said_and_no_scan_is_conform(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its former reading is believed; GLPI that is silent takes no ticket away."""
    tickets = {"open": {"assistance": 7}, "closed": [], "unread": ""}
    kept.keep("lab", [{**certificate_readings("assistance", READ_AT), "tickets": tickets}])
    silent = {"read_at": "2026-11-28T11:00:00+00:00", "facts": {}, "unread": {"assistance": "connexion refusée"}}
    monkeypatch.setenv("PISTE_TODAY", "2026-11-28")
    kept.keep("lab", [{**silent, "tickets": {"open": {}, "closed": [], "unread": "GLPI ne répond pas"}}])
    due = run("due")
    assert "relu en vain le 28/11/2026 à 12:00 : connexion refusée" in due.output
    assert "relu en vain le 28/11/2026 à 12:00 : GLPI ne répond pas" in due.output
    answer = json.loads(run("due", "--format", "json").output)
    assert [finding["id"] for finding in answer["silences"]] == ["certificates.silence", "tickets.silence"]
    assert kept.last("lab", ages(declared.town("lab"))).tickets.value == tickets  # type: ignore[union-attr]
    assert "assistance             tls             2027-02-23" in run("list").output
    assert "assistance" not in answer["figure"]["unknown"]


def test_a_request_has_the_ticket_and_the_steps_of_the_authority() -> None:
    said = run("request", "signature-actes").output
    assert "- Durée à demander : 47 jours au plus" in said
    assert "- [ ] À l’alerte, ouvrir le ticket" in said
    assert "not_after" in said
    assert "not_after" not in run("request", "site-de-la-ville").output
    missing = run("request", "signature-acte")
    assert (missing.exit_code, "signature-actes" in missing.output) == (1, True)


def test_what_was_read_too_long_ago_is_unknown_and_says_since_when(monkeypatch: pytest.MonkeyPatch) -> None:
    kept.keep("lab", [certificate_readings("assistance", READ_AT)])
    monkeypatch.setenv("PISTE_TODAY", "2027-09-27")
    said = run("due")
    assert "lu le 27/11/2026 à 13:00, trop ancien pour le dire encore (piste certificates scan)" in said.output
    figure = json.loads(run("due", "--format", "json").output)["figure"]
    assert ("assistance" in figure["unknown"], "assistance" in figure["expired"]) == (True, False)
    town = declared.derived("lab")
    read = kept.last("lab", ages(town))
    assert read.facts == {}, "what the bag shows"
    assert town.commune
    assert [value for value in values(town.commune, [], read) if "certificat" in value["host"]] == []


def test_readings_that_are_not_ours_are_said_and_stop() -> None:
    kept.keep("lab", [certificate_readings("assistance", READ_AT)])
    store.place("lab").write_bytes(b"{}" * 600)
    said = run("list")
    assert (said.exit_code, "PISTE-E163" in said.output) == (1, True)
