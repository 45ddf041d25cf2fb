"""From the first measure to the second year, in process: the story of `docs/sobriete.md`."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import html

from lab import sobriety_samples
from piste.cli import main
from piste.runs.plans import progress
from piste.sobriety import history, report
from piste.sobriety.history import Reading
from piste.sobriety.regressions import regressions
from piste.sobriety.rollout import NotYet
from piste.sobriety.since import Since, since
from piste.sobriety.trends import trends
from piste.town.model import Town
from tests.support.sober_town import SoberTown
from tests.unit.repository.tree import ROOT

LEVERS = ("veille-postes", "impression", "wifi-hors-heures")
HALL, SCHOOL, LIBRARY = "hotel-de-ville", "ecole-jaures", "mediatheque"


def value(reading: Reading, name: str) -> float | None:
    figure = reading.figure(name)
    assert figure
    return figure.value


def kept() -> list[Reading]:
    return history.read_all(report.folder_of_readings("lab"), "lab")


def saved(town: Town) -> Since:
    result = since(kept(), town.sobriety.prices, town.sobriety.alerts.gap_days)
    assert result
    return result


def alerts(town: Town) -> list[tuple[str, str, str]]:
    return [(alert.kind, alert.where, alert.since) for alert in regressions(town, kept())]


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoberTown:
    return SoberTown(tmp_path, monkeypatch)


@pytest.mark.story
def test_two_years(town: SoberTown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Measure and diagnose: the town wastes, and the first reading is the reference.
    first = town.reading("2027-01-04")
    assert (value(first, "F7.queues"), value(first, "F8"), value(first, "F1.policy")) == (0, 0, 0)
    assert (value(first, "F1.answered") or 100) < 10
    assert value(first, "F3") is None

    # Inform, pilot, observe, generalise: a lever skips neither the information nor its observation.
    for lever in LEVERS:
        town.step(lever, "diagnosis", "2027-01-04")
    with pytest.raises(NotYet, match="le pilote demande d’abord l’information"):
        town.step("impression", "pilot", "2027-01-05")
    for lever in LEVERS:
        town.step(lever, "information", "2027-01-05")
        town.step(lever, "pilot", "2027-01-11")
    with pytest.raises(NotYet, match="l’observation dure jusqu’au 2027-01-25"):
        town.step("impression", "general", "2027-01-12")
    for lever in ("impression", "wifi-hors-heures"):
        town.step(lever, "general", "2027-01-25")
    town.step("veille-postes", "general", "2027-02-08")
    february = town.reading("2027-02-28")
    assert (value(february, "F7.queues"), value(february, "F8"), value(february, "F1.policy")) == (100, 100, 100)
    assert (value(february, "F1.answered") or 0) > 90
    assert alerts(town.on("2027-02-28")) == []

    # A hand puts the Wi-Fi of the library back to all hours: the report of the month says so, and fails its timer.
    town.undone[LIBRARY] = "wifi-hors-heures"
    monkeypatch.setattr(progress, "watched", lambda order, check: town.play(order))
    town.reading("2027-04-30")
    assert alerts(town.on("2027-04-30")) == [("undone", LIBRARY, "2027-04-30")]
    said = CliRunner().invoke(
        main, ["sobriety", "report", "--imports", str(town.imports), "--out", str(tmp_path / "out")]
    )
    assert said.exit_code == 2, said.output
    assert page_lines(said.output) == []
    board = json.loads((tmp_path / "out/tableau-de-bord-2027-04.json").read_text("utf-8"))["content"]
    assert board["alerts"][0]["kind"] == "undone"
    with (tmp_path / "out/tableau-de-bord-2027-04-ventilation.csv").open(encoding="utf-8", newline="") as file:
        assert {row["by"] for row in csv.DictReader(file)} >= {"site"}
    town.undone.clear()
    town.reading("2027-06-30")
    assert alerts(town.on("2027-06-30")) == []

    # An event spares the school, and is no regression; a switch that is silent is unknown, never undone.
    town.spare(SCHOOL, "2027-09-25", "2027-10-02")
    town.silent.add(HALL)
    september = town.reading("2027-09-30")
    plan = september.figure("F8")
    assert plan
    assert ([left.name for left in plan.excluded if left.name == SCHOOL], plan.unknown) == ([SCHOOL], [HALL])
    assert alerts(town.on("2027-09-30")) == [("silent", "", "2027-09-30")]
    town.silent.clear()

    # A site is taken back: it is not undone by hand, and it counts no longer.
    town.step("wifi-hors-heures", "reverted", "2027-10-04", LIBRARY, why="Couverture insuffisante le soir")
    december = town.reading("2027-12-31")
    assert december.figure("F8").failing[0].startswith(LIBRARY)  # type: ignore[union-attr]
    assert [kind for kind, where, _ in alerts(town.on("2027-12-31")) if where == LIBRARY] == []

    # A year: F2 and F6 over twelve months.
    year = town.reading("2028-01-31")
    assert -25 <= (value(year, "F2") or 0) <= -15
    assert (value(year, "F6") or 0) <= -30
    gains = saved(town.on("2028-01-31"))
    assert (gains.start, gains.until, gains.gaps, gains.unpriced) == ("2027-01-04", "2028-01-31", [], 0)
    assert [month.month for month in gains.months] == [f"2027-{month:02d}" for month in range(1, 13)] + ["2028-01"]
    assert sum(month.days for month in gains.months) == 27 + 365
    # By hand: 104 computers use 151 then 121 kWh a year; a window counts where both of its ends are sober. Of the
    # meters, the mean of a year falls at once in these samples.
    assert gains.parts["F22.metered_pc"].value == pytest.approx((149 - 121) * 104 * 337 / 365)
    assert gains.euros
    assert gains.euros.value == pytest.approx(
        0.21 * (gains.measured.value + gains.estimated.value) + 0.01 * gains.sheets.value
    )

    # The second year: the first diagnosis stays the reference of the savings, and the targets are no longer to fall.
    town.target("F6: {at_most: -30", "F6: {at_most: 0")
    second = town.reading("2028-04-30")
    pages = second.figure("F6")
    assert pages
    assert pages.target
    assert pages.target.at_most == 0
    after = saved(town.on("2028-04-30"))
    assert after.start == "2027-01-04"
    assert after.months[:12] == gains.months[:12]
    followed = {trend.figure: trend for trend in trends(kept(), "2028-04-30")}
    assert [point.value is None for point in followed["F8"].points] == [
        month not in {reading.day[:7] for reading in kept()} for month in _months()
    ]


def test_a_table_that_grew_old_is_unknown_and_no_loss(
    town: SoberTown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing changes: at the second reading the settings of computers are too old to be known."""
    town.reading("2027-01-04", tables="2026-11-26")
    town.reading("2027-01-25", tables="2026-11-26")
    gains = saved(town.on("2027-01-25"))
    assert (gains.estimated, gains.measured) == ((0, 0, 0), (0, 0, 0))
    assert [(gap.lever, gap.start, gap.until, gap.silent) for gap in gains.unread] == [
        (lever, "2027-01-04", "2027-01-25", None) for lever in ("veille-postes", "arret-postes")
    ]

    monkeypatch.setattr(progress, "watched", lambda order, check: town.play(order))
    sobriety_samples.write(town.imports, date(2026, 11, 26))
    said = CliRunner().invoke(
        main, ["sobriety", "report", "--imports", str(town.imports), "--out", str(tmp_path / "out")]
    )
    # What is silent everywhere is said once, not again site by site; nothing is said to be lost.
    assert said.exit_code == 2, said.output
    raised = [line for line in said.output.splitlines() if line.startswith("! ")]
    assert raised
    assert all("d’inconnus" in line or "données : " in line for line in raised), raised
    assert not any(re.match(r"! \d+ sites", line) for line in raised), raised
    board = json.loads((tmp_path / "out/tableau-de-bord-2027-01.json").read_text("utf-8"))["content"]
    assert {gap["lever"] for gap in board["since"]["unread"]} == {"veille-postes", "arret-postes"}
    text = html.fromstring((tmp_path / "out/tableau-de-bord-2027-01.html").read_text("utf-8")).text_content()
    first = text.partition("Gains depuis le premier diagnostic")[2].partition("premières alertes")[0]
    detail = text.partition("Ce qui n’a pas été relu")[2].partition("Prix de l’énergie")[0]
    assert "du 04/01/2027 au 25/01/2027" in first
    assert "du 04/01/2027 au 25/01/2027" in detail
    assert not re.search(r"[-−]\s?\d", first + detail)


def _months() -> list[str]:
    return [f"2027-{month:02d}" for month in range(1, 13)] + [f"2028-{month:02d}" for month in range(1, 5)]


def page_lines(output: str) -> list[str]:
    """List the lines of the page's report of a regression that the output lacks."""
    page = (ROOT / "docs/sobriete.md").read_text("utf-8")
    (shown,) = re.findall(r"(?<=```text\n\$ piste sobriety report\n).*?(?=```)", page, re.DOTALL)
    return [line for line in shown.splitlines() if line not in output]
