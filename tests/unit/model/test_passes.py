"""The passes over the derived sites: none reads what is not there yet, no two give a key."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from piste.town.model import town
from piste.town.model.site import Site
from piste.town.model.town import PASSES, Pass
from piste.town.model.view import View
from tests.unit.repository.tree import ROOT

ALONE = Site.__annotations__.keys() - {step.gives for step in PASSES}
"""The keys that `derive_site` gives."""


def faults(passes: tuple[Pass, ...]) -> list[str]:
    """List the needs that no earlier pass gives, the keys given twice or unknown."""
    wrong, given = [], set(ALONE)
    for step in passes:
        wrong += [f"{step.gives} needs {key}" for key in sorted(set(step.needs.split()) - given)]
        wrong += [f"{step.gives} again"] if step.gives in given else []
        wrong += [] if step.gives in Site.__annotations__ else [f"{step.gives} is of no site"]
        given.add(step.gives)
    return wrong


def test_each_pass_needs_what_an_earlier_pass_gives_and_gives_what_no_other_does() -> None:
    assert faults(PASSES) == []


def test_a_pass_too_early_or_twice_is_seen() -> None:
    early = sorted(PASSES, key=lambda step: step.gives != "supervision")
    assert faults(tuple(early)) == ["supervision needs assets"]
    assert faults((*PASSES, PASSES[0])) == [f"{PASSES[0].gives} again"]


class Noted(dict[str, Any]):
    """A site that notes the keys that are read of it."""

    read: ClassVar[set[str]] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)


def test_the_table_says_what_each_pass_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    alone, by_pass = town.derive_site, dict[str, set[str]]()

    def derive(*given: Any) -> Any:
        site = alone(*given)
        assert not any(site[step.gives] for step in PASSES)  # type: ignore[literal-required]
        return Noted(site)

    def noting(step: Pass) -> Any:
        def run(view: View) -> None:
            Noted.read.clear()
            step.run(view)
            by_pass[step.gives] = set(Noted.read)

        return SimpleNamespace(run=run)

    monkeypatch.setattr(town, "derive_site", derive)
    monkeypatch.setattr(town, "PASSES", tuple(map(noting, PASSES)))
    town.load(ROOT / "inventories/town").require()
    assert by_pass == {step.gives: set(step.needs.split()) for step in PASSES}
