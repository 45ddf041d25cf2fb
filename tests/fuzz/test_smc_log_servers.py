"""Rules of log forwarding, written over any live list: what is not declared stays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from piste.engine.converge.request import Request
from piste.systems.forcepoint.log_servers import LogServers, target
from tests.support.fuzz import examples

HOSTS = some.sampled_from(["host/a", "host/b:514", "host/c/udp", "host/d#2"])
PORTS, SERVICES = some.sampled_from([514, 6514]), some.sampled_from(["udp", "tcp"])
FORMATS = some.sampled_from(["cef", "leef", "csv"])
RULES = some.fixed_dictionaries(
    {
        "host": HOSTS.map(lambda ref: f"https://smc/{ref}"),
        "netflow_collector_port": PORTS,
        "netflow_collector_service": SERVICES,
        "netflow_collector_version": FORMATS,
    },
    optional={"kafkaTopic": some.just("x"), "filter": some.just("https://smc/filter_expression/f")},
)
TARGETS = some.builds(lambda host, port, service: f"{host}:{port}/{service}", HOSTS, PORTS, SERVICES)
ENTRIES = some.none() | some.fixed_dictionaries({"format": FORMATS, "data": some.just("data_context/All Log Data")})


def driver() -> LogServers:
    smc: Any = SimpleNamespace(
        name=lambda href: href.removeprefix("https://smc/"), address=lambda ref: f"https://smc/{ref}"
    )
    return LogServers(smc, Request())


def read(rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Read a live list, as the driver does."""
    made = driver()
    made.smc.path = lambda ref: "/1"  # type: ignore[method-assign]
    made.smc.documents = lambda paths: [{"netflow_collector": rules} for _ in paths]  # type: ignore[method-assign]
    forwards = made.read([{"server": "log_server/x"}], whole=True, fresh=False).items["log_server/x"]["forwards"]
    return dict(forwards)


@examples(small=20, wide=5000)
@given(some.lists(RULES, max_size=6), some.dictionaries(TARGETS, ENTRIES, max_size=4))
def test_a_change_says_what_is_declared_and_leaves_the_rest(
    rules: list[dict[str, Any]], declared: dict[str, Any]
) -> None:
    live = read(rules)
    assert len(live) == len(rules), "two rules to one target are two entries"
    before = {name: live[name] for name in declared if name in live}
    after = {name: entry for name, entry in declared.items() if entry is not None}
    operation: Any = SimpleNamespace(before={"forwards": before}, after={"forwards": after})
    written = driver()._collectors(operation, {"netflow_collector": rules})
    again = read(written)
    assert {name: again[name] for name in after} == after
    untouched = [rule for name, rule in zip(_names(rules), rules, strict=True) if name not in declared]
    assert [rule for rule in written if rule in untouched][: len(untouched)] == untouched
    assert len(written) == len(rules) + len(after.keys() - live.keys()) - len(before.keys() - after.keys())


def _names(rules: list[dict[str, Any]]) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for rule in rules:
        port, service = rule["netflow_collector_port"], rule["netflow_collector_service"]
        place = f"{rule['host'].removeprefix('https://smc/')}:{port}/{service}"
        seen[place] = seen.get(place, 0) + 1
        names.append(place + (f"#{seen[place]}" if seen[place] > 1 else ""))
    return names


@examples(small=15, wide=5000)
@given(TARGETS | some.text(max_size=40))
def test_a_target_has_one_spelling_or_none(words: str) -> None:
    try:
        spelt = target(words)
    except ValueError:
        return
    assert target(spelt) == spelt


def test_a_target_without_a_port_is_refused() -> None:
    for words in ("host/a", "host/a:0/udp", "host/a:514/udp#0", "a:514/udp"):
        with pytest.raises(ValueError, match=r".*"):
            target(words)
