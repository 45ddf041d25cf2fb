"""The front panels of switches: the use of each port, and its link where it was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from string import ascii_uppercase
from typing import NamedTuple

from piste.engine.words import NO_BREAK, agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Drawing, Mark
from piste.papers.drawings.canvas import TINTS
from piste.papers.drawings.panel import SIGNS, LinkState, Socket, Use, panel
from piste.papers.drawings.text import ranges
from piste.town.model.ports import Port

OFF = "–"


class PortState(NamedTuple):
    """A port as read: its link, its speed, the `faults` that its switch reports of it."""

    link: LinkState
    rate_mbps: int | None = None
    faults: tuple[str, ...] = ()


UNREAD = PortState("unknown")


class PortsRead(NamedTuple):
    """The ports of a site by switch and number, as read; empty: never read.

    `doubt` says why a reading is not believed: its ports are then unknown.
    """

    read_at: str = ""
    switches: Mapping[str, Mapping[str, PortState]] = {}
    doubt: str = ""

    def of(self, switch: str, port: str) -> PortState:
        """Give the state of a port; what was not read is unknown."""
        return self.switches.get(switch, {}).get(port, UNREAD)

    @property
    def words(self) -> str:
        """Say when the ports were read."""
        if self.doubt:
            return f"ports inconnus : {self.doubt}"
        return f"ports relevés le {notation.moment(self.read_at)}" if self.read_at else "ports non relevés"


class _Use(NamedTuple):
    """A use of ports; without words, they are off. `rank` is that of their profile."""

    words: str
    vlan: str
    rank: int = 0


def front_panel(
    key: str,
    name: str,
    model: str,
    ports: Sequence[Port],
    named: Callable[[str | None], str | None],
    read: PortsRead | None = None,
) -> Drawing:
    """Draw the front of a switch.

    A profile has one letter and one colour in the whole town, those of its place in the declaration. `named` gives the
    name of the far end of a link; `read` the state of ports, None where nobody asks for it.
    """
    states = {port["port"]: read.of(name, port["port"]) for port in ports} if read is not None else {}
    counted = Counter(_use(port) for port in ports)
    live = sorted((use for use in counted if use.words), key=lambda use: use.rank)
    codes = {use: next(islice(letters(), use.rank, None)) for use in live}
    tints = {use: use.rank % len(TINTS) for use in live}
    sockets = [_socket(port, codes, tints, states.get(port["port"])) for port in ports]
    uses = [Use(code, _meaning(use, ports, named), tints[use]) for use, code in codes.items()]
    if len(live) < len(counted):
        off = [int(port["port"]) for port in ports if not _use(port).words]
        uses.append(Use(OFF, f"éteint{NO_BREAK}: {_numbers(off)}", None))
    said = [f"{use.words or 'éteint'} : {agreed(number, 'port(s)')}" for use, number in counted.items()]
    state = "état des ports : non lu" if read is None else f"{read.words}, {alive(states.values())}"
    words = f"{name}, {model}. {' ; '.join(said)} ; {state}. Le tableau des ports donne la même chose"
    canvas = panel(name, [f"{model} · {state}"], sockets, uses)
    caption = f"Face avant de {name}" if read is None else f"Face avant de {name}, {read.words}"
    return Drawing.drawn(f"{key}-panel", caption, words, canvas)


def link_cell(state: PortState) -> Cell:
    """Write the state of a port: its sign, its word, its speed, its faults."""
    sign, word = SIGNS[state.link]
    rate = notation.rate(state.rate_mbps)
    text = f"{sign} {word}" + (f", {rate}" if rate else "")
    return Cell(text + (f" : {', '.join(state.faults)}" if state.faults else ""), _MARKS.get(state.link))


_MARKS: Mapping[LinkState, Mark] = {"up": "good", "error": "bad", "unknown": "doubt"}


def _use(port: Port) -> _Use:
    if not port["enabled"]:
        return _Use("", "")
    if port["mode"] == "access":
        voice = f"+{port['voice_vlan']}" if port["voice_vlan"] else ""
        return _Use(port["name"], f"{port['vlan'] or ''}{voice}", port["rank"])
    return _Use(port["name"], "liaison" if port["uplink"] else port["mode"] or "", port["rank"])


def _numbers(numbers: Sequence[int]) -> str:
    return f"{'ports' if len(numbers) > 1 else 'port'} {ranges(numbers)}"


def _meaning(use: _Use, ports: Sequence[Port], named: Callable[[str | None], str | None]) -> str:
    mine = [port for port in ports if _use(port) == use]
    first = mine[0]
    parts = [_numbers([int(port["port"]) for port in mine])]
    parts += [f"{port['port']} vers {named(port['far_end'])}" for port in mine if port["far_end"]]
    if first["mode"]:
        parts.append(notation.MODE[first["mode"]])
    if first["mode"] == "access":
        parts += [f"VLAN {first['vlan']}"] if first["vlan"] else []
        parts += [f"voix {first['voice_vlan']}"] if first["voice_vlan"] else []
        parts += [f"802.1X {first['access_policy']}"] if first["access_policy"] else []
    return f"{use.words}{NO_BREAK}: {' ; '.join(parts)}"


def _socket(port: Port, codes: Mapping[_Use, str], tints: Mapping[_Use, int], seen: PortState | None) -> Socket:
    use = _use(port)
    link, detail = (seen.link, short_rate(seen)) if seen else (None, "")
    return Socket(int(port["port"]), codes.get(use, OFF), use.vlan, tints.get(use), link, detail)


def short_rate(state: PortState) -> str:
    """Write the speed of a port for its socket: `10G`, `100M`; empty where it has none."""
    rate = state.rate_mbps or 0
    return f"{rate // 1000}G" if rate >= 1000 and not rate % 1000 else f"{rate}M" if rate else ""


def alive(states: Iterable[PortState]) -> str:
    """Count the states of ports, links first."""
    counts = Counter(state.link for state in states)
    return ", ".join(f"{word} : {counts[link]}" for link, (_, word) in SIGNS.items() if counts[link])


def letters() -> Iterator[str]:
    """Yield a code a use: A, B… then AA, AB…"""
    yield from ascii_uppercase
    yield from (first + second for first in ascii_uppercase for second in ascii_uppercase)
