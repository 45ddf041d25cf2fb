"""Figures of links, computed by hand, and what is said of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from lab.declared import declared_town
from piste.cli import main
from piste.commands.links import COLUMNS
from piste.engine.converge.errors import Misused
from piste.readings import store
from piste.readings.links import kept
from piste.readings.links.declared import operator_of, town_links
from piste.readings.links.figures import figures
from piste.readings.links.period import bounds, month_before
from piste.runs.plans.play import Order, Played, Trouble
from piste.systems.zabbix.link_measures import Hour, Measure, measure
from piste.town.model.dates import today

MONTH = "2026-09"
MINUTES = 30 * 24 * 60
"""Minutes of the month, each with a measure where all were made."""
DAY = "2026-09-{:02}T00:00:00+00:00"
NAME, PORT = "ineo-jau", "QZZZ-0000-0001/5"


def made(up: int = MINUTES, pings: int = MINUTES, **given: Any) -> Measure:
    nothing = {"latency_sum": 0.0, "latency_count": 0, "p95": None, "raw": 0, "loss_sum": 0.0, "loss_count": 0}
    return Measure(**{"interval": 60.0, "pings": pings, "up": up, "doubtful": 0, **nothing, **given})  # type: ignore[typeddict-item]


def readings(measured: Measure | None = None, **days: Any) -> kept.Readings:
    return kept.Readings(
        month=MONTH,
        measured_at="2026-10-01T08:00:00+00:00",
        measures={NAME: measured} if measured else {},
        traffic_at="2026-10-01T08:00:00+00:00" if days else "",
        traffic=days.get("traffic", {}),
    )


def jaures(read: kept.Readings, **given: Any) -> Any:
    [link] = [link for link in town_links(declared_town()) if link["name"] == NAME]
    [row] = figures([{**link, "objective": 99.5, **given}], read)  # type: ignore[typeddict-item]
    return row


def test_each_link_of_the_town_is_listed_once_with_its_port_and_its_operator() -> None:
    links = town_links(declared_town())
    assert len({link["name"] for link in links}) == len(links) == 19
    [link] = [link for link in links if link["name"] == NAME]
    assert (link["site"], link["to"], link["port"], link["rate_mbps"]) == ("ecole-jaures", "hotel-de-ville", PORT, 1000)
    party = operator_of(declared_town(), link["operator"])
    assert party is not None
    assert party["id"] == "ineo"
    assert operator_of(declared_town(), None) is None


def test_a_month_has_its_hours_the_long_night_of_october_too() -> None:
    assert bounds("2026-10", ZoneInfo("Europe/Paris")).seconds == (31 * 24 + 1) * 3600
    assert bounds("2026-12").seconds == 31 * 86_400
    with pytest.raises(Misused, match="2026-13"):
        bounds("2026-13")
    assert month_before(today().replace(2026, 1, 15)) == "2025-12"


def test_hours_add_up_and_zeros_of_no_answer_are_no_latency() -> None:
    trends = {
        "icmpping": {0: Hour(60, 1, 1, 1), 3600: Hour(60, 0, 0, 0)},
        "icmppingsec": {0: Hour(60, 0.004, 0.006, 0.008), 3600: Hour(60, 0, 0, 0)},
        "icmppingloss": {0: Hour(60, 0, 2, 33), 3600: Hour(60, 100, 100, 100)},
    }
    added = measure(trends, {}, [0.0, 0.005, 0.007], 60.0)
    assert (added["pings"], added["up"], added["doubtful"]) == (120, 60, 0)
    assert added["latency_sum"] / added["latency_count"] == pytest.approx(0.006)
    assert (added["p95"], added["raw"]) == (0.007, 2)
    assert added["loss_sum"] / added["loss_count"] == pytest.approx(51.0)


def test_an_hour_with_both_and_no_raw_value_is_bounded() -> None:
    hour = {"icmpping": {0: Hour(60, 0, 0, 1)}}
    assert measure(hour, {}, [], 60.0)["up"] == 1
    assert measure(hour, {}, [], 60.0)["doubtful"] == 58
    bounded = measure({**hour, "icmppingloss": {0: Hour(60, 0, 10, 100)}}, {}, [], 60.0)
    # 10 % of losses of 60 values: 6 without an answer at most.
    assert (bounded["up"], bounded["doubtful"]) == (54, 5)
    known = measure(hour, {60 * minute: float(minute > 5) for minute in range(60)}, [], 60.0)
    assert (known["up"], known["doubtful"]) == (54, 0)


def test_a_month_whole_is_judged_against_its_objective() -> None:
    # 216 minutes are 0.5 % of 30 days.
    row = jaures(readings(made(MINUTES - 216, latency_sum=0.3, latency_count=100, loss_sum=50.0, loss_count=100)))
    assert row["availability"] == {"percent": 99.5, "floor": False, "measured": 1.0}
    assert row["latency"]["mean_ms"] == pytest.approx(3.0)
    assert row["loss"]["percent"] == 0.5
    assert row["verdict"] == "conform"
    assert jaures(readings(made(MINUTES - 217)))["verdict"] == "wrong"
    assert jaures(readings(made(MINUTES - 217)), objective=None)["verdict"] == "untested"


@pytest.mark.parametrize(
    ("measured", "verdict", "share"),
    [
        (made(MINUTES // 2, MINUTES // 2), "unknown", 0.5),
        (made(MINUTES - 216, MINUTES - 216), "conform", 0.995),
        (made(1000, 1500), "wrong", pytest.approx(1500 / MINUTES)),
        (made(MINUTES - 300, doubtful=200), "unknown", 1.0),
        (made(MINUTES - 300, doubtful=10), "wrong", 1.0),
        (made(0, 0), "unknown", 0.0),
        (made(interval=None), "unknown", None),
        (None, "unknown", 0.0),
    ],
)
def test_what_was_not_measured_counts_both_ways(measured: Measure | None, verdict: str, share: Any) -> None:
    row = jaures(readings(measured))
    assert (row["verdict"], row["availability"]["measured"]) == (verdict, share)
    if not measured or not measured["pings"]:
        assert row["availability"]["percent"] is None


def test_a_rate_is_a_mean_over_the_days_measured_against_the_declared_rate() -> None:
    # 10 Mbit/s for a day, 40 for another: 1.25 and 5 megabytes a second.
    days = {
        DAY.format(1): {"kilobytes": 1250.0 * 86_400, "seconds": 86_400.0},
        DAY.format(2): {"kilobytes": 5000.0 * 86_400, "seconds": 86_400.0},
    }
    rate = jaures(readings(made(), traffic={PORT: days}))["rate"]
    assert rate == {
        "mean_mbps": 25.0, "busiest_mbps": 40.0, "busiest_day": "2026-09-02", "percent": 2.5,
        "measured": pytest.approx(2 / 30),
    }  # fmt: skip
    assert jaures(readings(made(), traffic={PORT: {}}))["rate"]["mean_mbps"] is None
    assert jaures(readings(made(), traffic={PORT: days}), rate_mbps=None)["rate"]["percent"] is None


def test_a_later_reading_adds_days_and_a_system_that_is_silent_takes_nothing_away() -> None:
    first = {"read_at": "a", "traffic": {PORT: {DAY.format(1): {"kilobytes": 1.0, "seconds": 86_400.0}}}}
    second = {"read_at": "b", "traffic": {PORT: {DAY.format(2): {"kilobytes": 2.0, "seconds": 86_400.0}}}}
    once = kept.added(kept.last("lab", "1999-01"), {"read_at": "a", "links": {NAME: made()}}, first)
    twice = kept.added(once, None, second)
    assert sorted(twice["traffic"][PORT]) == [DAY.format(1), DAY.format(2)]
    assert (twice["measures"], twice["measured_at"], twice["traffic_at"]) == ({NAME: made()}, "a", "b")
    assert sorted(once["traffic"][PORT]) == [DAY.format(1)]


@pytest.fixture
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_TODAY", "2026-10-03")


def said(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["links", "--kept", *arguments])


@pytest.mark.usefixtures("_kept")
def test_a_month_never_read_is_unknown_and_neither_zero_nor_whole() -> None:
    listed = said("--format", "csv")
    rows = list(csv.DictReader(io.StringIO(listed.output)))
    assert (listed.exit_code, len(rows), tuple(rows[0])) == (3, 19, COLUMNS)
    assert {(row["month"], row["availability_percent"], row["rate_mean_mbps"], row["verdict"]) for row in rows} == {
        (MONTH, "", "", "unknown")
    }
    text = said()
    assert "Zabbix n’a pas été lu : toutes." in text.output
    assert "Zabbix : jamais lu pour ce mois ; Dashboard : jamais lu pour ce mois." in text.output


@pytest.mark.usefixtures("_kept")
def test_the_verb_says_and_writes_the_month_of_the_operator(tmp_path: Path) -> None:
    kept.keep("lab", readings(made(1000, 1500, p95=0.0123, raw=20)))
    listed = said("--out", str(tmp_path / "out"))
    assert listed.exit_code == 1, listed.output
    [line] = [line for line in listed.output.splitlines() if line.startswith(NAME)]
    assert "66,666 %" in line
    assert "non atteint" in line
    assert "12,3 ms" in line
    sheet = json.loads((tmp_path / "out" / "ineo" / f"liaisons-{MONTH}.json").read_text("utf-8"))
    assert sheet["specimen"]
    assert len(sheet["content"]["links"]) == 19
    assert [step["to"] for step in sheet["content"]["party"]["interface"]["escalation"]]
    page = (tmp_path / "out" / "ineo" / f"liaisons-{MONTH}.html").read_text("utf-8")
    assert "supervision@ineo.example" in page
    assert "inconnu" in page
    store.place("lab").write_bytes(b"{}" * 600)
    assert "PISTE-E163" in said().output


@pytest.mark.usefixtures("_kept")
def test_a_silent_zabbix_keeps_no_rate_from_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[Order] = []

    def play(order: Order, *, check: bool) -> Played:
        orders.append(order)
        days = {DAY.format(1): {"kilobytes": 1250.0 * 86_400, "seconds": 86_400.0}}
        read = {"measures": None, "traffic": {"read_at": "2026-10-03T06:00:00+00:00", "traffic": {PORT: days}}}
        Path(order.extra["folder"], "links.json").write_text(json.dumps(read), "utf-8")
        return Played(troubles=[Trouble("commune", "Lire les mesures", "unknown", "ne répond pas")])

    monkeypatch.setattr("piste.runs.plans.play.play", play)
    listed = CliRunner().invoke(main, ["links", "--format", "json"])
    assert listed.exit_code == 3
    rows = {row["link"]["name"]: row for row in json.loads(listed.stdout)["links"]}
    assert rows[NAME]["rate"]["mean_mbps"] == 10.0
    assert rows[NAME]["availability"] == {"percent": None, "floor": False, "measured": 0.0}
    assert "ne répond pas" in listed.stderr
    extra = orders[0].extra
    assert PORT in extra["link_ports"]
    # September of Paris begins two hours before that of UTC.
    assert extra["traffic_from"] - extra["measured_from"] == 7200
    assert kept.last("lab", MONTH)["measured_at"] == ""
