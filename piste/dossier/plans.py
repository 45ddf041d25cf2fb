"""The rack and port plan, and the addressing plan, of a site (CCTP 3.6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypedDict

from piste.dossier import notation
from piste.dossier.blocks import Block, Cell, Column, Drawing, Section, Table, Text, optional
from piste.dossier.charts import Bar, bars
from piste.dossier.equipment import racks_table
from piste.dossier.sheet import SegmentLine, segments_table, sheet
from piste.dossier.subject import Subject
from piste.model.ports import Port
from piste.model.premises import Rack, Ups


class SwitchPorts(TypedDict):
    """The declared ports of a switch; `used` counts the enabled ports that are not links."""

    name: str
    model: str
    serial: str | None
    used: int
    links: int
    free: int
    ports: list[Port]
    status: str | None


class PortPlan(TypedDict):
    racks: list[Rack]
    ups: list[Ups]
    switches: list[SwitchPorts]


class Fixed(TypedDict):
    """A machine with a fixed address."""

    address: str
    name: str
    what: str
    segment: str


class AddressPlan(TypedDict):
    block: str
    segments: list[SegmentLine]
    fixed: list[Fixed]


class _Run(NamedTuple):
    """Neighbouring ports alike: their numbers, and the first of them."""

    numbers: str
    port: Port


def port_plan(subject: Subject) -> PortPlan:
    """Give the data of the rack and port plan."""
    switches: list[SwitchPorts] = []
    for device in subject.devices:
        if device["kind"] == "switch":
            links = sum(port["uplink"] for port in device["ports"])
            used = sum(port["enabled"] and not port["uplink"] for port in device["ports"])
            switches.append(
                {
                    "name": device["name"],
                    "model": device["model"],
                    "serial": device["serial"] or None,
                    "used": used,
                    "links": links,
                    "free": len(device["ports"]) - used - links,
                    "ports": device["ports"],
                    "status": device["status"],
                }
            )
    premises = subject.site["premises"]
    return {"racks": premises["racks"], "ups": premises["ups"], "switches": switches}


def port_plan_sections(data: PortPlan, subject: Subject) -> Iterator[Section]:
    """Print the rack and port plan."""
    contents = [_rack(rack, subject) for rack in data["racks"]]
    yield Section("racks", "Baies", [racks_table(data["racks"], data["ups"]), *contents])
    if any(switch["used"] + switch["free"] for switch in data["switches"]):
        occupancy: list[Block] = [_chart(data["switches"]), _occupancy(data["switches"])]
        yield Section("occupancy", "Occupation des commutateurs", occupancy)
    yield Section("ports", "Ports", [_ports(switch) for switch in data["switches"]] or [Text("Aucun commutateur.")])


def _rack(rack: Rack, subject: Subject) -> Table:
    """List the contents of a rack from the top down; what has no unit yet comes last."""
    models = {device["name"]: device["model"] for device in subject.devices}
    models |= {ups["name"]: ups["model"] or "onduleur" for ups in subject.site["premises"]["ups"]}
    return Table.of(
        f"rack[{rack['name']}]", f"Contenu de {rack['name']}, de haut en bas",
        sorted(rack["equipment"].items(), key=lambda place: (-(place[1] or 0), place[0])), lambda place: place[0],
        (Column("equipment", "Équipement", 2), lambda place: place[0]),
        (Column("model", "Modèle", 2), lambda place: models.get(place[0])),
        (Column("unit", "Rang (U)"), lambda place: place[1]),
        required=True,
    )


def _chart(switches: Sequence[SwitchPorts]) -> Drawing:
    drawn = [
        Bar(switch["name"], switch["used"], whole) for switch in switches if (whole := switch["used"] + switch["free"])
    ]
    words = " ; ".join(f"{bar.label} : {bar.value} ports attribués sur {bar.whole}" for bar in drawn)
    return Drawing.of("occupancy", "Ports attribués, liaisons non comptées", words, bars, drawn)


def _occupancy(switches: Sequence[SwitchPorts]) -> Table:
    return Table.of(
        "occupancy", "Ports de chaque commutateur", switches, lambda switch: switch["name"],
        (Column("name", "Commutateur", 2), lambda switch: switch["name"]),
        (Column("model", "Modèle", 2), lambda switch: switch["model"]),
        (Column("used", "Attribués"), lambda switch: switch["used"]),
        (Column("free", "Libres"), lambda switch: switch["free"]),
        (Column("links", "Liaisons"), lambda switch: switch["links"]),
        status=lambda switch: switch["status"],
    )


def _ports(switch: SwitchPorts) -> Table:
    return Table.of(
        f"ports[{switch['name']}]",
        f"Ports de {switch['name']} ({switch['model']}, {switch['serial'] or 'à recevoir'})", _runs(switch["ports"]),
        lambda run: run.numbers,
        (Column("ports", "Ports", code=True), lambda run: Cell(run.numbers)),
        (Column("name", "Usage", 2), lambda run: run.port["name"] + ("" if run.port["enabled"] else " (éteint)")),
        (Column("mode", "Mode"), lambda run: Cell(notation.MODE[run.port["mode"]])),
        (Column("vlan", "VLAN", code=True), lambda run: optional(run.port["vlan"])),
        (Column("voice", "Voix", code=True), lambda run: optional(run.port["voice_vlan"])),
        (
            Column("allowed", "VLAN portés", 1, code=True),
            lambda run: optional((run.port["allowed_vlans"] or "").replace(",", ", ")),
        ),
        (Column("policy", "802.1X", 1), lambda run: optional(run.port["access_policy"])),
        required=True,
    )


def _numbers(first: Port, last: Port) -> str:
    return first["port"] if first is last else f"{first['port']}–{last['port']}"


def _runs(ports: Sequence[Port]) -> Iterator[_Run]:
    """List each run of neighbouring ports that differ in number only."""
    first: Port | None = None
    last: Port | None = None
    for port in ports:
        if first is None or last is None:
            first = port
        elif {**port, "port": ""} != {**first, "port": ""} or int(port["port"]) != int(last["port"]) + 1:
            yield _Run(_numbers(first, last), first)
            first = port
        last = port
    if first is not None and last is not None:
        yield _Run(_numbers(first, last), first)


def address_plan(subject: Subject) -> AddressPlan:
    """Give the data of the addressing plan."""
    site = subject.site
    labels = {segment["key"]: segment["label"] for segment in site["segments"].values()}
    management = labels.get("administration", "Administration")
    fixed: list[Fixed] = [
        {
            "address": segment["gateway"],
            "name": "passerelle",
            "what": notation.GATEWAY[segment["gateway_device"]],
            "segment": label,
        }
        for segment in site["segments"].values()
        for label in [segment["label"]]
    ]
    fixed += [
        {"address": address, "name": name, "what": "réservation", "segment": segment["label"]}
        for segment in site["segments"].values()
        for name, address in segment["reservations"].items()
    ]
    fixed += [
        {"address": device["address"], "name": device["name"], "what": device["model"], "segment": management}
        for device in subject.devices
    ]
    fixed.sort(key=lambda machine: tuple(int(part) for part in machine["address"].split(".")))
    return {"block": site["block"], "segments": sheet(subject)["segments"], "fixed": fixed}


def address_plan_sections(data: AddressPlan, subject: Subject) -> Iterator[Section]:
    """Print the addressing plan."""
    text = Text(f"Le site possède {data['block']}. Ses VLAN et ses sous-réseaux se déduisent de son numéro.")
    yield Section("segments", "VLAN et sous-réseaux", [text, segments_table(data["segments"])])
    yield Section("dhcp", "Adresses distribuées", [_dhcp(data["segments"])])
    yield Section("fixed", "Adresses fixes", [_fixed(data["fixed"])])


def _dhcp(segments: Sequence[SegmentLine]) -> Table:
    return Table.of(
        "dhcp", "Plages DHCP", [(segment, dhcp) for segment in segments if (dhcp := segment["dhcp"])],
        lambda served: served[0]["key"],
        (Column("segment", "Segment", 2), lambda served: served[0]["label"]),
        (Column("start", "De", code=True), lambda served: served[1]["start"]),
        (Column("end", "À", code=True), lambda served: served[1]["end"]),
        (Column("lease", "Bail", 1), lambda served: notation.lease(served[1]["lease"])),
        status=lambda served: served[0]["status"],
        empty="Aucune adresse n'est distribuée.",
    )


def _fixed(fixed: Sequence[Fixed]) -> Table:
    return Table.of(
        "fixed", "Machines à adresse fixe", fixed, lambda machine: machine["address"],
        (Column("address", "Adresse", code=True), lambda machine: machine["address"]),
        (Column("name", "Nom", 1), lambda machine: machine["name"]),
        (Column("what", "Nature", 1), lambda machine: machine["what"]),
        (Column("segment", "Segment", 1), lambda machine: machine["segment"]),
    )
