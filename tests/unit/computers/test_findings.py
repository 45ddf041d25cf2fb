"""The finding of the doctor, the table of the bag: silence, refusals, rights, no session."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from piste.exports.bag.contents import Contents
from piste.exports.bag.read_tables import COMPUTERS
from piste.readings.computers.findings import collected
from piste.readings.computers.kept import NOTHING, Kept
from piste.readings.computers.table import Row
from tests.unit.sobriety.small import whole
from tests.unit.sobriety.test_figures_computers import kept, roles

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def said(made: Kept, rollout: str = "enforced", **collection: Any) -> list[tuple[str, str, str]]:
    town = whole()
    assert town.commune
    measures = {**cast("dict[str, Any]", town.commune["computer_measures"]), "state": rollout}
    commune = {**town.commune, "computer_measures": measures}
    if made.collection:
        made = made._replace(collection=made.collection.model_copy(update={"rights": [], **collection}))
    shown = replace(town, commune=commune)  # type: ignore[arg-type]
    return [(finding.id, finding.state, finding.what) for finding in collected(shown, made, NOW)]


def test_nothing_is_said_where_nothing_is_rolled_out_and_read() -> None:
    assert said(NOTHING, "off") == []
    assert said(NOTHING) == [("computers", "unknown", "les postes n’ont jamais été relevés")]


def test_silence_and_refusals_are_said() -> None:
    refused, silent = said(kept())
    assert refused[1] == "wrong"
    assert refused[2] == "6 fichiers de mesure refusés", "their names may be those of persons"
    assert silent == ("computers.silent", "unknown", "264 des 294 postes en service sont mesurés, 30 ne disent rien")
    assert said(NOTHING._replace(silence="éteint"))[0][1:] == (
        "unknown", "le partage des mesures n’a pas répondu : éteint"
    )  # fmt: skip


def test_a_share_that_was_not_read_whole_is_never_good() -> None:
    partial = said(kept(), state="partial", why="plus de 20000 noms", refused=[], more=0)
    assert partial[0][:2] == ("computers", "unknown")
    assert partial[0][2] == "le partage des mesures n’a pas été lu en entier : plus de 20000 noms"
    assert [state for _, state, _ in partial if state == "ok"] == []


@pytest.mark.parametrize(("rights", "state"), [(None, "unknown"), (["x : en liste les fichiers"], "wrong")])
def test_the_rights_of_the_share_are_said(rights: list[str] | None, state: str) -> None:
    assert said(kept(), rights=rights)[0][:2] == ("computers.share", state)


def test_the_bag_has_the_settings_of_each_computer_and_none_of_its_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_TODAY", "2026-11-26")
    rows = list(COMPUTERS.rows(Contents(Path(), computers=kept()), whole()))
    assert {row["name"] for row in rows} == {name for name, role in roles().items() if role != "silent"}
    hours = {"taken_at", "silent_since", "nights", "slept", "stopped", "defied", "awake_hours", "main_cause"}
    assert {column.name for column in COMPUTERS.columns} == set(Row.__annotations__) - hours
