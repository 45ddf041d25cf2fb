"""The moment of a write: until when it is allowed, from when else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from piste.sites import moment

EVENINGS = {"days": ["monday", "tuesday", "wednesday", "thursday"], "start": "20:30", "end": "23:30"}
LATE = {"days": ["monday", "tuesday", "wednesday", "thursday"], "start": "22:30", "end": "02:00"}
FREEZE = {"from": "2026-11-24T22:00", "until": "2026-11-25T07:00", "except": ["piscine"], "why": "Élections"}
WINDOWS = {"ecole-jaures": EVENINGS, "malraux": EVENINGS, "piscine": LATE}


def said(monkeypatch: pytest.MonkeyPatch, now: str, *, asked: bool = True, freezes: Any = ()) -> list[str]:
    def declared(environment: str, names: Any) -> list[dict[str, Any]]:
        return [{"inventory_hostname": name, "piste_change_windows": asked, "freezes": freezes,
                 "change_windows": {"windows": [WINDOWS[name]]}} for name in names]  # fmt: skip

    monkeypatch.setattr(moment, "hosts", declared)
    return [*moment.lines("production", [*WINDOWS], datetime.fromisoformat(now))]


@pytest.mark.parametrize(
    ("now", "lines"),
    [
        ("2026-11-24T12:00", [
            "Pas d’écriture maintenant : hors de la fenêtre de changement (ecole-jaures, malraux). "
            "Prochaine ouverture : mardi 24/11 à 20:30.",
            "Pas d’écriture maintenant : hors de la fenêtre de changement (piscine). "
            "Prochaine ouverture : mardi 24/11 à 22:30.",
        ]),
        ("2026-11-24T21:00", [
            "Écriture permise maintenant, jusqu’à mardi 24/11 à 23:30 (ecole-jaures, malraux).",
            "Pas d’écriture maintenant : hors de la fenêtre de changement (piscine). "
            "Prochaine ouverture : mardi 24/11 à 22:30.",
        ]),
        ("2026-11-24T23:00", [
            "Écriture permise maintenant, jusqu’à mardi 24/11 à 23:30 (ecole-jaures, malraux).",
            "Écriture permise maintenant, jusqu’à mercredi 25/11 à 02:00 (piscine).",
        ]),
    ],
)  # fmt: skip
def test_what_may_be_written_now_and_when_the_rest_may(
    now: str, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(monkeypatch, now) == lines


def test_a_freeze_ends_a_window_and_forbids_all_but_its_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    before, *_ = said(monkeypatch, "2026-11-24T21:00", freezes=[FREEZE])
    assert before == "Écriture permise maintenant, jusqu’à mardi 24/11 à 22:00 (ecole-jaures, malraux)."
    during = said(monkeypatch, "2026-11-24T23:00", freezes=[FREEZE])
    assert during == [
        "Écriture permise maintenant, jusqu’à mercredi 25/11 à 02:00 (piscine).",
        "Pas d’écriture maintenant : les écritures sont gelées jusqu’au 2026-11-25 à 07:00 : Élections "
        "(ecole-jaures, malraux).",
    ]


def test_an_environment_that_is_always_written_has_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, "2026-11-24T12:00", asked=False) == []


def test_each_owner_has_the_windows_of_its_category_and_none_counts_in_the_lab() -> None:
    noon = datetime(2026, 11, 24, 12)
    production = [*moment.lines("production", ["commune", "piscine"], noon)]
    assert [line.partition(" (")[2].partition(")")[0] for line in production] == ["commune", "piscine"]
    assert production[1].endswith("Prochaine ouverture : mardi 24/11 à 22:30.")
    assert [*moment.lines("lab", ["commune", "piscine"], noon)] == []
