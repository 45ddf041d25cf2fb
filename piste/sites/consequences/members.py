"""Consequences of who is in a group: what it opens to those who leave and to those who join.

The groups, the policies of admission and the group policies are those of both sides of the plan. What else a group
opens (rights on a share, on an application) is read by nobody, and said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from piste.engine.converge.allowed import is_waiting
from piste.engine.words import agreed, some
from piste.sites.consequences import effects
from piste.sites.consequences.counts import linked
from piste.sites.consequences.form import Consequence
from piste.systems.kinds.labels import label
from piste.systems.windows.dn import fold

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Item, Side, Sides
    from piste.town.model.derived import Derived

_SIDES: tuple[Side, Side] = ("before", "after")
_NAMED = 3


def consequences(town: Derived, sides: Sides) -> Iterator[Consequence]:
    """Yield, by group and by way that it opens, what its members of the plan lose or gain."""
    for at, operation in enumerate(sides.operations):
        if operation["kind"] == "group" and not is_waiting(operation):
            was, will = ({*_members(operation["content"][side])} for side in _SIDES)
            unread = effects.table()["opened"]["unread"]
            about = f"{operation['label']} : {len(was)} → {agreed(len(will), 'membre(s)')}, {unread}"
            for side, names in zip(_SIDES, (was - will, will - was), strict=True):
                if names:
                    yield from _turned(town, sides, side, at, f"{some(sorted(names), _NAMED)} ({about})")


def _turned(town: Derived, sides: Sides, side: Side, at: int, who: str) -> Iterator[Consequence]:
    """Yield what those lose who are in a group before alone, or gain who are after, by way."""
    words: Mapping[str, Any] = effects.table()["opened"]
    turn = "lost" if side == "before" else "gained"
    ways = _ways(town, sides, side, str(sides.operations[at]["key"]))
    # A group that comes or goes whole has its own line; here is what it opens.
    for way in sorted(ways) or (["nothing"] if sides.operations[at]["action"] == "update" else []):
        row = words[way]
        said = row[turn].format(names=some([*dict.fromkeys(ways.get(way, ()))], _NAMED))
        source = effects.table()["sources"].get(row.get("source", ""), "")
        rests = ((town.commune["id"], row["rests"]),) if town.commune else ()
        yield Consequence(row["subject"], row["gravity"][turn], who, said, (at,), row["lasts"], source,
                          words["unread"], assumed=rests)  # fmt: skip


def _ways(town: Derived, sides: Sides, side: Side, group: str) -> dict[str, list[str]]:
    """Give what a group opens on a side, itself or by the groups that it is in, by way."""
    # Imported here: it brings the forms of the declaration, and most plans have no group.
    from piste.town.model.devices import MANAGEMENT

    names = _above(sides, side, group)
    ways: dict[str, list[str]] = {}
    management = {site["segments"][MANAGEMENT]["vlan"]: name for name, site in town.sites.items()
                  if MANAGEMENT in site["segments"]}  # fmt: skip
    for policy in sides.objects("nps_network_policies", side).values():
        if policy.get("enabled") is not False and any(_mentions(policy.get("conditions"), names)):
            site = management.get(policy.get("vlan") or 0)
            way, named = ("management", f"{MANAGEMENT}@{site}") if site else ("admission", f"« {policy['name']} »")
            ways.setdefault(way, []).append(named)
    for name, policy in linked(sides, side):
        for part, way in (("filtering", "policies"), ("exempt", "exemptions")):
            if any(_mentions(policy.get(part), names)):
                ways.setdefault(way, []).append(f"« {name} »")
        for part in ("computer", "user"):
            for path in _mentions(policy.get(part), names):
                ways.setdefault("settings", []).append(f"{_setting(policy[part], path)} de « {name} »")
    return ways


def _above(sides: Sides, side: Side, group: str) -> set[str]:
    """Give a group and the groups that it is in, at any depth."""
    groups = sides.objects("ad_groups", side).values()
    every, left = set[str](), {fold(group)}
    while left:
        every |= left
        left = {fold(each["name"]) for each in groups if left & {*map(fold, _members(each))}} - every
    return every


def _members(group: Item | None) -> Mapping[str, Any]:
    members = (group or {}).get("members")
    return members if isinstance(members, Mapping) else {}


def _mentions(value: Any, names: set[str]) -> Iterator[tuple[str, ...]]:
    """Yield the path of each place that names a group: a value, or the entry of a map."""
    if isinstance(value, str) and fold(value) in names:
        yield ()
    entries = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for entry, inner in entries:
        if fold(str(entry)) in names:
            yield (str(entry),)
        yield from ((str(entry), *path) for path in _mentions(inner, names))


def _setting(content: Mapping[str, Any], path: tuple[str, ...]) -> str:
    """Name the setting at a path: its kind, its name, its share."""
    part, *inside = path
    if len(inside) < 2:
        return label("", part)
    setting = content[part][inside[0]][inside[1]]
    share = setting.get("path") if isinstance(setting, Mapping) else ""
    return f"{label(part, inside[0])} {inside[1]}{f' ({share})' if share else ''}"
