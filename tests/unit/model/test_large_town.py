"""A town several times as large costs as many times more: operations are counted, not time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from piste.town.model import load
from piste.town.model.flows import ends as flow_ends
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.traffic import Box
from tests.support.large_town import large_town

COPIES = 8


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the comparisons and unions of ranges, the traffic met, the orderings of sites.

    It also counts the searches of element names.
    """
    calls: Counter[str] = Counter()
    for name in ("__and__", "separate", "__sub__"):
        _count(monkeypatch, calls, Ranges, name)
    for name in ("meet", "__bool__"):
        _count(monkeypatch, calls, Box, name)
    _count(monkeypatch, calls, flow_ends.Ends, "at")
    return calls


def _count(monkeypatch: pytest.MonkeyPatch, calls: Counter[str], kind: type, name: str) -> None:
    plain = getattr(kind, name)

    def call(*given: object) -> object:
        calls[f"{kind.__name__}.{name}"] += 1
        return plain(*given)

    monkeypatch.setattr(kind, name, call)


def test_what_is_compared_grows_as_the_town_does(tmp_path: Path, counted: Counter[str]) -> None:
    measures = []
    for copies in (1, COPIES):
        counted.clear()
        town = load(large_town(tmp_path / str(copies), copies))
        assert town.commune
        rules = sum(len(section["rules"]) for section in town.commune["firewall"]["sections"])
        # What names the declared town, and more gateways than a core carries.
        assert {fault.rule for fault in town.faults} <= {"PISTE-M163", "PISTE-M187", "PISTE-M296", "PISTE-M390"}
        measures.append((rules, dict(counted)))
    (before, small), (after, large) = measures
    grown = after / before
    assert grown > COPIES * 0.8
    assert small.keys() == large.keys()
    assert {name: large[name] / small[name] for name in small if large[name] > 1.3 * grown * small[name]} == {}


class Met(tuple[Any, ...]):
    """Parts of a set of numbers, which count how many of them are looked at."""

    looked: list[int]

    def __getitem__(self, at: Any) -> Any:
        self.looked.append(at)
        return super().__getitem__(at)


def test_a_prefix_meets_the_few_parts_of_a_large_set_that_it_has_to_do_with() -> None:
    parts = Met((number * 10, number * 10 + 4) for number in range(4096))
    parts.looked = []
    large, prefix = Ranges(parts), Ranges.of((30_003, 30_012))
    assert (prefix & large).parts == ((30_003, 30_004), (30_010, 30_012))
    assert (prefix - large).parts == ((30_005, 30_009),)
    assert not Ranges.of((30_010, 30_012)) - large
    assert len(parts.looked) < 64
