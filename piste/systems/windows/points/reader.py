"""The reading of the points of a directory: bulk searches, then each point judged.

No object is kept: a point gives counts, and some names. `ad_points` is what a task reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from piste.engine.converge.errors import PisteError, Unreachable
from piste.engine.converge.module import Module
from piste.engine.transport.subjects import subject
from piste.systems.windows import dn as dns
from piste.systems.windows.connection import ACTIVE_DIRECTORY, Connection
from piste.systems.windows.directory import Directory
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo.acl import parse
from piste.systems.windows.moments import of_text
from piste.systems.windows.points.conditions import meets, rights
from piste.systems.windows.points.rights import granted
from piste.systems.windows.points.table import Point, Search, readable, searches
from piste.systems.windows.points.world import PRINCIPALS, World
from piste.systems.windows.searches import DACL, DESCRIPTOR, OWNER
from piste.systems.windows.well_known import WELL_KNOWN

NAMED = 20
"""Names of objects at fault that a point keeps."""
_LONGEST = 64
_HIDDEN = "rien de ce que ce point regarde ne se montre à ce compte"


def read(directory: Directory) -> dict[str, Any]:
    """Judge every point: `{read_at, points, unread}`.

    `points` are by id `{wrong, faults, of, names}`: objects at fault, objects judged, some names; `unread` are reasons,
    by id. Raises `Unreachable` where the controller does not answer.
    """
    objects: dict[str, Sequence[Entry]] = {}
    refused: dict[str, str] = {}
    for name, search in searches().items():
        try:
            objects[name] = _asked(directory, search)
        except Unreachable:
            raise
        except PisteError as error:
            refused[name] = " : ".join(filter(None, (error.what, error.why)))
    now = clock(objects.get("root", ()))
    for name, search in searches().items():
        if search.joins and name in objects:
            objects[name] = _joined(objects[name], objects.get(search.joins, ()))
    world = World(directory.base, directory.sid, now, objects)
    points: dict[str, Any] = {}
    unread: dict[str, str] = {}
    for id_, point in readable().items():
        # Who administers the domain is in the principals: nothing is judged without them.
        asked = (point.entry.of, point.entry.needs, PRINCIPALS)
        if reason := next((refused[name] for name in asked if name in refused), ""):
            unread[id_] = reason
            continue
        try:
            points[id_] = judged(world, point)
        except (PisteError, ValueError, LookupError) as error:
            unread[id_] = error.what if isinstance(error, PisteError) else f"réponse illisible ({error})"
    return {"read_at": now.isoformat(timespec="seconds"), "points": points, "unread": unread}


def judged(world: World, point: Point) -> dict[str, Any]:
    """Judge a point.

    Raises `Unreachable` where what it looks at does not show, and what shows is not enough for a fault.
    """
    entry = point.entry
    looked_at = [item for item in world.objects[entry.of] if meets(world, item, entry.among)]
    if (not looked_at and not entry.optional) or (entry.needs and looked_at and not world.objects[entry.needs]):
        raise Unreachable(_HIDDEN)
    at_fault, hidden = list[Entry](), list[PisteError]()
    for item in looked_at:
        try:
            at_fault += [item] if meets(world, item, point.fault) else []
        except PisteError as error:
            hidden.append(error)
    most = entry.share * len(looked_at) / 100 if entry.share else entry.most
    wrong = len(at_fault) > most
    if hidden and not wrong:
        raise hidden[0]
    said = (_named(world, item, rights(point.fault)) for item in at_fault)
    names = [] if entry.persons or not wrong else sorted(said)[:NAMED]
    return {"wrong": wrong, "faults": len(at_fault), "of": len(looked_at), "names": names}


def _asked(directory: Directory, search: Search) -> list[Entry]:
    places = {
        "domain": directory.base,
        "configuration": directory.configuration,
        "forest": dns.parent(directory.configuration),
    }
    return [
        entry
        for place in search.places
        for entry in directory.search(
            place.format(**places), search.filter, search.attributes, search.scope,
            descriptor=OWNER if search.descriptor == "owner" else DACL if search.descriptor else 0,
        )
    ]  # fmt: skip


def _joined(entries: Sequence[Entry], others: Sequence[Entry]) -> list[Entry]:
    """Give objects with their descriptor, and what another search read of them."""
    known = {dns.normal(entry.dn): entry for entry in others}
    made = []
    for entry in entries:
        other = known.get(dns.normal(entry.dn))
        values: Mapping[str, list[bytes]] = {name: other.raw(name) for name in other.names} if other else {}
        made.append(Entry(entry.dn, {**values, DESCRIPTOR: entry.raw(DESCRIPTOR)}))
    return made


def clock(root: Sequence[Entry]) -> datetime:
    """Read the clock of the controller. Raises `Unreachable`."""
    if not root:
        raise Unreachable("ne dit pas l’heure qu’il est")
    return root[0].read("currentTime", of_text)


def _named(world: World, entry: Entry, wanted: Sequence[str]) -> str:
    """Name an object for people, and who has some rights on it without administering anything."""
    sids = granted(entry.read(DESCRIPTOR, parse), wanted) if wanted and entry.raw(DESCRIPTOR) else ()
    weak = [(world.known(sid), sid) for sid in sids if world.weak(sid)]
    who = sorted(_name(other) if other else WELL_KNOWN.get(sid, sid) for other, sid in weak)
    return f"{_name(entry)} ({', '.join(who[:NAMED])})" if who else _name(entry)


def _name(entry: Entry) -> str:
    """Name an object for people: its account, else its name, else its place."""
    for attribute in ("sAMAccountName", "name", "cn"):
        if shown := entry.shown(attribute):
            return shown[0][:_LONGEST]
    return (entry.dn or "rootDSE")[:_LONGEST]


def _read(connection: Connection, params: Mapping[str, Any]) -> dict[str, Any]:
    return {"directory": read(connection.directory)}


MODULES: Mapping[str, Module] = subject("ad_points", ACTIVE_DIRECTORY, _read)
