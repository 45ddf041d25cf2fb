"""The last reading of what lives, kept by environment: the portal shows it, with its age.

A verification reads whole lists, of all the town. Each part is kept with the moment of its reading, by the clock of its
system; a part that was not read again stays as it was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict, cast

from pydantic import AwareDatetime, Field, FiniteFloat, TypeAdapter, ValidationError

from piste.converge.bounded import Unreadable, content
from piste.converge.errors import PisteError
from piste.converge.locks import locked
from piste.converge.moments import ahead
from piste.converge.private import write_private
from piste.converge.untrusted import read_plain
from piste.repository import ROOT

LARGEST = 32_000_000
"""Bytes of the kept readings: fifty times those of a town of 24 sites."""
PATIENCE = 60.0
"""Seconds to wait for another reading that is being kept, which takes a moment."""


_SOONEST, _LATEST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
type Moment = Annotated[AwareDatetime, Field(ge=_SOONEST, lt=_LATEST)]
"""A moment that every zone can write."""


class Part[T](TypedDict):
    """A part of the life of a system: when it was read, its values by name or serial number."""

    read_at: Moment
    values: dict[str, T]


class LiveDevice(TypedDict):
    status: str
    reported_at: Moment | None


class LivePort(TypedDict):
    status: str
    speed_mbps: Annotated[int, Field(ge=0, le=10_000_000)] | None
    errors: list[str]
    warnings: list[str]


class LiveNexusPort(TypedDict):
    status: Literal["up", "down", "off", "error"]
    speed_mbps: int | None
    reason: str


class NexusPorts(TypedDict):
    """The ports of a Nexus by number, `1/49` or `1/50/1`: when they were read, and each."""

    read_at: Moment
    values: dict[Annotated[str, Field(pattern=r"^[0-9]{1,3}(/[0-9]{1,3}){1,2}$")], LiveNexusPort]


class LiveItem(TypedDict):
    key: str
    delay: str
    last: FiniteFloat


class LiveHost(TypedDict):
    enabled: bool
    items: list[LiveItem]


class Kept(TypedDict, total=False):
    """The parts that were ever read, by serial number or by name; `ports` by number too.

    `places` are the nodes of the machines of a name; None for a machine that runs on none. `nexus_ports` are a part for
    each switch, by its name: a silent switch leaves its former part.
    """

    devices: Part[LiveDevice]
    ports: Part[dict[str, LivePort]]
    machines: Part[list[str]]
    places: Part[list[str | None]]
    hosts: Part[LiveHost]
    problems: Part[int]
    nexus_ports: dict[str, NexusPorts]


NEXUS_PORTS = "nexus_ports"
PARTS: Mapping[str, tuple[str, ...]] = {
    "meraki": ("devices", "ports"),
    "prism": ("machines", "places"),
    "zabbix": ("hosts", "problems"),
    "nexus": (NEXUS_PORTS,),
}
"""The parts that are kept, by system."""
LABELS: Mapping[str, str] = {
    "devices": "équipements",
    "ports": "ports des commutateurs",
    "machines": "machines",
    "places": "machines sur leurs nœuds",
    "hosts": "hôtes de la supervision",
    "problems": "problèmes en cours",
    NEXUS_PORTS: "ports du Nexus",
}
"""The words of the parts; the name of its switch follows those of a Nexus."""
_FORM = TypeAdapter(Kept)


class UnreadableLife(PisteError):
    """The file of the last readings is not what was written there."""

    code = "PISTE-E157"


class NotKept(PisteError):
    """The last readings cannot be written."""

    code = "PISTE-E161"


def names(part: str, switches: Sequence[str]) -> list[str]:
    """Name a part; the ports of the Nexus are a part for each switch: `nexus_ports/nx-hdv-1`."""
    return [f"{part}/{switch}" for switch in switches] if part == NEXUS_PORTS else [part]


def label(name: str) -> str:
    """Give the words of a part that `names` or `each` named."""
    part, _, switch = name.partition("/")
    return f"{LABELS[part]} {switch}".rstrip()


def each(life: Kept) -> Iterator[tuple[str, Part[Any] | NexusPorts]]:
    """Yield every part with its name, in the order of their words."""
    for part in LABELS:
        if part == NEXUS_PORTS:
            yield from ((f"{part}/{switch}", ports) for switch, ports in life.get("nexus_ports", {}).items())
        elif part in life:
            yield part, life[part]  # type: ignore[literal-required]


def file(environment: str) -> Path:
    """Locate the readings of an environment, beside the records of its runs."""
    given = os.environ.get("PISTE_LIVING_DIR")
    return (Path(given) if given else ROOT / ".piste" / "living") / environment / "readings.json"


def last(environment: str) -> Kept:
    """Return the last readings, empty where there are none. Raises `UnreadableLife`."""
    path = file(environment)
    try:
        return _FORM.validate_json(read_plain(path, LARGEST))
    except FileNotFoundError:
        return Kept()
    except (OSError, ValidationError) as error:
        why = str(error.errors(include_url=False)[0]["msg"]) if isinstance(error, ValidationError) else str(error)
        raise UnreadableLife(
            "la dernière lecture de ce qui vit est illisible", where=str(path), why=why,
            todo="Effacez le fichier, puis relisez : piste living read.",
        ) from error  # fmt: skip


def add(environment: str, written: Path, system: str = "") -> Kept:
    """Keep the parts of a reading that a playbook wrote: those of a `system`, or of each.

    Return the parts that were kept. What is not there, makes no sense, is dated in the future or before the part that
    is kept is left out: the former part stays. Raises `NotKept`.
    """
    fresh, asked = Kept(), frozenset[str]()
    if not written.is_file():
        return fresh
    with suppress(Unreadable, ValueError):
        read = json.loads(content(written))
        for name, parts in ({system: read} if system else read).items():
            if name == "nexus":
                ports, asked = _nexus(parts)
                fresh |= ports
            else:
                fresh |= _parts(name, parts)
    return _added(file(environment), environment, fresh, asked) if fresh else fresh


def _added(path: Path, environment: str, fresh: Kept, asked: frozenset[str]) -> Kept:
    """Write the parts among those that are kept, alone: a timer and a person may read at once.

    `asked` are all the Nexus, where they were read: another is declared no more.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(path.with_suffix(".lock"), "relevé de ce qui vit", PATIENCE, 0o600):
            kept = Kept()
            with suppress(UnreadableLife):
                kept = last(environment)
            newer, former = _newer(fresh, kept), kept.get("nexus_ports", {})
            merged = kept | newer
            if asked:
                ports = {name: part for name, part in former.items() if name in asked}
                merged["nexus_ports"] = ports | newer.get("nexus_ports", {})
            write_private(path, _FORM.dump_json(merged) + b"\n")
    except OSError as error:
        raise NotKept(
            "ce qui vit a été lu, et ne s’écrit pas",
            where=str(error.filename or path), why=error.strerror or str(error),
            todo="Faites qu’il s’écrive (place, droits), puis relisez : piste living read.",
        ) from error  # fmt: skip
    return newer


def _newer(fresh: Kept, kept: Kept) -> Kept:
    """Give the parts that are not dated before those that are kept."""
    former = dict(each(kept))
    late = {name for name, part in each(fresh) if _late(part, former.get(name))}
    made = cast("Kept", {name: part for name, part in fresh.items() if name != NEXUS_PORTS and name not in late})
    every = fresh.get("nexus_ports", {})
    if ports := {switch: part for switch, part in every.items() if f"{NEXUS_PORTS}/{switch}" not in late}:
        made["nexus_ports"] = ports
    return made


def _late(part: Any, former: Any) -> bool:
    """Tell whether a part is dated before the former: a slow reading, or a clock set back."""
    return former is not None and ahead(former["read_at"], part["read_at"]) and not ahead(former["read_at"])


def _parts(system: str, read: Any) -> Kept:
    """Check the parts of a system, one by one."""
    made = Kept()
    for name in PARTS.get(system, ()):
        if isinstance(read, dict) and name in read:
            with suppress(ValidationError):
                part = _FORM.validate_python({name: {"read_at": read.get("read_at"), "values": read[name]}})
                if not ahead(part[name]["read_at"]):  # type: ignore[literal-required]
                    made |= part
    return made


def _nexus(read: Any) -> tuple[Kept, frozenset[str]]:
    """Check the ports of each Nexus on its own; name every switch that was asked."""
    switches: dict[str, NexusPorts] = {}
    given = read if isinstance(read, dict) else {}
    ports, unread = (part if isinstance(part := given.get(name), dict) else {} for name in (NEXUS_PORTS, "unread"))
    for switch, part in ports.items():
        with suppress(ValidationError):
            (checked,) = _FORM.validate_python({NEXUS_PORTS: {switch: part}})["nexus_ports"].values()
            if not ahead(checked["read_at"]):
                switches[switch] = checked
    asked = frozenset({*ports, *(name.removesuffix("/ports") for name in unread)})
    return (Kept(nexus_ports=switches) if switches else Kept()), asked
