"""The addressing plan of a site (CCTP 3.6): VLANs, gateways, leases, fixed addresses, names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Column, Section, Table, Text, optional
from piste.papers.dossier.sheet import SegmentLine, segments_table, sheet
from piste.papers.dossier.subject import Subject
from piste.town.model.dhcp.derived import Scope
from piste.town.model.routing.derived import Gateway
from piste.town.model.site import Site


class GatewayLine(TypedDict):
    """A gateway: what carries it, and the servers that it asks for addresses.

    Its status is that of its segment, which has its own line.
    """

    name: str
    segment: str
    vlan: int
    address: str
    carrier: str
    relay: list[str]


class LeaseLine(TypedDict):
    """Addresses that are lent: by whom, for how many seconds, with which servers of names."""

    segment: str
    start: str
    end: str
    lease: int
    served_by: list[str]
    dns: list[str]
    status: str | None


class Fixed(TypedDict):
    """A machine with a fixed address."""

    address: str
    name: str
    what: str
    segment: str


class Alias(TypedDict):
    name: str
    machine: str


class AddressPlan(TypedDict):
    """The addresses of a site; `zone` has the names of its machines, `aliases` are other names."""

    block: str
    segments: list[SegmentLine]
    gateways: list[GatewayLine]
    leases: list[LeaseLine]
    fixed: list[Fixed]
    zone: str | None
    aliases: list[Alias]


def address_plan(subject: Subject) -> AddressPlan:
    """Give the data of the addressing plan."""
    site = subject.site
    fixed = [*_gateways_and_members(site), *_machines(subject)]
    fixed.sort(key=lambda machine: tuple(int(part) for part in machine["address"].split(".")))
    scopes = {scope["segment"]: scope for scope in site["scopes"]}
    names = [record for record in site["records"] if record["type"] in ("A", "CNAME")]
    return {
        "block": site["block"],
        "segments": sheet(subject)["segments"],
        "gateways": [_gateway(gateway, site) for gateway in site["gateways"]],
        "leases": [
            _lease(gateway, scope, site)
            for gateway in site["gateways"]
            if (scope := gateway["server"] or scopes.get(gateway["segment"]))
        ],
        "fixed": fixed,
        "zone": next((record["zone"] for record in names), None),
        "aliases": [
            {"name": record["name"], "machine": record["values"][0].rstrip(".")}
            for record in names
            if record["type"] == "CNAME"
        ],
    }


def _gateways_and_members(site: Site) -> Iterator[Fixed]:
    engine = site["engine"]
    for gateway in site["gateways"]:
        what = f"passerelle ({notation.GATEWAY[gateway['carrier']]})"
        yield {"address": gateway["address"], "name": gateway["name"], "what": what, "segment": gateway["label"]}
        for rank, address in enumerate(gateway["nodes"] if engine else (), start=1):
            name = f"{engine['name'] if engine else ''}, membre {rank}"
            yield {"address": address, "name": name, "what": "pare-feu", "segment": gateway["label"]}


def _machines(subject: Subject) -> Iterator[Fixed]:
    site = subject.site
    labels = {segment["key"]: segment["label"] for segment in site["segments"].values()}
    management = labels.get("administration", "Administration")
    lent = (gateway["server"] for gateway in site["gateways"] if gateway["server"])
    macs = {item["name"]: item["mac"] for scope in (*site["scopes"], *lent) for item in scope["reservations"]}
    for segment in site["segments"].values():
        for name, address in segment["reservations"].items():
            what = f"réservation DHCP, {macs[name]}" if name in macs else "réservation"
            yield {"address": address, "name": name, "what": what, "segment": segment["label"]}
    for device in subject.devices:
        yield {"address": device["address"], "name": device["name"], "what": device["model"], "segment": management}


def _gateway(gateway: Gateway, site: Site) -> GatewayLine:
    return {
        "name": gateway["name"],
        "segment": gateway["label"],
        "vlan": gateway["vlan"],
        "address": gateway["address"],
        "carrier": _carrier(gateway, site),
        "relay": _named(gateway["relay"], site),
    }


def _carrier(gateway: Gateway, site: Site) -> str:
    what, core, engine = notation.GATEWAY[gateway["carrier"]], site["core"], site["engine"]
    if gateway["carrier"] == "core":
        return f"{what}, {core['stack'] or core['serials'][0]}" if core else what
    return f"{what}, {engine['name']} ({gateway['interface']})" if engine else what


def _lease(gateway: Gateway, scope: Scope, site: Site) -> LeaseLine:
    here = [notation.GATEWAY[gateway["carrier"]]]
    return {
        "segment": gateway["label"],
        "start": scope["start"],
        "end": scope["end"],
        "lease": scope["lease"],
        "served_by": here if gateway["server"] else _named(gateway["relay"], site),
        "dns": _named(scope["options"]["dns"], site),
        "status": scope["status"],
    }


def _named(addresses: Iterable[str], site: Site) -> list[str]:
    """Give the names of some servers that the site relies on; an address without a name stands."""
    names = {address: name for name, address in site["relies_on"].items()}
    return [names.get(address, address) for address in addresses]


def address_plan_sections(data: AddressPlan, subject: Subject) -> Iterator[Section]:
    """Print the addressing plan."""
    text = Text(f"Le site possède {data['block']}. Ses VLAN et ses sous-réseaux se déduisent de son numéro.")
    yield Section("segments", "VLAN et sous-réseaux", [text, segments_table(data["segments"])])
    yield Section("gateways", "Passerelles", [_gateways(data["gateways"])])
    yield Section("dhcp", "Adresses distribuées", [_leases(data["leases"])])
    named: list[Block] = [_fixed(data["fixed"])]
    if data["zone"]:
        named.append(Text(f"Chaque machine a son nom dans la zone {data['zone']}, et son adresse y ramène."))
    yield Section("fixed", "Adresses fixes", named)
    if data["aliases"]:
        yield Section("aliases", "Autres noms", [_aliases(data["aliases"])])


def _gateways(gateways: Sequence[GatewayLine]) -> Table:
    return Table.of(
        "gateways",
        "Passerelle de chaque segment",
        gateways,
        lambda gateway: gateway["name"],
        (Column("vlan", "VLAN", code=True), lambda gateway: gateway["vlan"]),
        (Column("name", "Nom", 2), lambda gateway: gateway["name"]),
        (Column("address", "Adresse", code=True), lambda gateway: gateway["address"]),
        (Column("carrier", "Portée par", 2), lambda gateway: gateway["carrier"]),
        (Column("relay", "Relaie le DHCP vers", 1), lambda gateway: optional(", ".join(gateway["relay"]))),
        empty="Aucune passerelle.",
    )


def _leases(leases: Sequence[LeaseLine]) -> Table:
    return Table.of(
        "dhcp",
        "Plages DHCP",
        leases,
        lambda served: served["segment"],
        (Column("segment", "Segment", 2), lambda served: served["segment"]),
        (Column("start", "De", code=True), lambda served: served["start"]),
        (Column("end", "À", code=True), lambda served: served["end"]),
        (Column("lease", "Bail", 1), lambda served: notation.lease(served["lease"])),
        (Column("served_by", "Par", 1), lambda served: ", ".join(served["served_by"])),
        (Column("dns", "Noms", 1), lambda served: optional(", ".join(served["dns"]))),
        status=lambda served: served["status"],
        empty="Aucune adresse n’est distribuée.",
    )


def _fixed(fixed: Sequence[Fixed]) -> Table:
    return Table.of(
        "fixed",
        "Machines à adresse fixe",
        fixed,
        lambda machine: machine["address"],
        (Column("address", "Adresse", code=True), lambda machine: machine["address"]),
        (Column("name", "Nom", 1), lambda machine: machine["name"]),
        (Column("what", "Nature", 1), lambda machine: machine["what"]),
        (Column("segment", "Segment", 1), lambda machine: machine["segment"]),
    )


def _aliases(aliases: Sequence[Alias]) -> Table:
    return Table.of(
        "aliases",
        "Alias",
        aliases,
        lambda alias: alias["name"],
        (Column("name", "Nom", 1), lambda alias: alias["name"]),
        (Column("machine", "Machine", 2), lambda alias: alias["machine"]),
    )
