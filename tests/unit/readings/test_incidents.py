"""Security incidents have no title, and are not none where none was read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.readings import store
from piste.readings.belief import Reading, Unread
from piste.readings.table import Answer
from piste.readings.tenant import incidents, kept
from piste.town import declared
from piste.town.model.dates import now, today
from piste.town.model.derived import Derived
from tests.support.microsoft import run, simulator

HOSTILE = "\x1b[31m<script>'); DROP --"


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Derived:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    return declared.sound("lab")


@pytest.fixture(scope="module")
def read() -> dict[str, Any]:
    return run("microsoft_tenant", simulator())


def take(town: Derived, read: Mapping[str, Any], rows: list[dict[str, Any]] | None) -> None:
    """Keep a reading of the tenant with these incidents; None: Defender is out of scope."""
    parts = {name: part for name, part in read["parts"].items() if name != "incidents"}
    parts |= {"incidents": rows} if rows is not None else {}
    assert kept.take(town, "lab", Answer({**read, "parts": parts, "read_at": now().isoformat()}, {}, {}))


def of_today(read: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**row, "opened": now().isoformat(), "updated": None} for row in read["parts"]["incidents"]]


def states(town: Derived) -> dict[str, tuple[str, str]]:
    return {made.id: (made.state, made.gravity) for made in incidents.findings(town, "lab")}


def incident(id_: str, opened: str, severity: str = "low", state: str = "closed") -> dict[str, Any]:
    usual = {"updated_on": None, "kind": "", "cause": ""}
    return {"id": id_, "opened_on": opened, "severity": severity, "state": state, **usual}


def test_open_incidents_of_defender_are_findings_without_their_title(town: Derived, read: dict[str, Any]) -> None:
    assert {row["id"] for row in read["parts"]["incidents"]} == {"2972395", "2972396", "2972397"}, "of 100 days"
    assert "agent1" not in json.dumps(read["parts"]["incidents"])
    take(town, read, of_today(read))
    assert states(town) == {"incidents.2972395": ("wrong", "critical")}
    (figure,) = incidents.figures(town, "lab")
    assert (figure.value, figure.said) == (2, "2 incidents en 30 jours"), "what was merged is not counted twice"
    last = kept.last(town, "lab")["incidents"]
    assert isinstance(last, Reading)
    assert last.value[0]["cause"] == "malware"


def test_a_town_without_defender_is_not_without_incidents(town: Derived, read: dict[str, Any]) -> None:
    take(town, read, None)
    assert [*incidents.figures(town, "lab")] == []
    (finding,) = incidents.findings(town, "production")
    assert (finding.id, finding.state) == ("incidents.read", "unknown")
    store.keep(incidents.SUBJECT, "lab", {"console": Reading([], now())})
    take(town, read, None)
    assert states(town) == {"incidents.open": ("ok", "major")}, "a table outlives the reading of a tenant"


def test_what_is_no_incident_is_unknown(town: Derived, read: dict[str, Any]) -> None:
    take(town, read, [{"id": 7}])
    (figure,) = incidents.figures(town, "lab")
    assert figure.value is None
    last = incidents.known(town, "lab")["defender"]
    assert isinstance(last, Unread)
    assert last.why == "la réponse n’a pas la forme attendue"
    take(town, read, [{**of_today(read)[0], "status": "awaitingAction", "severity": "unknownFutureValue"}])
    assert states(town) == {"incidents.2972395": ("wrong", "major")}, "a word that Graph adds is no closure"


def test_a_month_is_counted_by_hand(town: Derived) -> None:
    rows: Any = [
        incident("a", "2026-10-31"), incident("b", "2026-11-01", "high"), incident("c", "2026-11-30", "high", "open"),
        incident("d", "2026-11-15", "unknown"), incident("e", "2026-12-01"),
    ]  # fmt: skip
    counts = {"opened": 3, "high": 2, "medium": 0, "low": 0, "informational": 0, "unknown": 1, "open": 1}
    assert incidents.month(rows, "2026-11") == counts


def test_the_table_of_a_console_says_all_its_faults_and_no_command(town: Derived, tmp_path: Path) -> None:
    table = tmp_path / "incidents.csv"
    table.write_text(
        f"Incident;Ouvert le;Statut;Gravité;Cause\n{HOSTILE};{today():%d/%m/%Y};en cours;haute;{HOSTILE}\n"
    )
    done = CliRunner().invoke(main, ["read", "incidents", "--from", str(table)], catch_exceptions=False)
    if done.exit_code == 0:
        (finding,) = incidents.findings(town, "lab")
        assert finding.state == "wrong"
        assert "\x1b" not in f"{finding.id}{finding.what}"
    assert "\x1b" not in done.output
    table.write_text(
        "id,opened_on,state,severity\n,2026-11-01,open,high\na,,vu,forte\nb,2026-11-01,open,low\nb,2026-11-01,open,low\n"
    )
    done = CliRunner().invoke(main, ["read", "incidents", "--from", str(table)])
    assert done.exit_code != 0
    assert all(word in done.output for word in ("5 fautes", "« vu »", "« forte »", "deux fois"))
    table.write_text("numéro,quoi\n1,x\n")
    done = CliRunner().invoke(main, ["read", "incidents", "--from", str(table)])
    assert done.exit_code != 0
    assert "opened_on" in done.output


def test_an_old_table_is_believed_no_more(town: Derived) -> None:
    store.keep(
        incidents.SUBJECT, "lab", {"console": Reading([incident("a", "2026-10-01")], now() - timedelta(days=40))}
    )
    assert states(town) == {"incidents.read": ("unknown", "major")}
