"""F11: an asset counts where it is watched, enabled, and its data is fresh."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from lab.declared import declared_town
from piste.engine.converge.reading import FAULTS
from piste.runs.plans.play import Played, Trouble
from piste.sites.living.seen import Reading
from piste.sites.living.supervision import supervision
from piste.systems.zabbix.coverage import coverage, figures, seconds
from piste.systems.zabbix.living import _hosts
from piste.town.model.assets.derived import Asset
from piste.town.model.supervision.derived import _hosts as _watched

NOW = datetime(2026, 11, 27, 22, tzinfo=UTC)
SITE = "ecole-jaures"


def living(**hosts: Any) -> dict[str, Any]:
    return {"read_at": NOW.isoformat(), "hosts": hosts, "problems": {}}


def host(age: float | None = 30, delay: str = "1m", *, enabled: bool = True) -> dict[str, Any]:
    last = 0 if age is None else NOW.timestamp() - age
    return {"enabled": enabled, "items": [{"key": "icmpping", "delay": delay, "last": last}]}


def asset(**given: Any) -> Any:
    return {"name": "sw", "kind": "switch", "site": SITE, "state": "in_service", "address": "10.0.0.1", **given}


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (host(), "watched"),
        (host(119), "watched"),
        (host(120), "stale"),
        (host(3600, "1h"), "watched"),
        (host(30, "{$INTERVALLE}"), "unknown"),
        (host(30, "0"), "unknown"),
        # Clocks differ by some minutes; a value further in the future proves nothing.
        (host(-240), "watched"),
        (host(-600), "unknown"),
        (host(-86_400 * 3650), "unknown"),
        (host(None), "silent"),
        ({"enabled": True, "items": []}, "silent"),
        (host(enabled=False), "disabled"),
        (None, "absent"),
    ],
)
def test_only_fresh_data_of_an_enabled_host_counts(seen: Any, state: str) -> None:
    rows = coverage([asset()], living(**({"sw": seen} if seen else {})))
    assert [row.state for row in rows] == [state]
    counted = figures(rows)["*"]
    assert counted == {
        "watched": int(state == "watched"),
        "counted": int(state != "unknown"),
        "unknown": int(state == "unknown"),
    }


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([], "stale"),
        # The vendor's template of supplies keeps an availability that stays the same once in six hours.
        ([{"type": "20", "params": "6h"}], "watched"),
        ([{"type": "20", "params": "{$HEARTBEAT}"}], "unknown"),
        ([{"type": "19", "params": ""}], "unknown"),
    ],
)
def test_a_value_that_stays_is_as_young_as_its_template_keeps_it(steps: list[dict[str, str]], state: str) -> None:
    item = {"hostid": "1", "key_": "zabbix[host,snmp,available]", "delay": "1m", "lastvalue": "1"}
    item |= {"lastclock": str(int(NOW.timestamp()) - 3 * 3600), "preprocessing": steps}  # type: ignore[dict-item]
    server = SimpleNamespace(
        get=lambda what, **asked: [item] if what == "item" else [{"hostid": "1", "host": "sw", "status": "0"}]
    )
    rows = coverage([asset()], living(**_hosts(server)))  # type: ignore[arg-type]
    assert [row.state for row in rows] == [state]


def test_a_measure_of_the_future_is_named_and_a_good_measure_beside_it_counts() -> None:
    wrong = host(-600)
    (row,) = coverage([asset()], living(sw=wrong))
    assert "datée de l’avenir" in row.why
    wrong["items"] += host(30)["items"]
    assert [row.state for row in coverage([asset()], living(sw=wrong))] == ["watched"]


def test_what_is_not_to_be_watched_is_in_no_number() -> None:
    away = [asset(state="stock"), asset(kind="computer"), asset(kind="phone")]
    assert coverage(away, living()) == []
    [row] = coverage([asset(address=None)], living())
    assert row.why == "sans adresse déclarée : ne peut pas être surveillé"


def test_a_thin_client_with_a_reservation_is_watched_and_no_other_computer() -> None:
    client = asset(name="tc-1", kind="computer", variant="thin_client")
    assert coverage([{**client, "address": None}], living()) == [], "without an address of its own, nothing asks it"
    assert [row.state for row in coverage([client], living())] == ["absent"]
    classes = {"thin_client": ["Piste thin client by ping"]}
    blank: Any = dict.fromkeys(Asset.__annotations__)
    assets = [{**blank, **client}, {**blank, **client, "name": "pc-1", "variant": "desktop"}]
    hosts = _watched(SimpleNamespace(classes=classes), assets, "sw")  # type: ignore[arg-type]
    assert [(host["name"], host["kind"], host["parent"]) for host in hosts] == [("tc-1", "thin_client", "sw")]


def test_the_end_of_a_certificate_that_is_pushed_each_day_is_old_after_two() -> None:
    points = declared_town().commune["supervision"]["points"]
    [point] = [entry for entry in points if entry["name"] == "certificat-vpn-agents"]
    for age, state in ((47 * 3600, "watched"), (49 * 3600, "stale")):
        item = {"key": "piste.certificate.not_after", "delay": "0", "last": NOW.timestamp() - age}
        rows = coverage([], living(**{"certificat-vpn-agents": {"enabled": True, "items": [item]}}), [point])
        assert [row.state for row in rows] == [state]


def test_the_figures_are_by_class_then_for_all() -> None:
    assets = [asset(), asset(name="b"), asset(name="u", kind="ups")]
    counted = figures(coverage(assets, living(sw=host(), u=host())))
    assert [(name, numbers["watched"], numbers["counted"]) for name, numbers in counted.items()] == [
        ("switch", 1, 2),
        ("ups", 1, 1),
        ("*", 2, 3),
    ]


@pytest.mark.parametrize(("text", "value"), [("30", 30.0), ("2h", 7200.0), ("1w", 604_800.0), ("1m;50s/1-7", None)])
def test_an_interval_is_read_or_unknown(text: str, value: float | None) -> None:
    assert seconds(text) == value


def judged(reading: Reading, *troubles: Trouble) -> list[tuple[str, str]]:
    site = declared_town().sites[SITE]
    return [(seen.verdict, seen.observed) for seen in supervision(site, reading, Played(troubles=list(troubles)))]


def test_a_site_is_conform_where_all_is_watched_and_nothing_is_wrong() -> None:
    names = [row["name"] for row in declared_town().sites[SITE]["assets"]]
    names.append("lien-ineo-jau")
    everything = living(**{name: host() for name in names})
    assert judged(Reading(everything)) == [("conform", "13 éléments surveillés, sans problème en cours")]
    problem = {"name": "Ne répond plus", "severity": 4, "since": "2026-11-27T21:00:00+00:00", "acknowledged": True}
    everything["problems"] = {names[0]: [problem]}
    assert judged(Reading(everything))[0][0] == "wrong"
    del everything["hosts"][names[0]]
    assert f"{names[0]} : n’est pas dans Zabbix" in judged(Reading(everything))[0][1]


def test_a_silence_is_unknown_and_a_lab_without_zabbix_is_not_asked() -> None:
    trouble = Trouble("commune", "Lire ce qui vit (supervision)", "unknown", "sans réponse")
    assert judged(Reading(why="sans réponse"), trouble) == [("unknown", "pas lu")]
    assert judged(Reading(why="ce qui vit n’a pas été lu (supervision)")) == []
    with pytest.raises(FAULTS):
        judged(Reading({"read_at": NOW.isoformat(), "problems": {}}))
