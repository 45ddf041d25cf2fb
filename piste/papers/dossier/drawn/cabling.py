"""The cables of a site (level 2): their ends and their ports, as the declaration has them.

A cable whose other end nothing declares is there too, without that end: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypedDict

from piste.papers.dossier.subject import Subject
from piste.town.model.devices import Device
from piste.town.model.layer2.carried import FIREWALL
from piste.town.model.ports import Port

type Sort = Literal["firewall", "stack", "switch", "nexus", "host", "site", "end", "access_points"]
RADIO = "borne"
"""The profile of the ports of access points."""


class Place(TypedDict):
    """A thing that cables go to: `members` are the devices in it, each with its model.

    `under` is what it hangs on, seen from the core; without `known`, by a cable that nothing declares. The access
    points of a site are together a place without a name.
    """

    name: str
    sort: Sort
    members: list[list[str]]
    under: str | None
    known: bool


class Cable(TypedDict):
    """A cable, or several that make up a link, from the end `near` the core.

    `far` is None where nothing declares it, and for the ports of access points, whose access point nothing declares;
    `vlans` None where it carries what it may.
    """

    leads: Literal["known", "unknown", "access_points"]
    near: str
    near_ports: list[str]
    far: str | None
    far_ports: list[str]
    vlans: str | None
    rate_mbps: int | None
    medium: str | None


class Cabling(TypedDict):
    """The places of a site in the order of a drawing, and its cables."""

    places: list[Place]
    cables: list[Cable]


class _End(NamedTuple):
    """A place, and what a group of its ports leads to."""

    place: str
    far: str


def cabling(subject: Subject) -> Cabling:
    """Give the cables of a site."""
    return _Reading(subject).cabling()


class _Reading:
    def __init__(self, subject: Subject) -> None:
        self.subject, self.site = subject, subject.site
        self.switches = [device for device in subject.devices if device["kind"] == "switch"]
        self.radios = [device for device in subject.devices if device["kind"] != "switch"]
        self.units = {device["name"]: device["name"] for device in self.switches}
        for stack in self.site["stacks"]:
            self.units |= {member["name"]: stack["name"] for member in stack["members"]}
        core = self.site["core"]
        here = core is not None and core["site"] == self.site["id"]
        serials = core["serials"] if core and here else ()
        self.core = next((self.units[item["name"]] for item in self.switches if item["serial"] in serials), None)
        engine = self.site["engine"]
        self.firewall = engine["name"] if engine else FIREWALL

    def cabling(self) -> Cabling:
        cables = [*self._arriving(), *self._declared(), *self._nexus()]
        distance = self._distances(cables)
        turned = [_from_the_core(cable, distance) for cable in cables]
        return Cabling(places=list(self._places(turned, distance)), cables=[*turned, *self._open(turned)])

    def _places(self, cables: Sequence[Cable], distance: Mapping[str, int]) -> Iterator[Place]:
        """Yield the places from the core outwards, each under what a cable hangs it on."""
        under: dict[str, str] = {}
        for cable in cables:
            if cable["far"] and distance[cable["far"]] > distance[cable["near"]]:
                under.setdefault(cable["far"], cable["near"])
        ways = [end for end, steps in distance.items() if not steps and end in {cable["near"] for cable in cables}]
        hub = self.core or next(iter(ways), None)
        units = list(dict.fromkeys(self.units.values()))
        named = [end for cable in cables for end in (cable["near"], cable["far"]) if end]
        for name in dict.fromkeys([*ways, *units, *(switch["name"] for switch in self.subject.nexus), *named]):
            loose = name not in under and name in units and name != hub
            yield self._place(name, hub if loose else under.get(name), known=not loose)
        if self.radios:
            members = [[radio["name"], radio["model"]] for radio in self.radios]
            below = units[0] if len(units) == 1 else hub
            yield Place(name="", sort="access_points", members=members, under=below, known=False)

    def _place(self, name: str, under: str | None, *, known: bool) -> Place:
        models = {device["name"]: device["model"] for device in self.switches}
        members = [[device, models[device]] for device, unit in self.units.items() if unit == name]
        if name == self.firewall and self.site["engine"]:
            members = [[name, f"grappe de {nodes}" if (nodes := self.site["engine"]["nodes"]) > 1 else "seul"]]
        return Place(name=name, sort=self._sort(name), members=members, under=under, known=known)

    def _sort(self, name: str) -> Sort:
        if name == self.firewall:
            return "firewall"
        if name in self.units.values():
            return "switch" if name in self.units else "stack"
        if any(switch["name"] == name for switch in self.subject.nexus):
            return "nexus"
        if self._hosted(name):
            return "host"
        return "site" if name in self.subject.names.values() else "end"

    def _hosted(self, end: str) -> bool:
        return any(link["to"] == end for switch in self.subject.nexus for link in switch["links"])

    def _arriving(self) -> Iterator[Cable]:
        """Yield the links of the site whose arrival here no port declares."""
        alone = set(self.units.values())
        for link in self.site["premises"]["links"]:
            device = (link["far_port"] or "").rpartition("/")[0]
            if device in self.units:
                continue
            beyond = self.subject.named(link["to"]) or link["name"]
            far = next(iter(alone)) if len(alone) == 1 else None
            medium = ", ".join(part for part in (link["medium"], link["operator"]) if part) or None
            ports = [link["far_port"]] if link["far_port"] else []
            if self.core:
                yield _cable(self.core, [], beyond, [], None, link["rate_mbps"], medium)
            else:
                yield _cable(beyond, ports, far, [], None, link["rate_mbps"], medium)

    def _declared(self) -> Iterator[Cable]:
        """Yield the cables whose ends the ports declare, each once."""
        groups: dict[_End, list[tuple[Device, Port]]] = {}
        for device in self.switches:
            for port in device["ports"]:
                if port["far_end"]:
                    far = self._named(port["far_end"])
                    groups.setdefault(_End(self.units[device["name"]], far), []).append((device, port))
        links = {link["far_port"]: link for link in self.site["premises"]["links"] if link["far_port"]}
        done: set[_End] = set()
        for end, ports in groups.items():
            back = _End(end.far, end.place)
            if back in done:
                continue
            done.add(end)
            link = next((links[name] for name in map(_port, ports) if name in links), None)
            medium = ", ".join(part for part in (link["medium"], link["operator"]) if part) if link else ""
            yield _cable(
                end.place,
                [_port(port) for port in ports],
                end.far,
                [_port(port) for port in groups.get(back, ())],
                ports[0][1]["allowed_vlans"],
                link["rate_mbps"] if link else max((port["rate_mbps"] or 0 for _, port in ports), default=0) or None,
                medium or None,
            )

    def _nexus(self) -> Iterator[Cable]:
        """Yield the links of the Nexus, each once."""
        own = {switch["name"]: switch for switch in self.subject.nexus}
        for place, switch in enumerate(self.subject.nexus):
            for link in switch["links"]:
                to = self._named(link["to"])
                if to in list(own)[:place]:
                    continue
                back = [other for other in own[to]["links"] if other["to"] == switch["name"]] if to in own else []
                far = (back[0]["ports"] or [back[0]["name"]]) if back else []
                vlans = ",".join(map(str, link["vlans"]))
                yield _cable(switch["name"], link["ports"] or [link["name"]], to, far, vlans or None, None, None)

    def _named(self, end: str) -> str:
        if end == FIREWALL:
            return self.firewall
        return self.units.get(end) or self.subject.named(end) or end

    def _distances(self, cables: Sequence[Cable]) -> dict[str, int]:
        """Give the cables between each end and the firewall, the core, the ways into the site."""
        own = {*self.units.values(), *(switch["name"] for switch in self.subject.nexus)}
        ways = [cable["near"] for cable in cables if cable["near"] not in own]
        distance = dict.fromkeys([self.firewall, *ways], 0) | ({self.core: 1} if self.core else {})
        waiting = list(distance)
        for here in waiting:
            for cable in cables:
                for near, far in ((cable["near"], cable["far"]), (cable["far"], cable["near"])):
                    if near == here and far and far not in distance:
                        distance[far] = distance[here] + 1
                        waiting.append(far)
        ends = [end for cable in cables for end in (cable["near"], cable["far"]) if end]
        return distance | {end: len(distance) for end in ends if end not in distance}

    def _open(self, cables: Sequence[Cable]) -> Iterator[Cable]:
        """Yield the ports that lead somewhere nobody declares: links of switches, access points."""
        reached = {end for cable in cables for end in (cable["near"], cable["far"])}
        for unit in dict.fromkeys(self.units.values()):
            devices = [device for device in self.switches if self.units[device["name"]] == unit]
            links = [(device, port) for device in devices for port in device["ports"] if port["uplink"]]
            free = [(device, port) for device, port in links if not port["far_end"]]
            if unit not in reached and free:
                vlans, rate = free[0][1]["allowed_vlans"], free[0][1]["rate_mbps"]
                yield _cable(unit, [_port(port) for port in free], None, [], vlans, rate, None)
            radios = [(device, port) for device in devices for port in device["ports"] if port["profile"] == RADIO]
            if radios and self.radios:
                port = radios[0][1]
                names = [_port(entry) for entry in radios]
                ends = _cable(unit, names, None, [], port["allowed_vlans"], port["rate_mbps"], None)
                yield {**ends, "leads": "access_points"}


def _from_the_core(cable: Cable, distance: Mapping[str, int]) -> Cable:
    """Give a cable with the end nearer to the core as its near end."""
    far = cable["far"]
    if far is None or distance[far] >= distance[cable["near"]]:
        return cable
    ends = {"near": far, "near_ports": cable["far_ports"], "far": cable["near"], "far_ports": cable["near_ports"]}
    turned: Any = {**cable, **ends}
    return turned  # type: ignore[no-any-return]


def _port(entry: tuple[Device, Port]) -> str:
    return f"{entry[0]['name']}/{entry[1]['port']}"


def _cable(
    near: str,
    near_ports: Sequence[str],
    far: str | None,
    far_ports: Sequence[str],
    vlans: str | None,
    rate: int | None,
    medium: str | None,
) -> Cable:
    return Cable(
        leads="known" if far else "unknown",
        near=near,
        near_ports=list(near_ports),
        far=far,
        far_ports=list(far_ports),
        vlans=vlans or None,
        rate_mbps=rate,
        medium=medium,
    )
