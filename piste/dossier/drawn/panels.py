"""The front panels of switches: the use of each port, and its link where it was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from string import ascii_uppercase
from typing import Literal, NamedTuple

from piste.dossier import notation
from piste.dossier.blocks import Drawing
from piste.drawings.canvas import TINTS
from piste.drawings.panel import Socket, Use, panel
from piste.drawings.text import ranges
from piste.model.ports import Port
from piste.words import NO_BREAK, agreed

OFF = "–"


class PortState(NamedTuple):
    """A port as read: its link, its speed, the power that it gives in watts."""

    link: Literal["up", "down", "unknown"]
    rate_mbps: int | None = None
    watts: float | None = None


class _Use(NamedTuple):
    """A use of ports; without words, they are off."""

    words: str
    vlan: str


def front_panel(
    key: str,
    name: str,
    model: str,
    ports: Sequence[Port],
    named: Callable[[str | None], str | None],
    read: Mapping[str, PortState] | None = None,
) -> Drawing:
    """Draw the front of a switch.

    `named` gives the name of the far end of a link; `read` the state of its ports by number, None: not read.
    """
    counted = Counter(_use(port) for port in ports)
    live = [use for use in counted if use.words]
    codes = dict(zip(live, _codes(), strict=False))
    tints = {use: rank % len(TINTS) for rank, use in enumerate(live)}
    sockets = [_socket(port, codes, tints, read) for port in ports]
    uses = [Use(code, _meaning(use, ports, named), tints[use]) for use, code in codes.items()]
    if len(live) < len(counted):
        off = [int(port["port"]) for port in ports if not _use(port).words]
        uses.append(Use(OFF, f"éteint{NO_BREAK}: {_numbers(off)}", None))
    said = [f"{use.words or 'éteint'} : {agreed(number, 'port(s)')}" for use, number in counted.items()]
    state = "état des ports : non lu" if read is None else _alive(read)
    words = f"{name}, {model}. {' ; '.join(said)} ; {state}. Le tableau des ports donne la même chose"
    canvas = panel(name, [f"{model} · {state}"], sockets, uses)
    return Drawing.drawn(f"{key}-panel", f"Face avant de {name}", words, canvas)


def _use(port: Port) -> _Use:
    if not port["enabled"]:
        return _Use("", "")
    if port["mode"] == "access":
        voice = f"+{port['voice_vlan']}" if port["voice_vlan"] else ""
        return _Use(port["name"], f"{port['vlan'] or ''}{voice}")
    return _Use(port["name"], "liaison" if port["uplink"] else port["mode"] or "")


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


def _socket(
    port: Port, codes: Mapping[_Use, str], tints: Mapping[_Use, int], read: Mapping[str, PortState] | None
) -> Socket:
    use = _use(port)
    seen = None if read is None else read.get(port["port"], PortState("unknown"))
    detail = ""
    if seen and seen.link == "up":
        rate, watts = seen.rate_mbps or 0, f"{seen.watts:.0f}{NO_BREAK}W" if seen.watts else ""
        speed = f"{rate // 1000}G" if rate >= 1000 else f"{rate}M" if rate else ""
        detail = " ".join(part for part in (speed, watts) if part)
    return Socket(int(port["port"]), codes.get(use, OFF), use.vlan, tints.get(use), seen.link if seen else None, detail)


def _alive(read: Mapping[str, PortState]) -> str:
    up = sum(state.link == "up" for state in read.values())
    return f"{agreed(up, 'port(s)')} avec un lien"


def _codes() -> Iterator[str]:
    """Yield a code a use: A, B… then AA, AB…"""
    yield from ascii_uppercase
    yield from (first + second for first in ascii_uppercase for second in ascii_uppercase)
