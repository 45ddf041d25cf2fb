"""Rules of the names: each once, none that computers look for by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from ..paths import dotted
from .derived import forward_zone

if TYPE_CHECKING:
    from ..declaration import DeclaredSite
    from ..faults import Mark
    from ..paths import KeyPath
    from ..site import Site
    from ..view import View
    from .form import DeclaredRecord


LURES = frozenset({"wpad", "isatap"})
"""Names that computers ask for by themselves. Source: Microsoft, the global query block list of the DNS server."""
_OF_THE_DIRECTORY = frozenset({"_msdcs", "_sites", "_tcp", "_udp", "domaindnszones", "forestdnszones", "gc"})
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_WHOLE = re.compile(r"(?:_?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+", re.IGNORECASE)


class Named(NamedTuple):
    """A name of the town's zone, what has it, and the place of its declaration."""

    name: str
    what: str
    alias: bool
    path: str
    mark: Mark


def check_names(view: View) -> None:
    """M200, M201, M203: a name is once in the zone, permitted, and fit for a machine."""
    first: dict[str, Named] = {}
    for entry in _names(view):
        name = entry.name.lower()
        if not _LABEL.fullmatch(entry.name):
            message = f"{entry.what} : « {entry.name} » n’est pas un nom de machine"
            view.faults.add("PISTE-M203", entry.path, entry.mark, message)
            continue
        if name in LURES or name in _OF_THE_DIRECTORY:
            view.faults.add("PISTE-M201", entry.path, entry.mark, f"{entry.what} : « {name} » est un nom réservé")
        if other := first.get(name):
            where = f"{other.mark.file}:{other.mark.line}"
            message = f"{entry.what} : le nom « {name} » est déjà à {other.what} ({where})"
            view.faults.add("PISTE-M200", entry.path, entry.mark, message)
        first.setdefault(name, entry)
    _check_records(view, first)


def _names(view: View) -> Iterator[Named]:
    """Yield the names of machines, equipment and gateways, then the aliases."""
    codes: set[str | None] = {None}
    for declared, site in view.pairs():
        if site["lifecycle"] != "closed":
            yield from _reserved(declared, site)
            # Two sites of one code have another fault, as a site without a code.
            if site["code"] not in codes:
                yield from _derived(view, declared, site)
            codes.add(site["code"])
    for declared, site in view.pairs():
        for key, segment in declared.variables.segments.items() if site["lifecycle"] != "closed" else ():
            for name, reservation in segment.reservations.items():
                where = ("segments", key, "reservations", name)
                for alias in reservation.aliases:
                    path, mark = f"sites[{declared.id}].{dotted(where)}.aliases", declared.where((*where, "aliases"))
                    yield Named(alias, f"l’alias de {name} ({declared.id})", True, path, mark)


def _reserved(declared: DeclaredSite, site: Site) -> Iterator[Named]:
    for key, segment in site["segments"].items():
        for name in segment["reservations"]:
            where = ("segments", key, "reservations", name)
            path = f"sites[{declared.id}].{dotted(where)}"
            yield Named(name, f"{declared.id}, segment {key}", False, path, declared.where(where))


def _derived(view: View, declared: DeclaredSite, site: Site) -> Iterator[Named]:
    for gateway in site["gateways"]:
        path, mark = f"sites[{declared.id}].segments[{gateway['segment']}]", declared.where(("site", "plan", "code"))
        yield Named(gateway["name"], f"la passerelle {gateway['address']}", False, path, mark)
    named: set[str] = set()
    for item in view.devices(declared):
        # A name that two devices of a site share is a fault of their ranks.
        if item.device["name"] not in named:
            named.add(item.device["name"])
            yield Named(item.device["name"], f"l’équipement {item.device['serial']}", False, item.path, item.mark())


def _check_records(view: View, machines: dict[str, Named]) -> None:
    """M200, M201, M202: a declared record has a free name, permitted, and values of its type."""
    variables = view.declared.town.variables
    zone, town = forward_zone(variables), view.declared.town
    seen: dict[str, str] = {}
    for index, record in enumerate(variables.dns.records):
        where: KeyPath = ("dns", "records", index)
        path, mark = dotted(where), town.where(where)
        what = f"{record.name}.{zone} ({record.type})"
        if set(record.name.split(".")) & (LURES | _OF_THE_DIRECTORY) or (record.name == "@" and record.type != "TXT"):
            view.faults.add("PISTE-M201", path, mark, f"{what} : ce nom est réservé")
        if other := machines.get(record.name):
            if record.type == "CNAME" or other.alias or record.type == "A":
                view.faults.add("PISTE-M200", path, mark, f"{what} : le nom est déjà à {other.what}")
        elif record.name in seen and "CNAME" in (record.type, seen[record.name]):
            view.faults.add("PISTE-M200", path, mark, f"{what} : le nom est déjà à un enregistrement de la liste")
        seen.setdefault(record.name, record.type)
        for value in _wrong(record):
            view.faults.add("PISTE-M202", path, mark, f"{what} : « {value} » n’est pas une valeur de ce type")


def _wrong(record: DeclaredRecord) -> Iterator[str]:
    if record.type == "CNAME" and len(record.values) > 1:
        yield ", ".join(record.values)
    for value in record.values:
        if record.type == "CNAME":
            fits = _WHOLE.fullmatch(value) is not None
        elif record.type == "TXT":
            fits = True
        else:
            fits = _version(value) == (4 if record.type == "A" else 6)
        if not fits:
            yield value


def _version(text: str) -> int:
    try:
        return ip_address(text).version
    except ValueError:
        return 0
