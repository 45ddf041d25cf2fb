"""Large drawings in several parts, each with what its things hang on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from piste.papers.dossier.blocks import Drawing
from piste.papers.drawings.graph import NOWHERE, Across, Sign, Thing, graph, height

HIGHEST = 860.0
"""Height of the things of a drawing that fits a page, in units of the drawing."""


def drawings(
    key: str,
    caption: str,
    words: str,
    things: Sequence[Thing],
    across: Sequence[Across] = (),
    legend: Callable[[Sequence[Thing], Sequence[Across]], Iterable[Sign]] = lambda things, across: (),
    places: Mapping[str, str] = NOWHERE,
) -> list[Drawing]:
    """Draw things and links, in as many drawings as pages need, each with its legend.

    `places` are where the things lead in a page.
    """
    parts = list(parted(things))
    blocks = []
    for rank, part in enumerate(parts, start=1):
        keys = {thing.key for thing in part}
        here = [link for link in across if {link.near, link.far} <= keys]
        title = caption if len(parts) == 1 else f"{caption} ({rank} sur {len(parts)})"
        name = key if rank == 1 else f"{key}-{rank}"
        blocks.append(Drawing.drawn(name, title, words, graph(part, here, list(legend(part, here)), places)))
    return blocks


def parted(things: Sequence[Thing], highest: float = HIGHEST) -> Iterator[list[Thing]]:
    """Cut a tree into runs of its outermost things, each run with all that it hangs on."""
    parents = {thing.key: thing.parent for thing in things}
    inner = set(parents.values())
    runs: list[set[str]] = [set()]
    room = highest
    for thing in _in_tree_order(things):
        if thing.key in inner:
            continue
        room -= height(thing)
        if room < 0 and runs[-1]:
            runs.append(set())
            room = highest - height(thing)
        runs[-1].add(thing.key)
    for run in runs:
        kept = set(run)
        for key in run:
            here = parents[key]
            while here is not None and here not in kept:
                kept.add(here)
                here = parents.get(here)
        yield [thing for thing in things if thing.key in kept]


def _in_tree_order(things: Sequence[Thing]) -> Iterator[Thing]:
    """Yield each thing before those that hang on it, and those before its next sibling."""
    keys = {thing.key for thing in things}
    below: dict[str | None, list[Thing]] = {}
    for thing in things:
        below.setdefault(thing.parent if thing.parent in keys else None, []).append(thing)
    waiting = below.get(None, [])[::-1]
    while waiting:
        thing = waiting.pop()
        yield thing
        waiting += below.get(thing.key, [])[::-1]
