"""The last verification of a site as a finding."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from piste.readings import store
from piste.readings.belief import Reading
from piste.sites.constat import Constat
from piste.sites.verified import findings
from piste.town import declared
from tests.support.dossier import verification


@pytest.mark.parametrize(
    ("verdicts", "state", "gravity", "said"),
    [
        (["conform", "untested"], "ok", "minor", "0 test non conforme, 0 inconnu"),
        (["conform", "kept", "kept"], "wrong", "minor", "0 inconnu, 2 gardés tels que trouvés"),
        (["kept", "unknown"], "unknown", "major", "1 inconnu, 1 gardé tel que trouvé"),
        (["kept", "wrong"], "wrong", "major", "1 test non conforme, 0 inconnu, 1 gardé tel que trouvé : essai"),
    ],
)
def test_what_is_kept_as_found_is_a_minor_finding_that_says_who_decides(
    verdicts: list[Any], state: str, gravity: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    constat = Constat()
    for rank, verdict in enumerate(verdicts):
        constat.add(f"essai.{rank}", "Réseau", "essai", "ceci", "cela", verdict, reason="dite")
    record = verification(site="ccas", tests=constat.tests)
    kept = {"ccas": Reading(record, datetime.now(UTC))}
    monkeypatch.setattr(store, "last", lambda *given: kept)
    (made,) = [each for each in findings(declared.rule(), "lab") if each.site == "ccas"]
    assert (made.state, made.gravity) == (state, gravity)
    assert made.what.endswith(said)
    assert ("DSI" in made.todo) == (gravity == "minor" and state == "wrong")
