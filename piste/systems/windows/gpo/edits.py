"""Least edits: differences of two maps, and replacement of items in their place in a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any


def changes(before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """List the entries that differ: key, old value, new value (None: absent). Removals first."""
    old, new = before or {}, after or {}
    for key in [key for key in old if key not in new] + list(new):
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)


def put_in_place[T](items: list[T], concerns: Callable[[T], bool], desired: Iterable[T], at: int | None = None) -> None:
    """Replace the items that a test selects: at the first of them, else at `at` (default: end)."""
    old = [place for place, item in enumerate(items) if concerns(item)]
    new = list(desired)
    if [items[place] for place in old] == new:
        return
    start = old[0] if old else len(items) if at is None else at
    for place in reversed(old):
        del items[place]
    items[start:start] = new
