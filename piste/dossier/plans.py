"""The rack and port plan, and the addressing plan, of a site (CCTP 3.6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypedDict

from piste.dossier import french
from piste.dossier.blocks import Block, Cell, Column, Figure, Row, Section, Table, Text, filled, optional, required
from piste.dossier.charts import Bar, bars
from piste.dossier.equipment import racks_table
from piste.dossier.sheet import SegmentLine, segments_table, sheet
from piste.dossier.subject import Subject
from piste.model.site import Port
from piste.model.site_premises import Rack, Ups


class SwitchPorts(TypedDict):
    """The declared ports of a switch; `used` are those that are enabled and not links."""

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
    """A machine whose address does not change."""

    address: str
    name: str
    what: str
    segment: str


class AddressPlan(TypedDict):
    block: str
    segments: list[SegmentLine]
    fixed: list[Fixed]


def port_plan(subject: Subject) -> PortPlan:
    """The data of the rack and port plan."""
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
    """The rack and port plan as it prints."""
    contents = [_rack(rack, subject) for rack in data["racks"]]
    yield Section("racks", "Baies", [racks_table(data["racks"], data["ups"]), *contents])
    if any(switch["used"] + switch["free"] for switch in data["switches"]):
        occupancy: list[Block] = [_chart(data["switches"]), _occupancy(data["switches"])]
        yield Section("occupancy", "Occupation des commutateurs", occupancy)
    yield Section("ports", "Ports", [_ports(switch) for switch in data["switches"]] or [Text("Aucun commutateur.")])


def _rack(rack: Rack, subject: Subject) -> Table:
    """What a rack holds, from the top down; what has no place yet comes last."""
    known = {device["name"]: device["model"] for device in subject.devices}
    known |= {ups["name"]: ups["model"] or "onduleur" for ups in subject.site["premises"]["ups"]}
    placed = sorted(rack["equipment"].items(), key=lambda item: (-(item[1] or 0), item[0]))
    columns = [Column("equipment", "Équipement", 2), Column("model", "Modèle", 2), Column("unit", "Rang (U)")]
    rows = [filled(name, [name, known.get(name), unit]) for name, unit in placed]
    return Table(f"rack[{rack['name']}]", f"Contenu de {rack['name']}, de haut en bas", columns, rows, required=True)


def _chart(switches: Sequence[SwitchPorts]) -> Figure:
    told = [Bar(one["name"], one["used"], whole) for one in switches if (whole := one["used"] + one["free"])]
    said = " ; ".join(f"{bar.label} : {bar.value} ports attribués sur {bar.whole}" for bar in told)
    caption = "Ports attribués, liaisons non comptées"
    return Figure("occupancy", bars("occupancy", caption, said, told), f"{caption}. {said}.", caption)


def _occupancy(switches: Sequence[SwitchPorts]) -> Table:
    columns = [
        Column("name", "Commutateur", 2),
        Column("model", "Modèle", 2),
        Column("used", "Attribués"),
        Column("free", "Libres"),
        Column("links", "Liaisons"),
    ]
    rows = [
        filled(one["name"], [one["name"], one["model"], one["used"], one["free"], one["links"]], one["status"])
        for one in switches
    ]
    return Table("occupancy", "Ports de chaque commutateur", columns, rows)


def _ports(switch: SwitchPorts) -> Table:
    columns = [
        Column("ports", "Ports", code=True),
        Column("name", "Usage", 2),
        Column("mode", "Mode"),
        Column("vlan", "VLAN", code=True),
        Column("voice", "Voix", code=True),
        Column("allowed", "VLAN portés", 1, code=True),
        Column("policy", "802.1X", 1),
    ]
    rows = []
    for first, last in _runs(switch["ports"]):
        number = first["port"] if first is last else f"{first['port']}–{last['port']}"
        cells = [
            Cell(number),
            required(first["name"] if first["enabled"] else f"{first['name']} (éteint)"),
            Cell(french.MODE[first["mode"]]),
            optional(first["vlan"]),
            optional(first["voice_vlan"]),
            optional((first["allowed_vlans"] or "").replace(",", ", ")),
            optional(first["access_policy"]),
        ]
        rows.append(Row(number, cells))
    caption = f"Ports de {switch['name']} ({switch['model']}, {switch['serial'] or 'à recevoir'})"
    return Table(f"ports[{switch['name']}]", caption, columns, rows, required=True)


def _runs(ports: Sequence[Port]) -> Iterator[tuple[Port, Port]]:
    """The first and last of each run of neighbouring ports that differ in number only."""
    first: Port | None = None
    last: Port | None = None
    for port in ports:
        if first is None or last is None:
            first = port
        elif {**port, "port": ""} != {**first, "port": ""} or int(port["port"]) != int(last["port"]) + 1:
            yield first, last
            first = port
        last = port
    if first is not None and last is not None:
        yield first, last


def address_plan(subject: Subject) -> AddressPlan:
    """The data of the addressing plan."""
    site = subject.site
    labels = {one["key"]: one["label"] for one in site["segments"].values()}
    management = labels.get("administration", "Administration")
    fixed: list[Fixed] = [
        {
            "address": one["gateway"],
            "name": "passerelle",
            "what": french.GATEWAY[one["gateway_device"]],
            "segment": label,
        }
        for one in site["segments"].values()
        for label in [one["label"]]
    ]
    fixed += [
        {"address": address, "name": name, "what": "réservation", "segment": one["label"]}
        for one in site["segments"].values()
        for name, address in one["reservations"].items()
    ]
    fixed += [
        {"address": one["address"], "name": one["name"], "what": one["model"], "segment": management}
        for one in subject.devices
    ]
    fixed.sort(key=lambda one: tuple(int(part) for part in one["address"].split(".")))
    return {"block": site["block"], "segments": sheet(subject)["segments"], "fixed": fixed}


def address_plan_sections(data: AddressPlan, subject: Subject) -> Iterator[Section]:
    """The addressing plan as it prints."""
    told = Text(f"Le site possède {data['block']}. Ses VLAN et ses sous-réseaux se déduisent de son numéro.")
    yield Section("segments", "VLAN et sous-réseaux", [told, segments_table(data["segments"])])
    yield Section("dhcp", "Adresses distribuées", [_dhcp(data["segments"])])
    yield Section("fixed", "Adresses fixes", [_fixed(data["fixed"])])


def _dhcp(segments: Sequence[SegmentLine]) -> Table:
    columns = [
        Column("segment", "Segment", 2),
        Column("start", "De", code=True),
        Column("end", "À", code=True),
        Column("lease", "Bail", 1),
    ]
    rows = [
        filled(one["key"], [one["label"], dhcp["start"], dhcp["end"], french.lease(dhcp["lease"])], one["status"])
        for one in segments
        if (dhcp := one["dhcp"])
    ]
    return Table("dhcp", "Plages DHCP", columns, rows, "Aucune adresse n'est distribuée.")


def _fixed(fixed: Sequence[Fixed]) -> Table:
    columns = [
        Column("address", "Adresse", code=True),
        Column("name", "Nom", 1),
        Column("what", "Nature", 1),
        Column("segment", "Segment", 1),
    ]
    rows = [filled(one["address"], [one["address"], one["name"], one["what"], one["segment"]]) for one in fixed]
    return Table("fixed", "Machines à adresse fixe", columns, rows)
