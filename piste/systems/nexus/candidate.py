"""The candidate of a Nexus: its own running configuration, with typed changes put in.

Nothing else is touched. `configure replace` replaces everything: what the candidate does not repeat, the switch
removes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from piste.engine.converge.values import Misfit
from piste.systems.nexus.changes import Change, Interface, Vlan
from piste.systems.nexus.configuration import BANNER, Line, tree
from piste.systems.nexus.state import ALL, SHUT, SWITCHED, Port, State, numbers, of_configuration

Command = tuple[str, str]
"""A command in its context: `("vlan 20", "name serveurs")`; the context is empty at the top."""
_VLANS = re.compile(r"vlan ([0-9,\- ]+)")
ALLOWED = "switchport trunk allowed vlan "
_SPANS_A_LINE = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole configuration, and the only commands that lead to it from the running text."""

    text: str = field(repr=False)
    lines: frozenset[Command]


def candidate(running: str, changes: Sequence[Change]) -> Candidate:
    """Put changes into a running configuration.

    Raises `Misfit` where the text is no running configuration, or where a change needs what is not driven: a port that
    the switch does not have, a port that routes, a move from an aggregate to another, the link between both of a pair.
    """
    root = tree(running)
    draft = _Draft(running, root, of_configuration(root))
    for change in sorted(changes, key=_order):
        if isinstance(change, Vlan):
            draft.vlan(change)
        else:
            draft.interface(change)
    return Candidate("\n".join(draft.rows), frozenset(draft.lines))


def _order(change: Change) -> tuple[int, int, str]:
    """VLANs come before the trunks that admit them, port-channels before their members."""
    if isinstance(change, Vlan):
        return (0, change.id, "")
    return (1 if change.name.startswith("port-channel") else 2, 0, change.name)


def spans(vlans: Iterable[int]) -> str:
    """Write VLANs as NX-OS does: `1,10-12`."""
    parts: list[list[int]] = []
    for vlan in sorted(vlans):
        if parts and vlan == parts[-1][1] + 1:
            parts[-1][1] = vlan
        else:
            parts.append([vlan, vlan])
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in parts)


class _Draft:
    """The rows of a configuration while changes are put in, and the commands that result."""

    def __init__(self, running: str, root: Line, state: State) -> None:
        self.rows, self.lines = running.split("\n"), set[Command]()
        self._state, self._shut, self._routed = state, root.says(SHUT), root.says(f"no {SWITCHED}")

    def vlan(self, change: Vlan) -> None:
        block, live = f"vlan {change.id}", self._state.vlans.get(change.id)
        if live is None:
            self._listed(change.id)
            self.lines.add(("", block))
        name = [] if change.name == f"VLAN{change.id:04}" else [f"name {change.name}"]
        if self._commands(block, "name ") != name:
            self._set(block, "name ", name)
            self.lines.add((block, name[0] if name else "no name"))
        if not change.active and live is not False:
            self._set(block, "shutdown", ["shutdown"])
            self.lines.add((block, "shutdown"))
        stops = {"shutdown": "no shutdown", "state suspend": "state active"} if change.active else {}
        for stop, start in stops.items():
            if self._commands(block, stop):
                self._set(block, stop, [])
                self.lines.add((block, start))

    def interface(self, change: Interface) -> None:
        block = f"interface {change.name}"
        port = self._state.ports.get(change.name) or self._new(block, change.name)
        if port.vpc == "peer-link" and change.vpc is not None:
            raise Misfit(f"{change.name} est la liaison entre les deux Nexus : Piste ne touche pas à son vPC")
        if self._routes(block):
            raise Misfit(f"{change.name} route : Piste ne règle que des ports commutés")
        self._text(block, "description ", port.description, change.description)
        if change.trunk is not None and change.trunk != port.trunk:
            mode = "switchport mode trunk"
            self._set(block, "switchport mode ", [mode] if change.trunk else [])
            self.lines.add((block, mode if change.trunk else f"no {mode}"))
        if change.allowed is not None and change.allowed != port.allowed:
            self._set(block, ALLOWED, list(_allowed(change.allowed)))
            self.lines.add((block, ALLOWED + (spans(change.allowed) or "none")))
        self._text(block, "vpc ", port.vpc, change.vpc)
        self._group(block, port, change.group)
        if change.enabled is not None and change.enabled != port.up:
            wanted = "no shutdown" if change.enabled else "shutdown"
            self._set(block, "no shutdown", [])
            self._set(block, "shutdown", [] if change.enabled and not self._shut else [wanted])
            self.lines.add((block, wanted))

    def _new(self, block: str, name: str) -> Port:
        if not name.startswith("port-channel"):
            raise Misfit(f"{name} n’est pas un port de ce Nexus")
        at = next((at for at, row in self._top() if row.startswith("interface Ethernet")), len(self.rows))
        said = ["switchport"] if self._routed else []
        self.rows[at:at] = [block, *[f"  {command}" for command in said], ""]
        self.lines |= {("", block), *((block, command) for command in said)}
        return Port(name, trunk=False, up=True, allowed=ALL)

    def _routes(self, block: str) -> bool:
        addressed = ("no switchport", "ip address ", "ipv6 address ", "vrf member ")
        return any(self._commands(block, start) for start in addressed) or (
            self._routed and not self._commands(block, "switchport")
        )

    def _text(self, block: str, start: str, live: str, wanted: str | None) -> None:
        if wanted is not None and wanted != live:
            self._set(block, start, [f"{start}{wanted}"] if wanted else [])
            removal = "no vpc" if start == "vpc " else "no description"
            self.lines.add((block, f"{start}{wanted}" if wanted else removal))

    def _group(self, block: str, port: Port, group: int | None) -> None:
        live = int(port.group.removeprefix("port-channel") or 0)
        if group is None or group == live:
            return
        if live and group:
            raise Misfit(f"{port.name} est dans {port.group} : sortez-le d’abord de cet agrégat")
        joined = f"channel-group {group} mode active"
        self._set(block, "channel-group ", [joined] if group else [])
        self.lines.add((block, joined if group else "no channel-group"))

    def _listed(self, vlan: int) -> None:
        """Add a VLAN to the list of all, which comes first."""
        at, row = next(((at, row) for at, row in self._top() if _VLANS.fullmatch(row)), (0, ""))
        known = numbers(row.removeprefix("vlan ")) if row else []
        if 1 not in known:
            raise Misfit("la liste des VLAN est attendue dans la configuration")
        self.rows[at] = f"vlan {spans({*known, vlan})}"

    def _head(self, block: str) -> int:
        """Find the heading of a block; give a VLAN without any its own, in its place."""
        for at, row in self._top():
            # The list of all VLANs is no block.
            if row.rstrip() == block and block != "vlan 1":
                return at
        vlans = [(at, match[1].strip()) for at, row in self._top() if (match := _VLANS.fullmatch(row))]
        number = int(block.removeprefix("vlan "))
        later = [at for at, text in vlans[1:] if text.isdigit() and int(text) > number]
        place = later[0] if later else self._end(vlans[-1][0])
        self.rows.insert(place, block)
        return place

    def _commands(self, block: str, start: str) -> list[str]:
        """Give the commands of a block that are, or start with, these words."""
        return [row.strip() for _, row in self._within(block) if _is(row, start)]

    def _set(self, block: str, start: str, commands: Sequence[str]) -> None:
        """Put commands where those that start so were, else at the end of the block."""
        within = self._within(block)
        old = [at for at, row in within if _is(row, start)]
        place = old[0] if old else self._end(self._head(block))
        for at in reversed(old):
            del self.rows[at]
        self.rows[place:place] = [f"  {command}" for command in commands]

    def _within(self, block: str) -> list[tuple[int, str]]:
        """List the rows of the first level of a block."""
        head = self._head(block)
        rows = [(at, self.rows[at]) for at in range(head + 1, self._end(head))]
        return [(at, row) for at, row in rows if not row.startswith("   ")]

    def _end(self, head: int) -> int:
        """Find where the block of a heading is over."""
        return next((at for at in range(head + 1, len(self.rows)) if not self.rows[at].startswith(" ")), len(self.rows))

    def _top(self) -> Iterator[tuple[int, str]]:
        """Yield the rows of the top level; those of a banner are none."""
        end = ""
        for at, row in enumerate(self.rows):
            if end:
                end = "" if end in row else end
            elif match := BANNER.match(row):
                end = "" if match[1] in row[match.end() :] else match[1]
            elif row and not row.startswith((" ", "!")):
                yield at, row


def _is(row: str, start: str) -> bool:
    text = row.strip()
    return text == start or (start.endswith(" ") and text.startswith(start))


def _allowed(vlans: frozenset[int]) -> Iterator[str]:
    """Write the lines of a list; NX-OS cuts a long list into several."""
    parts = spans(vlans).split(",") if vlans else ["none"]
    for at in range(0, len(parts), _SPANS_A_LINE):
        yield f"{ALLOWED}{'add ' if at else ''}{','.join(parts[at : at + _SPANS_A_LINE])}"
