"""`piste living read`: every part is kept, or said unknown with what is still kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.readings import store
from piste.readings.table import Answer
from piste.runs.plans import play
from piste.runs.plans.play import Order, Played, Trouble
from piste.sites.living import kept
from piste.sites.living.seen import FILE
from piste.town import declared
from piste.town.model import Town
from tests.support.living import HOST, PORT, last

Read = Callable[..., Result]


def whole() -> Town:
    return declared.town("lab")


def life(at: datetime, **changes: Any) -> dict[str, Any]:
    read_at = at.isoformat()
    device = {"status": "online", "reported_at": read_at}
    problem = {"id": "1", "name": "ne répond pas", "severity": 4, "since": read_at, "acknowledged": False}
    whole: dict[str, Any] = {
        "meraki": {
            "read_at": read_at,
            "devices": {"Q1": device},
            "ports": {"Q1": {"1": PORT, "2": PORT}},
            "radios": {"Q2": ["Ville"]},
            "clients": {"Q2": 7},
        },
        "smc": None,
        "prism": {
            "read_at": read_at,
            "machines": {"dc1": ["ON"]},
            "places": {"dc1": ["nœud-a"]},
            "nodes": {"nœud-a": HOST},
            "clusters": {"grappe": "7.5"},
        },
        "zabbix": {
            "read_at": read_at,
            "hosts": {"dc1": {"enabled": True, "items": []}},
            "problems": {"dc1": [problem] * 3},
        },
        "nexus": None,
    }
    return whole | changes


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def orders() -> list[Order]:
    return []


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, orders: list[Order]) -> Read:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))

    def run(content: Any, *options: str, troubles: tuple[Trouble, ...] = ()) -> Result:
        def stand_in(order: Order, *, check: bool, **more: Any) -> Played:
            assert not check
            orders.append(order)
            if content is not None:
                (Path(order.extra["folder"]) / FILE).write_text(json.dumps(content), "utf-8")
            return Played(troubles=[*troubles], calls={"reads": 9, "writes": 0})

        monkeypatch.setattr(play, "play", stand_in)
        return CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["living", "read", *options])

    return run


def silent(word: str) -> Trouble:
    return Trouble("commune", f"Lire ce qui vit ({word})", "unknown", f"{word} : ne répond pas")


def line(result: Result, label: str) -> str:
    (there,) = [line for line in result.output.splitlines() if line.startswith(label)]
    return there


def test_each_part_is_kept_and_said_with_its_moment(read: Read, orders: list[Order], now: datetime) -> None:
    result = read(life(now))
    assert result.exit_code == 0, result.output
    assert {*last(whole())} == {*kept.LABELS} - {kept.NEXUS_PORTS}
    assert line(result, "ports").split()[3:5] == ["2", "lu"]
    assert line(result, "problèmes").split()[3] == "3"
    assert "Appels aux systèmes : 9." in result.output
    ((order,),) = [orders]
    assert (order.playbook, order.limit, order.extra["hosting_concerned"]) == ("playbooks/living.yml", "commune", True)


def test_what_does_not_answer_stays_with_its_date_and_is_said(read: Read, now: datetime) -> None:
    before = now - timedelta(hours=3)
    assert read(life(before)).exit_code == 0
    result = read(life(now, meraki=None), troubles=(silent("réseau"),))
    assert result.exit_code == 3
    assert "inconnu, reste celui du" in line(result, "ports des commutateurs")
    assert line(result, "ports des commutateurs").endswith("réseau : ne répond pas")
    assert "  lu le" in line(result, "machines   ")
    life_kept = last(whole())
    assert (life_kept["ports"]["read_at"], life_kept["machines"]["read_at"]) == (before, now)


def test_a_run_that_wrote_nothing_leaves_all_unknown(read: Read) -> None:
    result = read(None, troubles=(Trouble("", "playbooks/living.yml", "error", "le coffre ne s’ouvre pas"),))
    assert result.exit_code == 3
    assert result.output.count("inconnu, jamais lu") == 12
    assert last(whole()) == {}


def test_a_system_that_the_environment_lacks_is_no_unknown(read: Read, now: datetime) -> None:
    result = read(life(now, zabbix=None))
    assert result.exit_code == 0, result.output
    assert "rien à lire là : supervision." in result.output
    assert "problèmes" not in result.output


def nexus(at: datetime, *, silent: bool = False) -> dict[str, Any]:
    """Give the reading of both Nexus, or of the first while the second is silent."""
    port = {"status": "up", "speed_mbps": 10_000, "reason": ""}
    there = {"read_at": at.isoformat(), "values": {"1/1": port, "1/49": port}}
    unread = {"nx-hdv-2": "ne répond pas"} if silent else {}
    names = ["nx-hdv-1"] if silent else ["nx-hdv-1", "nx-hdv-2"]
    return {"read_at": at.isoformat(), "versions": {}, "nexus_ports": dict.fromkeys(names, there), "unread": unread}


def test_a_silent_nexus_leaves_its_former_ports_with_their_date_and_drops_no_other(
    read: Read, orders: list[Order], now: datetime
) -> None:
    before = now - timedelta(hours=3)
    result = read(life(now, nexus=nexus(before)))
    assert (result.exit_code, orders[0].extra["nexus_concerned"]) == (0, True), result.output
    assert line(result, "ports du Nexus nx-hdv-1").split()[4:6] == ["2", "lu"]
    result = read(life(now, nexus=nexus(now, silent=True)))
    assert result.exit_code == 3
    assert "  lu le" in line(result, "ports du Nexus nx-hdv-1")
    assert "inconnu, reste celui du" in line(result, "ports du Nexus nx-hdv-2")
    assert line(result, "ports du Nexus nx-hdv-2").endswith("ne répond pas")
    moments = {name: part["read_at"] for name, part in last(whole())["nexus_ports"].items()}
    assert moments == {"nx-hdv-1": now, "nx-hdv-2": before}


def test_a_nexus_that_is_declared_no_more_is_kept_no_more(read: Read, now: datetime) -> None:
    gone = nexus(now)
    gone["nexus_ports"]["nx-ancien"] = gone["nexus_ports"]["nx-hdv-1"]
    read(life(now, nexus=gone))
    assert {*last(whole())["nexus_ports"]} == {"nx-hdv-1", "nx-hdv-2"}


@pytest.mark.parametrize("spoilt", [
    {"1/1": {"status": "allumé", "speed_mbps": None, "reason": ""}}, {"../x": {}}, {"1/1": 7}, [], None,
])  # fmt: skip
def test_ports_of_a_nexus_that_make_no_sense_are_unknown_and_the_other_is_kept(
    read: Read, spoilt: Any, now: datetime
) -> None:
    read(life(now, nexus=nexus(now - timedelta(hours=3))))
    made = nexus(now)
    made["nexus_ports"]["nx-hdv-2"] = {"read_at": now.isoformat(), "values": spoilt}
    result = read(life(now, nexus=made))
    assert result.exit_code == 3
    assert "ce qui a été lu ne se comprend pas" in line(result, "ports du Nexus nx-hdv-2")
    assert last(whole())["nexus_ports"]["nx-hdv-1"]["read_at"] == now
    assert last(whole())["nexus_ports"]["nx-hdv-2"]["read_at"] == now - timedelta(hours=3)


def test_a_part_that_was_refused_or_makes_no_sense_is_unknown(read: Read, now: datetime) -> None:
    content = life(now)
    content["meraki"] |= {"ports": {"Q1": {"1": 7}}}
    del content["zabbix"]["hosts"]
    content["zabbix"]["unread"] = {"hosts": "403, droits"}
    result = read(content)
    assert result.exit_code == 3
    assert "jamais lu : ce qui a été lu ne se comprend pas" in line(result, "ports")
    assert line(result, "hôtes").endswith("403, droits")


@pytest.mark.parametrize("speed", [10**400, -1])
def test_a_number_that_no_page_can_write_is_not_kept(read: Read, speed: int, now: datetime) -> None:
    assert read(life(now)).exit_code == 0
    content, item = life(now), {"key": "icmpping", "delay": "1m", "last": "hier"}
    content["meraki"]["ports"] = {"Q1": {"1": PORT | {"speed_mbps": speed}}}
    content["zabbix"]["hosts"] = {"dc1": {"enabled": True, "items": [item]}}
    result = read(content)
    assert result.exit_code == 3
    for label in ("ports", "hôtes"):
        assert "ce qui a été lu ne se comprend pas" in line(result, label)
    assert {*last(whole())["ports"]["values"]["Q1"]} == {"1", "2"}


@pytest.mark.parametrize(("ahead", "code"), [(timedelta(minutes=4), 0), (timedelta(minutes=10), 3)])
def test_a_reading_of_the_future_does_not_take_the_place_of_the_former(
    read: Read, ahead: timedelta, code: int, now: datetime
) -> None:
    assert read(life(now)).exit_code == 0
    result = read(life(datetime.now(UTC) + ahead))
    assert result.exit_code == code
    assert ("daté de l’avenir" in line(result, "ports")) == bool(code)
    assert (last(whole())["ports"]["read_at"] == now) == bool(code)


def test_a_reading_of_before_does_not_take_the_place_of_a_newer(read: Read, now: datetime) -> None:
    assert read(life(now, nexus=nexus(now))).exit_code == 0
    before = now - timedelta(hours=3)
    late = nexus(now)
    late["nexus_ports"]["nx-hdv-2"] = {**late["nexus_ports"]["nx-hdv-2"], "read_at": before.isoformat()}
    result = read(life(before, nexus=late))
    assert result.exit_code == 3
    assert "daté d’avant" in line(result, "ports des")
    assert last(whole())["ports"]["read_at"] == now
    assert "  lu le" in line(result, "ports du Nexus nx-hdv-1")
    assert "inconnu" in line(result, "ports du Nexus nx-hdv-2")
    assert {part["read_at"] for part in last(whole())["nexus_ports"].values()} == {now}


def test_a_kept_reading_of_the_future_gives_its_place(
    read: Read, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(store, "ahead", lambda *_: False)
        read(life(now + timedelta(days=3)))
    assert read(life(now)).exit_code == 0
    assert last(whole())["ports"]["read_at"] == now


def test_two_readings_at_once_are_both_kept(read: Read, now: datetime) -> None:
    town, every = whole(), life(now, nexus=nexus(now))

    def keep(system: str) -> None:
        for _ in range(10):
            kept.keep(town, "lab", Answer({system: every[system]}, {}, {}))

    with ThreadPoolExecutor() as pool:
        assert {*pool.map(keep, kept.SUBJECT)} == {None}
    assert {*last(town)} == {*kept.LABELS}


def test_a_reading_that_cannot_be_written_says_where_and_what_to_do(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    (tmp_path / "full").write_bytes(b"")
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "full"))
    result = read(life(now))
    assert "ne se gardent pas" in result.output
    assert str(tmp_path / "full") in result.output


def test_a_program_is_given_the_same(read: Read, now: datetime) -> None:
    answer = json.loads(read(life(now, prism=None), "--format", "json", troubles=(silent("hébergement"),)).stdout)
    assert (answer["outcome"], answer["calls"]) == ("unknown", {"reads": 9, "writes": 0})
    parts = {part["part"]: part for part in answer["parts"]}
    assert (parts["ports"]["number"], parts["ports"]["why"]) == (2, "")
    assert (parts["places"]["number"], parts["places"]["read_at"]) == (None, None)
    assert "ne répond pas" in parts["places"]["why"]


def test_a_second_reading_changes_nothing_but_the_moments(read: Read, now: datetime) -> None:
    read(life(now))
    first = last(whole())
    read(life(now + timedelta(minutes=1)))
    second = last(whole())
    for part in second.values():
        part["read_at"] = now  # type: ignore[index]
    second["devices"]["values"]["Q1"]["reported_at"] = first["devices"]["values"]["Q1"]["reported_at"]
    second["problems"] = first["problems"]
    assert second == first
