"""The breadth of a test: some of its cases in `make test`, the others in `make stories`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def breadth(cases: Iterable[Any], kept: Collection[Any] | int) -> list[Any]:
    """List the cases, each a story but those `kept` in `make test`: these, or one in so many.

    Keep those that take another path of the code, not other data. A tuple is a case of several arguments.
    """
    every = list(cases)
    here = every[::kept] if isinstance(kept, int) else kept
    assert all(case in every for case in here), f"not among the cases: {here}"
    return [case if case in here else _story(case) for case in every]


def _story(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.story)
