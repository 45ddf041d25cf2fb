"""The rack and port plan of a site (CCTP 3.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Drawing, Section, Table, Text, optional
from piste.papers.dossier.charts import Bar, bars
from piste.papers.dossier.drawn.cabling import Cabling, cabling
from piste.papers.dossier.drawn.layer2 import layer2
from piste.papers.dossier.drawn.nexus import ports as nexus_ports
from piste.papers.dossier.drawn.panels import UNREAD, PortsRead, PortState, front_panel, link_cell
from piste.papers.dossier.drawn.racks import contents, elevation_blocks
from piste.papers.dossier.equipment import rack_checks_table, racks_table
from piste.papers.dossier.subject import Subject
from piste.papers.drawings.text import ranges
from piste.town.model.layer2.carried import FIREWALL
from piste.town.model.layer2.derived import Aggregate, Stack
from piste.town.model.nexus.derived import Nexus
from piste.town.model.ports import Port
from piste.town.model.premises import Rack, Ups


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
    cabling: Cabling
    switches: list[SwitchPorts]
    stacks: list[Stack]
    aggregates: list[Aggregate]
    nexus: list[Nexus]


class _Run(NamedTuple):
    """Neighbouring ports alike: their numbers, the first of them, its state if it is asked for."""

    numbers: str
    port: Port
    state: PortState | None


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
    return {
        "racks": premises["racks"],
        "ups": premises["ups"],
        "cabling": cabling(subject),
        "switches": switches,
        "stacks": subject.site["stacks"],
        "aggregates": subject.site["aggregates"],
        "nexus": list(subject.nexus),
    }


def port_plan_sections(data: PortPlan, subject: Subject) -> Iterator[Section]:
    """Print the rack and port plan."""
    models = {device["name"]: device["model"] for device in subject.devices}
    models |= {ups["name"]: ups["model"] or "onduleur" for ups in data["ups"]}
    drawn = elevation_blocks("site", data["racks"], data["ups"], models)
    inside = [_rack(rack, data["ups"], models) for rack in data["racks"]]
    tables = [racks_table(data["racks"], data["ups"]), rack_checks_table(data["racks"])]
    yield Section("racks", "Baies", [*tables, *inside, *drawn])
    if data["cabling"]["places"]:
        network = layer2("site", subject.site["name"], data["cabling"], subject.places)
        yield Section("cabling", "Dessin du réseau", network)
    if any(switch["used"] + switch["free"] for switch in data["switches"]):
        occupancy: list[Block] = [_chart(data["switches"]), _occupancy(data["switches"])]
        yield Section("occupancy", "Occupation des commutateurs", occupancy)
    if data["stacks"] or data["aggregates"]:
        yield Section("links", "Piles et agrégats", [_stacks(data["stacks"]), _aggregates(data["aggregates"], subject)])
    if data["nexus"]:
        blocks = [block for rank, switch in enumerate(data["nexus"]) for block in _of_nexus(rank, switch, subject)]
        yield Section("nexus", "Nexus", blocks)
    panels = [block for rank, switch in enumerate(data["switches"]) for block in _panel(rank, switch, subject)]
    yield Section("ports", "Ports", panels or [Text("Aucun commutateur.")])


def _panel(rank: int, switch: SwitchPorts, subject: Subject) -> Iterator[Block]:
    """Draw the front of a switch above the table of its ports."""
    if switch["ports"]:
        yield front_panel(
            f"switch-{rank + 1}", switch["name"], switch["model"], switch["ports"], _ends(subject), subject.ports
        )  # fmt: skip
    yield _ports(switch, _ends(subject), subject.ports)


def _ends(subject: Subject) -> Callable[[str | None], str | None]:
    """Name the far ends of links: sites by their name, the firewall in French."""
    return lambda end: notation.GATEWAY[FIREWALL] if end == FIREWALL else subject.named(end)


def _rack(rack: Rack, supplies: Sequence[Ups], models: Mapping[str, str]) -> Table:
    """List the contents of a rack from the top down; what has no unit yet comes last."""
    return Table.of(
        f"rack[{rack['name']}]",
        f"Contenu de {rack['name']}, de haut en bas",
        sorted(contents(rack, supplies).items(), key=lambda place: (-(place[1] or 0), place[0])),
        lambda place: place[0],
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
        "occupancy",
        "Ports de chaque commutateur",
        switches,
        lambda switch: switch["name"],
        (Column("name", "Commutateur", 2), lambda switch: switch["name"]),
        (Column("model", "Modèle", 2), lambda switch: switch["model"]),
        (Column("used", "Attribués"), lambda switch: switch["used"]),
        (Column("free", "Libres"), lambda switch: switch["free"]),
        (Column("links", "Liaisons"), lambda switch: switch["links"]),
        status=lambda switch: switch["status"],
    )


def _stacks(stacks: Sequence[Stack]) -> Table:
    return Table.of(
        "stacks",
        "Piles de commutateurs",
        stacks,
        lambda stack: stack["name"],
        (Column("name", "Pile", 1), lambda stack: stack["name"]),
        (Column("members", "Commutateurs", 2), lambda stack: ", ".join(member["name"] for member in stack["members"])),
        status=lambda stack: stack["status"],
        empty="Aucune pile.",
    )


def _aggregates(aggregates: Sequence[Aggregate], subject: Subject) -> Table:
    return Table.of(
        "aggregates",
        "Ports qui ne font qu’une liaison",
        aggregates,
        lambda aggregate: aggregate["name"],
        (Column("name", "Agrégat", 1), lambda aggregate: aggregate["name"]),
        (
            Column("ports", "Ports", 2),
            lambda aggregate: ", ".join(f"{port['device']}/{port['port']}" for port in aggregate["ports"]),
        ),
        (Column("to", "Vers", 1), lambda aggregate: optional(aggregate["to"] and subject.named(aggregate["to"]))),
        status=lambda aggregate: aggregate["status"],
        empty="Aucun agrégat.",
    )


def _nexus(switch: Nexus, subject: Subject) -> Table:
    return Table.of(
        f"nexus[{switch['name']}]",
        f"Liaisons de {switch['name']} ({switch['address']})",
        switch["links"],
        lambda link: link["name"],
        (Column("name", "Liaison", 1, code=True), lambda link: link["name"]),
        (Column("ports", "Ports", 2, code=True), lambda link: optional(", ".join(link["ports"]))),
        (Column("to", "Vers", 1), lambda link: subject.named(link["to"])),
        (Column("vlans", "VLAN admis", 1, code=True), lambda link: ", ".join(map(str, link["vlans"]))),
        (Column("vpc", "vPC"), lambda link: optional(link["vpc"] or None)),
        status=lambda link: switch["status"],
        required=True,
    )


def _of_nexus(rank: int, switch: Nexus, subject: Subject) -> Iterator[Block]:
    """List the links of a Nexus, then its ports where they are asked for."""
    yield _nexus(switch, subject)
    if read := subject.nexus_ports.get(switch["name"]):
        yield from nexus_ports(f"nexus-{rank + 1}", switch, read, _ends(subject))


def _ports(switch: SwitchPorts, named: Callable[[str | None], str | None], read: PortsRead | None) -> Table:
    def use(run: _Run) -> str:
        end = f" vers {named(run.port['far_end'])}" if run.port["far_end"] else ""
        return run.port["name"] + end + ("" if run.port["enabled"] else " (éteint)")

    def link(run: _Run) -> Cell:
        return link_cell(run.state or UNREAD)

    of = f"{switch['name']} ({switch['model']}, {switch['serial'] or 'à recevoir'})"
    return Table.of(
        f"ports[{switch['name']}]",
        f"Ports de {of}" if read is None else f"Ports de {of}, {read.words}",
        _runs(switch, read),
        lambda run: run.numbers,
        (Column("ports", "Ports", code=True), lambda run: Cell(run.numbers)),
        *(() if read is None else ((Column("link", "Lien", 1), link),)),
        (Column("name", "Usage", 2), use),
        (Column("mode", "Mode"), lambda run: Cell(notation.MODE[run.port["mode"]])),
        (Column("vlan", "VLAN", code=True), lambda run: optional(run.port["vlan"])),
        (Column("voice", "Voix", code=True), lambda run: optional(run.port["voice_vlan"])),
        (
            Column("allowed", "VLAN portés", 1, code=True),
            lambda run: optional(ranges(list(map(int, filter(None, (run.port["allowed_vlans"] or "").split(",")))))),
        ),
        (Column("policy", "802.1X", 1), lambda run: optional(run.port["access_policy"])),
        required=True,
    )


def _runs(switch: SwitchPorts, read: PortsRead | None) -> Iterator[_Run]:
    """List each run of neighbouring ports that differ in number only."""
    run: list[Port] = []

    def state(port: Port) -> PortState | None:
        return read.of(switch["name"], port["port"]) if read else None

    def made() -> _Run:
        first, last = run[0], run[-1]
        numbers = first["port"] if first is last else f"{first['port']}–{last['port']}"
        return _Run(numbers, first, state(first))

    for port in switch["ports"]:
        alike = run and {**port, "port": ""} == {**run[0], "port": ""} and state(port) == state(run[0])
        if run and not (alike and int(port["port"]) == int(run[-1]["port"]) + 1):
            yield made()
            run = []
        run.append(port)
    if run:
        yield made()
