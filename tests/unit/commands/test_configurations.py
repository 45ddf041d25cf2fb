"""The verbs of the kept configurations, over given exports in place of the systems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.commands import configurations
from piste.exports.bag.reading import Answers
from piste.exports.configurations.keep import collected
from piste.readings.protection import kept
from tests.support.bags import exported

LATER = {"printing/print_queues": {"print_queues": []}}


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run `keep` over an export of a night."""
    for name in ("configurations", "state", "journal"):
        monkeypatch.setenv(f"PISTE_{name.upper()}_DIR", str(tmp_path / name))
    monkeypatch.setenv("PISTE_TODAY", "2026-11-28")

    def run(
        read_at: str, answers: Answers | None = None, secrets: dict[str, str] | None = None, **given: Any
    ) -> Result:
        folder = exported(tmp_path / read_at[:10], **given)
        made = collected(folder, answers or Answers(), read_at, secrets or {})
        monkeypatch.setattr(configurations, "_exported", lambda environment: made)
        return said("keep")

    return run


def said(*words: str) -> Result:
    return CliRunner().invoke(main, ["configurations", *words])


def test_a_night_is_kept_said_listed_checked_and_extracted(night: Any, tmp_path: Path) -> None:
    first, again = night("2026-11-26T02:00:00Z"), night("2026-11-27T02:00:00Z")
    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    assert ", commit " in first.output
    assert "rien n’a changé, aucun commit" in again.output
    third = night("2026-11-28T02:00:00Z", **LATER)
    assert third.exit_code == 0
    shown = said("changes").output
    assert "- print_queue imp-jau-01 – hors de Piste" in shown
    (data,) = json.loads(said("changes", "--format", "json").output)
    assert [(change["key"], change["action"], change["outside"]) for change in data["changes"]] == [
        ("imp-jau-01", "delete", ["*"])
    ]
    assert "2 nuits où quelque chose a changé." in said("list").output
    checked = said("check")
    assert checked.exit_code == 0, checked.output
    assert "2 nuits, chaque objet relu" in checked.output
    assert said("extract", "--to", str(tmp_path / "extrait"), "--at", "2026-11-27").exit_code == 0
    assert "imp-jau-01" in (tmp_path / "extrait/printing/print_queues.yml").read_text("utf-8")
    assert said("extract", "--to", str(tmp_path / "extrait")).exit_code == 4
    assert said("extract", "--to", str(tmp_path / "rien"), "--at", "2026-11-01").exit_code != 0
    assert said("prune").output == "Rien à retirer.\n"
    (reading,) = kept.last("lab").values()
    assert [copy["taken_at"] for copy in reading["copies"]] == ["2026-11-26T02:00:00Z", "2026-11-28T02:00:00Z"]


def test_before_the_first_night_nothing_is_known(night: Any) -> None:
    assert said("changes").output == "Rien n’a changé.\n"
    assert (said("check").exit_code, "aucune nuit n’est gardée" in said("check").output) == (3, True)


def test_a_silent_system_and_a_secret_are_said_and_leave_their_codes(night: Any) -> None:
    silent = night("2026-11-26T02:00:00Z", Answers(failed={"hosting": "Prism n’a pas\x1b[31m répondu"}))
    assert (silent.exit_code, "! hébergement : inconnu, derniers fichiers gardés." in silent.output) == (3, True)
    assert "\x1b" not in silent.output
    leak = night("2026-11-27T02:00:00Z", secrets={"firewall/policies.yml": "valeur du secret smc/api_key"}, **LATER)
    assert (leak.exit_code, "! firewall/policies.yml : écarté" in leak.output) == (4, True)


def test_an_old_year_goes_whole_and_only_when_asked(night: Any, tmp_path: Path) -> None:
    for year in ("2019", "2026"):
        night(f"{year}-11-26T02:00:00Z", **({} if year == "2019" else LATER))
    refused = CliRunner().invoke(main, ["configurations", "prune"], input="non\n")
    assert (refused.exit_code, (tmp_path / "configurations/lab/2019.git").is_dir()) == (4, True)
    assert said("prune", "--yes").output == "2019 : retiré.\n"
    assert [path.name for path in (tmp_path / "configurations/lab").glob("*.git")] == ["2026.git"]
    assert "2026 : 1 nuit" in said("check").output
