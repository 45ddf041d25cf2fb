"""Readings of the history come back as they were, in order, of a single environment."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from piste.readings.findings import findings
from piste.readings.table import SUBJECTS
from piste.sobriety.breakdown import Heading, Listing, Share, shares
from piste.sobriety.figures import figures
from piste.sobriety.footprint import footprint
from piste.sobriety.history import BadReading, Reading, keep, read_all, reference, schema
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from piste.sobriety.savings import savings
from tests.unit.sobriety.small import TODAY, capacity, pc, town


def made(day: str, *sleeping: bool | None) -> Reading:
    pcs = [pc(f"pc-{n}", None if asleep is None else 600 if asleep else 0, asleep) for n, asleep in enumerate(sleeping)]
    sources = (town(), Readings(capacity=capacity()), Imports(pcs=pcs), TODAY)
    return Reading(
        "lab", f"{day}T08:00:00+02:00", "0123abc", figures(*sources), footprint(*sources), savings(*sources)
    )


def test_a_reading_comes_back_as_it_was(tmp_path: Path) -> None:
    reading = made("2026-11-26", True, False, None)
    path = keep(tmp_path / "figures", reading)
    assert path.name == "2026-11-26.json"
    (kept,) = read_all(tmp_path / "figures", "lab")
    assert len(kept.digest) == 64
    again = keep(tmp_path / "again", replace(kept, digest=""))
    assert again.read_bytes() == path.read_bytes()
    figure = kept.figure("F1")
    assert figure is not None
    assert (figure.value, figure.failing, figure.unknown) == (pytest.approx(100 / 3), ["pc-1"], ["pc-2"])
    assert (figure.target and figure.target.at_least, figure.reached) == (90, False)
    assert kept.figure("F99") is None
    jsonschema.validate(json.loads(path.read_text("utf-8")), schema())


def test_breakdowns_and_lists_come_back_as_they_were(tmp_path: Path) -> None:
    verdicts = {"pc-1": True, "pc-2": False, "pc-3": None, "pc-4": None}
    by_site = [*shares("F1", "site", verdicts, lambda name: "ccas" if name < "pc-4" else "ctm", verdicts.get)]
    assert by_site == [
        Share("F1", "site", "ccas", 1, 3, pytest.approx(100 / 3), 1),
        Share("F1", "site", "ctm", 0, 1, None, 1),
    ]
    columns = [Heading("owner", "Cause"), Heading("computers", "Postes")]
    awake = Listing("awake", "Ce qui tient les postes éveillés", columns, [["audio", 3], [None, 1.5]])
    path = keep(tmp_path, replace(made("2026-11-26", True), breakdowns=by_site, lists=[awake]))
    (kept,) = read_all(tmp_path, "lab")
    assert (kept.breakdowns, kept.lists) == (by_site, [awake])
    jsonschema.validate(json.loads(path.read_text("utf-8")), schema())


def test_no_list_by_computer_is_kept(tmp_path: Path) -> None:
    awake = Listing("awake_computers", "Éveillés", [Heading("computer", "Poste"), Heading("hours", "Heures")],
                    [["PC-JAU-001", 41.5]])  # fmt: skip
    causes = Listing("awake", "Causes", [Heading("cause", "Cause")], [["pilote audio"]])
    path = keep(tmp_path, replace(made("2026-11-26", True), lists=[awake, causes]))
    (kept,) = read_all(tmp_path, "lab")
    assert kept.lists == [causes]
    assert "PC-JAU-001" not in path.read_text("utf-8")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_reading_kept_before_there_were_breakdowns_is_read_and_its_seal_verified(tmp_path: Path) -> None:
    # The file is of that time: the reading of `made("2026-11-26", True, False)`, kept by the version before.
    old = Path(__file__).parent / "kept" / "2026-11-26.json"
    assert "breakdowns" not in old.read_text("utf-8")
    (kept,) = read_all(old.parent, "lab")
    assert (kept.breakdowns, kept.lists) == ((), ())
    assert (figure := kept.figure("F1.sleep")) is not None
    assert figure.value == 50.0
    changed = tmp_path / old.name
    changed.write_text(old.read_text("utf-8").replace('"value": 50.0', '"value": 90.0', 1), "utf-8")
    with pytest.raises(BadReading, match="modifié"):
        read_all(tmp_path, "lab")


def test_the_first_is_the_reference(tmp_path: Path) -> None:
    for day, sleeping in (("2026-11-26", (True,)), ("2026-09-01", (False, True)), ("2026-10-01", (None,))):
        keep(tmp_path, made(day, *sleeping))
    kept = read_all(tmp_path, "lab")
    first = reference(kept)
    assert first is not None
    assert first.day == "2026-09-01"
    assert reference([]) is None


def test_a_second_reading_of_a_day_takes_the_place_of_the_first(tmp_path: Path) -> None:
    keep(tmp_path, made("2026-11-26", False))
    keep(tmp_path, made("2026-11-26", True))
    (kept,) = read_all(tmp_path, "lab")
    figure = kept.figure("F1")
    assert figure is not None
    assert figure.value == 100.0


def test_figures_of_another_environment_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    keep(tmp_path, made("2026-11-25", True))
    with pytest.raises(BadReading) as failure:
        read_all(tmp_path, "production")
    assert (failure.value.code, failure.value.kind) == ("PISTE-E091", "refused")
    assert "« lab », et non « production »" in str(failure.value)
    with pytest.raises(BadReading):
        keep(tmp_path, replace(made("2026-11-26", True), environment="production"))
    assert [path.name for path in tmp_path.iterdir()] == ["2026-11-25.json"]


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (lambda text: text.replace('"value": 100.0', '"value": 99.0', 1), "modifié depuis qu’il a été gardé"),
        (lambda text: text.replace("{", '{"more": 1,', 1), "modifié depuis qu’il a été gardé"),
        (lambda text: text.replace('"commit"', '"comit"'), "pas un relevé de sobriété de ce format"),
        (lambda text: text[:100], "pas un relevé de sobriété de ce format"),
    ],
)
def test_a_reading_that_was_changed_or_cut_is_refused(tmp_path: Path, edit: object, fault: str) -> None:
    path = keep(tmp_path, made("2026-11-26", True))
    path.write_text(edit(path.read_text("utf-8")), "utf-8")  # type: ignore[operator]
    with pytest.raises(BadReading, match=fault):
        read_all(tmp_path, "lab")


def test_the_last_figures_are_judged_while_they_are_recent_and_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    declared, subject = town(), [SUBJECTS["sobriety"]]
    assert findings(declared, "lab", subject) == []
    path = keep(tmp_path / "sobriety/readings", made("2026-11-26", True, False))
    said = {}
    for day in ("2026-11-26", "2027-11-26"):
        monkeypatch.setenv("PISTE_TODAY", day)
        (finding,) = findings(declared, "lab", subject)
        said[day] = (finding.state, finding.what)
    assert said["2026-11-26"] == ("ok", "relevé du 2026-11-26, 0 régression")
    assert said["2027-11-26"] == ("unknown", "relevé du 2026-11-26, 0 régression ; il a 365 jours")
    path.write_text(path.read_text("utf-8").replace("0123abc", "0123abd"), "utf-8")
    (finding,) = findings(declared, "lab", subject)
    assert (finding.state, "modifié" in finding.what) == ("unknown", True)
