"""The ports of a Nexus as last read: its front, and their table with the declared links."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from piste.engine.words import NO_BREAK
from piste.papers.dossier.blocks import Block, Cell, Column, Drawing, Table, optional
from piste.papers.dossier.drawn.panels import OFF, PortsRead, PortState, alive, letters, link_cell, short_rate
from piste.papers.drawings.canvas import TINTS
from piste.papers.drawings.panel import Socket, Use, panel
from piste.papers.drawings.text import ranges
from piste.town.model.nexus.derived import Nexus, NexusLink

ETHERNET = "Ethernet"
type Number = tuple[int, ...]
"""The number of a port in parts: `1/49` is (1, 49)."""


class _Run(NamedTuple):
    """Neighbouring ports alike."""

    numbers: str
    link: NexusLink | None
    state: PortState


def ports(key: str, switch: Nexus, read: PortsRead, named: Callable[[str | None], str | None]) -> Iterator[Block]:
    """Yield the front of each module of a Nexus, then the table of its ports."""
    links = {
        _parts(port.removeprefix(ETHERNET)): link
        for link in switch["links"]
        for port in link["ports"] or [link["name"]]
        if port.startswith(ETHERNET)
    }
    read_here = read.switches.get(switch["name"], {})
    known = sorted({*links, *map(_parts, read_here)})
    states = {number: read.of(switch["name"], _written(number)) for number in known}
    modules = [*dict.fromkeys(number[0] for number in known if len(number) == 2)]
    for module in modules:
        here = {number[1]: states[number] for number in known if len(number) == 2 and number[0] == module}
        wired = {number[1]: link for number, link in links.items() if len(number) == 2 and number[0] == module}
        name = switch["name"] if len(modules) == 1 else f"{switch['name']}, module {module}"
        yield _front(f"{key}-{module}", name, here, wired, read, named)
    runs = [*_runs(known, links, states)]
    yield Table.of(
        f"nexus-ports[{switch['name']}]", f"Ports de {switch['name']}, {read.words}", runs, lambda run: run.numbers,
        (Column("ports", "Ports", code=True), lambda run: Cell(run.numbers)),
        (Column("link", "Lien", 2), lambda run: link_cell(run.state)),
        (Column("name", "Liaison déclarée", 1, code=True), lambda run: optional(run.link and run.link["name"])),
        (Column("to", "Vers", 1), lambda run: optional(run.link and named(run.link["to"]))),
        empty="Aucun port n’est déclaré ni relevé.",
    )  # fmt: skip


def _front(
    key: str, name: str, states: Mapping[int, PortState], links: Mapping[int, NexusLink], read: PortsRead,
    named: Callable[[str | None], str | None],
) -> Drawing:  # fmt: skip
    """Draw the front of a module: a code for each declared link."""
    wires = [*{link["name"]: link for link in links.values()}.values()]
    codes = {
        link["name"]: (code, rank % len(TINTS)) for rank, (link, code) in enumerate(zip(wires, letters(), strict=False))
    }
    sockets = []
    for number, state in states.items():
        code, tint = codes[links[number]["name"]] if number in links else (OFF, None)
        sockets.append(Socket(number, code, "", tint, state.link, short_rate(state)))
    uses = [Use(codes[link["name"]][0], _meaning(link, links, named), codes[link["name"]][1]) for link in wires]
    if loose := [number for number in states if number not in links]:
        uses.append(Use(OFF, f"hors déclaration{NO_BREAK}: {_listed(loose)}", None))
    said = f"{read.words}, {alive(states.values())}"
    words = f"{name}, Nexus. {said}. Le tableau des ports donne la même chose"
    return Drawing.drawn(
        key, f"Face avant de {name}, {read.words}", words, panel(name, [f"Nexus · {said}"], sockets, uses)
    )


def _meaning(link: NexusLink, links: Mapping[int, NexusLink], named: Callable[[str | None], str | None]) -> str:
    mine = [number for number, other in links.items() if other["name"] == link["name"]]
    return f"{link['name']} vers {named(link['to'])}{NO_BREAK}: {_listed(mine)}"


def _listed(numbers: Sequence[int]) -> str:
    return f"{'ports' if len(numbers) > 1 else 'port'} {ranges(numbers)}"


def _runs(
    known: Sequence[Number], links: Mapping[Number, NexusLink], states: Mapping[Number, PortState]
) -> Iterator[_Run]:
    """Group the neighbours that have the same link and the same state."""
    run: list[Number] = []
    for number in [*known, None]:
        if run and (number is None or not _alike(run[-1], number, links, states)):
            first, last = _written(run[0]), _written(run[-1])
            yield _Run(first if first == last else f"{first}–{last}", links.get(run[0]), states[run[0]])
            run = []
        run += [number] if number is not None else []


def _alike(
    before: Number, number: Number, links: Mapping[Number, NexusLink], states: Mapping[Number, PortState]
) -> bool:
    follows = number == (*before[:-1], before[-1] + 1)
    return follows and links.get(before) == links.get(number) and states[before] == states[number]


def _parts(number: str) -> Number:
    return tuple(map(int, number.split("/")))


def _written(number: Number) -> str:
    return "/".join(map(str, number))
