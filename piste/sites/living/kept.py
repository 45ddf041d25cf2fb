"""The last readings of what lives, by part, each with the moment of its system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict, cast

from pydantic import Field, FiniteFloat

from piste.engine.converge.moments import zoned
from piste.engine.converge.reading import FAULTS
from piste.readings import store
from piste.readings.belief import Last, Reading, Tried, Unread, left_out, silence_of
from piste.readings.subject import Subject
from piste.readings.table import SUBJECTS, Answer
from piste.sites.living.seen import SYSTEMS
from piste.sites.living.seen import Reading as Seen
from piste.town.model.dates import now
from piste.town.model.forms import Moment
from piste.town.model.freshness import ages

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

type Speed = Annotated[int, Field(ge=0, le=10_000_000)]


class Device(TypedDict):
    """A device; what earlier versions did not keep may lack."""

    status: str
    reported_at: Moment | None
    name: NotRequired[str]
    model: NotRequired[str | None]
    firmware: NotRequired[str | None]
    supplies: NotRequired[list[str]]


class Port(TypedDict):
    """A port of a switch; what earlier versions did not keep may lack."""

    status: str
    speed_mbps: Speed | None
    errors: list[str]
    warnings: list[str]
    uplink: NotRequired[bool]
    duplex: NotRequired[str]
    fed: NotRequired[bool]


class Network(TypedDict, total=False):
    """A part of the network, by serial number; ports by number too."""

    devices: dict[str, Device]
    ports: dict[str, dict[str, Port]]
    radios: dict[str, list[str]]
    clients: dict[str, int]


class Node(TypedDict):
    state: str
    degraded: bool
    hypervisor: str | None
    connected: str | None
    controller_in_maintenance: bool
    version: str | None


class Hosting(TypedDict, total=False):
    """A part of the hosting, by name; `places` are nodes, None for a machine that runs on none."""

    machines: dict[str, list[str]]
    places: dict[str, list[str | None]]
    nodes: dict[str, Node]
    clusters: dict[str, str | None]


class Item(TypedDict):
    key: str
    delay: str
    last: FiniteFloat


class Host(TypedDict):
    enabled: bool
    items: list[Item]


class Problem(TypedDict):
    """An open problem of a host; severity from 0, not classified, to 5, disaster."""

    id: str
    name: str
    severity: Annotated[int, Field(ge=0, le=5)]
    since: Moment
    acknowledged: bool


class Supervision(TypedDict, total=False):
    """A part of the supervision, by host."""

    hosts: dict[str, Host]
    problems: dict[str, list[Problem]]


class NexusPort(TypedDict):
    status: Literal["up", "down", "off", "error"]
    speed_mbps: Speed | None
    reason: str


class Nexus(TypedDict):
    """A Nexus: its ports by number, `1/49` or `1/50/1`; its version where it was read."""

    nexus_ports: dict[Annotated[str, Field(pattern=r"^[0-9]{1,3}(/[0-9]{1,3}){1,2}$")], NexusPort]
    version: str | None


class Part[T](TypedDict):
    """A part that is believed: when it was read, its values."""

    read_at: datetime
    values: T


class Kept(TypedDict, total=False):
    """The parts that are believed; `nexus_ports` by switch."""

    devices: Part[dict[str, Device]]
    ports: Part[dict[str, dict[str, Port]]]
    radios: Part[dict[str, list[str]]]
    clients: Part[dict[str, int]]
    machines: Part[dict[str, list[str]]]
    places: Part[dict[str, list[str | None]]]
    nodes: Part[dict[str, Node]]
    clusters: Part[dict[str, str | None]]
    hosts: Part[dict[str, Host]]
    problems: Part[dict[str, list[Problem]]]
    nexus_ports: dict[str, Part[dict[str, NexusPort]]]


NEXUS_PORTS = "nexus_ports"
SUBJECT: Mapping[str, Subject] = {
    "meraki": SUBJECTS["network"], "prism": SUBJECTS["hosting"], "zabbix": SUBJECTS["supervision"],
    "nexus": SUBJECTS["nexus"],
}  # fmt: skip
"""The subject of each system; a thing is a part, and of the Nexus a switch."""
PARTS: Mapping[str, Sequence[str]] = {
    "meraki": ("devices", "ports", "radios", "clients"),
    "prism": ("machines", "places", "nodes", "clusters"),
    "zabbix": ("hosts", "problems"),
}
"""The parts of a system; those of the Nexus are the declared switches."""
LABELS: Mapping[str, str] = {
    "devices": "équipements",
    "ports": "ports des commutateurs",
    "radios": "SSID émis par les bornes",
    "clients": "clients des bornes",
    "machines": "machines",
    "places": "machines sur leurs nœuds",
    "nodes": "nœuds",
    "clusters": "grappes",
    "hosts": "hôtes de la supervision",
    "problems": "problèmes en cours",
    NEXUS_PORTS: "ports du Nexus",
}
"""The words of the parts; the name of its switch follows those of a Nexus."""
NEVER, NONSENSE = "jamais relevé (piste living read)", "ce qui a été lu ne se comprend pas"
SHRUNK = "gardé par une version d’avant, qui en gardait moins (piste living read)"


def names(part: str, switches: Sequence[str]) -> list[str]:
    """Name a part; the ports of the Nexus are a part for each switch: `nexus_ports/nx-hdv-1`."""
    return [f"{part}/{switch}" for switch in switches] if part == NEXUS_PORTS else [part]


def label(name: str) -> str:
    """Give the words of a part that `names` named."""
    part, _, switch = name.partition("/")
    return f"{LABELS[part]} {switch}".rstrip()


def switches(town: Derived) -> list[str]:
    """Name the declared Nexus."""
    return [switch["name"] for switch in town.commune["nexus"]["switches"]] if town.commune else []


def nexus_stands(town: Derived, switch: str) -> bool:
    """Tell whether a Nexus is still declared."""
    return switch in switches(town)


def hosting_stands(town: Derived, part: str) -> bool:
    """Tell whether a hosting is declared."""
    return bool(town.commune and town.commune["hosting"])


def things(system: str, town: Derived) -> Sequence[str]:
    """List the parts of a system, as they are kept."""
    return switches(town) if system == "nexus" else PARTS[system]


def known(town: Derived, environment: str) -> dict[str, dict[str, Last[Any]]]:
    """Give what may be said now of each part, by system.

    A switch that is declared no more is left out. Raises `UnreadableReading`.
    """
    known = {}
    for system, subject in SUBJECT.items():
        every = store.last(subject, environment, ages(town))
        known[system] = {thing: every[thing] for thing in things(system, town) if thing in every}
    return known


def variables(town: Derived, environment: str) -> dict[str, Any]:
    """Give the variables of the order: lists of the whole town."""
    hosted = town.commune is not None and town.commune["hosting"] is not None
    return {"hosting_concerned": hosted, **({"nexus_concerned": True} if switches(town) else {})}


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep what the systems gave; tell whether one of them gave something."""
    keep(town, environment, answer, whole=True)
    return any(_read(system, answer) for system in SUBJECT)


def keep(town: Derived, environment: str, answer: Answer, *, whole: bool = False) -> dict[str, str]:
    """Keep what came, and say why the other parts were not read this time.

    `whole` is a reading of the whole town: what is kept of a system that nobody asked is forgotten. Raises
    `UnreadableReading`, `NotWritten`.
    """
    unread: dict[str, str] = {}
    for system, subject in SUBJECT.items():
        tried = _tried(system, town, answer)
        left = []
        if tried or whole:
            left = store.keep(subject, environment, tried, only=() if whole and not tried else None)
        after = store.last(subject, environment)
        for thing, outcome in tried.items():
            if isinstance(outcome, Unread):
                unread[name(system, thing)] = outcome.why
            elif thing in left:
                unread[name(system, thing)] = left_out(outcome.read_at, now())
            elif silence := silence_of(after[thing]):  # what came makes no sense
                unread[name(system, thing)] = silence.why
    return unread


def name(system: str, thing: str) -> str:
    return f"{NEXUS_PORTS}/{thing}" if system == "nexus" else thing


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _read(system: str, answer: Answer) -> Mapping[str, Any]:
    return _mapping(_mapping(answer.content).get(system))


def _tried(system: str, town: Derived, answer: Answer) -> dict[str, Tried[Any]]:
    """Give the outcome of each part of a system; none where nobody asked it."""
    parts, moment, wanted = _read(system, answer), now(), things(system, town)
    word = f"ce qui vit ({SYSTEMS[system]})"
    if not parts:
        said = [why for task, why in answer.troubles.items() if word in task]
        if not said and _mapping(answer.content):
            return {}
        why = next(iter(said or answer.troubles.values()), f"{word} n’a pas été lu")
        return dict.fromkeys(wanted, Unread(why, moment))
    reading, tried = Seen(parts), dict[str, Tried[Any]]()
    if system == "nexus":
        # Those that were asked: the verification of a site asks its own.
        asked = {*_mapping(parts.get(NEXUS_PORTS)), *(key.partition("/")[0] for key in _mapping(parts.get("unread")))}
        wanted = [switch for switch in wanted if switch in asked]
    for thing in wanted:
        try:
            if system == "nexus":
                tried[thing] = _switch(parts, reading, thing, moment)
            elif thing in parts:
                tried[thing] = Reading({thing: parts[thing]}, zoned(parts["read_at"]))
            else:
                tried[thing] = Unread(reading.unread(thing) or f"{LABELS[thing]} : pas dans la réponse", moment)
        except FAULTS:
            tried[thing] = Unread(NONSENSE, moment)
    return tried


def _switch(parts: Mapping[str, Any], reading: Seen, switch: str, moment: datetime) -> Tried[Nexus]:
    if switch not in parts[NEXUS_PORTS]:
        return Unread(reading.unread(f"{switch}/ports", switch), moment)
    ports = parts[NEXUS_PORTS][switch]
    version = (parts.get("versions") or {}).get(switch)
    return Reading(Nexus(nexus_ports=ports["values"], version=version), zoned(ports["read_at"]))


def believed(every: Mapping[str, Mapping[str, Last[Any]]]) -> tuple[Kept, dict[str, str]]:
    """Give the parts that say what lives now; the reasons of those that say nothing, by name."""
    parts, doubts = dict[str, Any](), dict[str, str]()
    for system, by_thing in every.items():
        for thing, last in by_thing.items():
            if not isinstance(last, Reading):
                doubts[name(system, thing)] = last.why
            elif system == "nexus":
                part = {"read_at": last.read_at, "values": last.value[NEXUS_PORTS]}
                parts.setdefault(NEXUS_PORTS, {})[thing] = part
            else:
                parts[thing] = {"read_at": last.read_at, "values": last.value[thing]}
    return cast("Kept", parts), doubts


def each(life: Kept) -> Iterator[tuple[str, Part[Any]]]:
    """Yield every part with its name, in the order of their words."""
    for part in LABELS:
        if part == NEXUS_PORTS:
            yield from ((f"{part}/{switch}", ports) for switch, ports in life.get("nexus_ports", {}).items())
        elif part in life:
            yield part, life[part]  # type: ignore[literal-required]


def readings(every: Mapping[str, Mapping[str, Last[Any]]], town: Derived) -> dict[str, Seen]:
    """Give the life of each system as a verification reads it; empty where nobody asked."""
    asked = any(every.values())
    made = {}
    for system in SUBJECT:
        by_thing = every.get(system) or {}
        if not by_thing and asked:
            made[system] = Seen()
        elif system == "nexus":
            made[system] = _nexus(by_thing, town)
        else:
            made[system] = _together(PARTS[system], by_thing)
    return made


def _together(parts: Sequence[str], by_thing: Mapping[str, Last[Any]]) -> Seen:
    """Put together the parts of a reading; an older part says nothing of a newer."""
    read = {thing: last for thing, last in by_thing.items() if isinstance(last, Reading) and thing in parts}
    if not read:
        return Seen(why=next((last.why for last in by_thing.values() if not isinstance(last, Reading)), NEVER))
    newest = max(last.read_at for last in read.values())
    made: dict[str, Any] = {"read_at": newest.isoformat(), "unread": {}}
    for part in parts:
        last = by_thing.get(part)
        if part in read and read[part].read_at == newest and not _shrunk(part, read[part].value[part]):
            made[part] = read[part].value[part]
        elif part in read:
            silence = read[part].silence
            why = silence.why if silence else "pas relu avec le reste"
            made["unread"][part] = SHRUNK if read[part].read_at == newest else why
        else:
            made["unread"][part] = NEVER if last is None or isinstance(last, Reading) else last.why
    return Seen(made)


def _shrunk(part: str, values: Mapping[str, Any]) -> bool:
    """Tell whether an earlier version kept a part, which says too little to be judged."""
    first = next(iter(values.values()), None)
    if part == "devices":
        return first is not None and "supplies" not in first
    return part == "ports" and any("uplink" not in port for ports in values.values() for port in ports.values())


def _nexus(by_thing: Mapping[str, Last[Nexus]], town: Derived) -> Seen:
    read = {switch: last for switch, last in by_thing.items() if isinstance(last, Reading)}
    unread = {
        switch: NEVER if (last := by_thing.get(switch)) is None or isinstance(last, Reading) else last.why
        for switch in switches(town) if switch not in read
    }  # fmt: skip
    if not read:
        return Seen(why=next(iter(unread.values()), NEVER))
    return Seen({
        "read_at": max(last.read_at for last in read.values()).isoformat(),
        "versions": {switch: last.value["version"] for switch, last in read.items()},
        NEXUS_PORTS: {switch: last.value[NEXUS_PORTS] for switch, last in read.items()},
        "unread": unread,
    })  # fmt: skip
