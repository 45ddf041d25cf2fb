"""Links over a month: measures of a real Zabbix, traffic of the simulated Dashboard."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lab.zabbix.host import environment, separate
from piste.engine.clock import TOWN
from piste.exports.capture import forms, store
from piste.readings.links.period import bounds
from piste.runs.read import of
from piste.systems.beliefs.answers import Answer, judged
from piste.systems.beliefs.form import beliefs
from piste.systems.meraki.port_traffic import MODULES as TRAFFIC
from piste.systems.zabbix.link_measures import HOUR, MODULES
from tests.support.capture import capturing
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.town import converge, school, town_world
from tests.support.zabbix import Watched, watched

MONTH = bounds("2026-10", TOWN)
DASHBOARD = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}
PORT = "QZZZ-0005-0002/9"


def put(zabbix: Watched, statement: str) -> None:
    """Run SQL on the database of Zabbix: the server that takes values hears nobody but itself."""
    folder = zabbix.lab.systems["zabbix"].folder  # type: ignore[attr-defined]
    socket = re.search(r"'(@[^,]+),", (folder / "pg" / "postgresql.conf").read_text("utf-8"))
    assert socket
    command = ["psql", "-qX", "-h", socket[1], "-U", "zabbix", "-d", "zabbix", "-v", "ON_ERROR_STOP=1", "-c", statement]
    done = subprocess.run([*separate(), *command], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def rows(item: str, values: dict[int, Any]) -> str:
    return ", ".join(f"({item}, {at}, {value})" for at, value in values.items())


def measured(zabbix: Watched) -> dict[str, Any]:
    params = {"zabbix": zabbix.connection, "start": MONTH.start, "end": MONTH.end}
    return MODULES["zabbix_links"].run(params, False)


def beliefs_are_shown(zabbix: Watched, capture: Path) -> None:
    """Judge the captured answers: their form is known, and they show the hourly means."""
    answers = [answer for _, answer in store.answers(capture)]
    assert [(answer.path, odd) for answer in answers for odd in answer.odd] == []
    given = [Answer(f"{answer.method} {forms.name(answer.path, answer.body)}", answer.answer) for answer in answers]
    assert judged(beliefs()["zabbix.hourly_means"], given).state == "confirmed"
    asked = of("zabbix_answers").run({"zabbix": zabbix.connection}, True)
    assert (asked["version"].startswith("7.0."), asked["unanswered"]) == (True, {})


def test_a_month_of_a_link_is_added_up_from_trends_and_raw_values(tmp_path: Path) -> None:
    way = [{"kind": "agent", "address": "127.0.0.1"}]
    link = {"groups": ["Liaisons"], "templates": ["ICMP Ping"], "interfaces": way}
    with watched(tmp_path) as zabbix:
        zabbix.run("host_groups", [{"name": "Liaisons"}])
        zabbix.run("hosts", [{"name": name, **link} for name in ("lien-essai", "lien-muette", "sw-lien-1")])
        listed = zabbix.api("item.get", {"host": "lien-essai", "output": ["itemid", "key_"]})
        item = {entry["key_"]: entry["itemid"] for entry in listed}
        first, second, third = (MONTH.start + HOUR * rank for rank in range(3))
        # An hour with all answers, an hour with 45 of 60, an hour without any; the neighbouring months are others.
        around = {MONTH.start - HOUR: "60, 0, 0, 0", MONTH.end: "60, 0, 0, 0"}
        answers = {first: "60, 1, 1, 1", second: "60, 0, 0, 1", third: "60, 0, 0, 0", **around}
        put(zabbix, f"insert into trends_uint values {rows(item['icmpping'], answers)}")
        times = {first: "60, 0.01, 0.01, 0.01", second: "60, 0, 0.015, 0.02", third: "60, 0, 0, 0", **around}
        put(zabbix, f"insert into trends values {rows(item['icmppingsec'], times)}")
        losses = {first: "60, 0, 0, 0", second: "60, 0, 25, 100", third: "60, 100, 100, 100", **around}
        put(zabbix, f"insert into trends values {rows(item['icmppingloss'], losses)}")
        raw = {second + 60 * minute: f"{int(minute >= 15)}, 0" for minute in range(60)}
        put(zabbix, f"insert into history_uint values {rows(item['icmpping'], raw)}")
        latencies = {second + 60 * minute: f"{0.001 * max(0, minute - 39)}, 0" for minute in range(60)}
        put(zabbix, f"insert into history values {rows(item['icmppingsec'], latencies)}")
        with capturing(tmp_path / "capture"):
            read = measured(zabbix)
        beliefs_are_shown(zabbix, tmp_path / "capture")
        assert sorted(read["links"]) == ["essai", "muette"]
        essai = read["links"]["essai"]
        assert (essai["interval"], essai["pings"], essai["up"], essai["doubtful"]) == (60.0, 180, 105, 0)
        # 60 answers of 10 ms, and 45 that make 60 x 15 ms together.
        assert (essai["latency_sum"], essai["latency_count"]) == (pytest.approx(1.5), 105)
        assert (essai["loss_sum"], essai["loss_count"]) == (pytest.approx(7500.0), 180)
        # Of 1 to 20 ms, the 19th.
        assert (essai["raw"], essai["p95"]) == (20, pytest.approx(0.019))
        muette = read["links"]["muette"]
        assert (muette["pings"], muette["p95"], muette["loss_count"]) == (0, None, 0)
        # Hosts, three trends, and the answers and latencies of the link that has values.
        assert read["calls"] == {"reads": 6, "writes": 0}

        put(zabbix, "truncate history_uint")
        essai = measured(zabbix)["links"]["essai"]
        # 25 % of losses in 60 values: 15 without an answer at most, 1 at least.
        assert (essai["up"], essai["doubtful"]) == (105, 14)
        assert (essai["latency_sum"], essai["latency_count"]) == (pytest.approx(0.6), 60)


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    made = town_world(tmp_path)
    converge(made, school())
    return made


def carried(world: MerakiWorld, *ports: str, first: int = 0, days: int = 40) -> dict[str, Any]:
    """Read the traffic of the days before the Dashboard's day, `first` being the furthest."""
    today = int(world.simulator.clock.now() // 86_400 * 86_400)
    span = {"start": today - 86_400 * days, "end": today + 86_400 * 30 - 86_400 * first}
    with world.run():
        return TRAFFIC["meraki_port_traffic"].run({"dashboard": DASHBOARD, "ports": [*ports], **span}, False)


def test_the_traffic_of_a_port_is_read_by_whole_days_no_further_than_the_dashboard_keeps(world: MerakiWorld) -> None:
    world.simulator.behaviour.port_traffic = {PORT: 800.0}
    read = carried(world, PORT, "QZZZ-0099-0001/1")
    assert list(read["traffic"]) == [PORT]
    days = read["traffic"][PORT]
    assert 30 <= len(days) <= 31
    assert set(map(str, days.values())) == {str({"kilobytes": 800.0 * 86_400 / 8, "seconds": 86_400.0})}
    assert all(datetime.fromisoformat(day).astimezone(UTC).hour == 0 for day in days)
    assert sum(read["calls"].values()) <= 2


def test_a_port_that_was_not_measured_has_no_day_and_a_quiet_port_has_zero(world: MerakiWorld) -> None:
    other = "QZZZ-0005-0002/10"
    world.simulator.behaviour.port_traffic = {PORT: None}
    read = carried(world, PORT, other, days=3)["traffic"]
    assert read[PORT] == {}
    assert [day["kilobytes"] for day in read[other].values()] == [0.0] * 3
