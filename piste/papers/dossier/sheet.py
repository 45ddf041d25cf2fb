"""The *fiche site* (CCTP 3.6): identity, contacts, networks, devices, tests, procedures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    TO_CONFIRM,
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Section,
    Table,
    Text,
    address,
    optional,
    required,
)
from piste.papers.dossier.drawn.cabling import Cabling, cabling
from piste.papers.dossier.drawn.layer2 import layer2
from piste.papers.dossier.drawn.layer3 import layer3
from piste.papers.dossier.equipment import (
    AssetLine,
    DeviceLine,
    NexusLine,
    ParkLine,
    asset_lines,
    device_line,
    devices_table,
    items_table,
    nexus_table,
    park_lines,
    park_table,
    rack_checks_table,
    racks_table,
    ups_table,
)
from piste.papers.dossier.report import COUNTED, verdict_cell
from piste.papers.dossier.subject import Subject
from piste.papers.dossier.verification_record import TestVerdict
from piste.town.model.access import Dot1xShare, dot1x_share
from piste.town.model.addressing.derived import Dhcp
from piste.town.model.premises import Contact, Link, Procedure, Rack, Ups


class Identity(TypedDict):
    name: str
    category: str
    number: int
    code: str | None
    lifecycle: str
    postal_address: str | None
    cctp: str
    remark: str | None
    block: str
    network: str
    dot1x: str
    opening_hours: dict[str, Any] | None


class SegmentLine(TypedDict):
    key: str
    label: str
    vlan: int
    subnet: str
    gateway: str
    gateway_device: str
    zone: str
    dhcp: Dhcp | None
    status: str | None


class SsidLine(TypedDict):
    name: str
    purpose: str
    audience: str
    enabled: bool
    segment: str
    vlan: int
    authentication: str
    terms: str | None
    portal: bool
    status: str | None


class TestsSummary(TypedDict):
    id: str
    ended: str
    operator: str
    counts: dict[TestVerdict, int]
    reserves: list[str]


class Sheet(TypedDict):
    """The data of the fiche; `tests` is None for a site that was never verified."""

    identity: Identity
    contacts: list[Contact]
    links: list[Link]
    cabling: Cabling
    segments: list[SegmentLine]
    ssids: list[SsidLine]
    in_dot1x: Dot1xShare
    devices: list[DeviceLine]
    nexus: list[NexusLine]
    assets: list[AssetLine]
    park: list[ParkLine]
    racks: list[Rack]
    ups: list[Ups]
    procedures: list[Procedure]
    tests: TestsSummary | None


def sheet(subject: Subject) -> Sheet:
    """Give the data of the fiche of a site."""
    site, premises = subject.site, subject.site["premises"]
    places = {name: (rack["name"], unit) for rack in premises["racks"] for name, unit in rack["equipment"].items()}
    record = subject.verification
    return {
        "identity": {
            "name": site["name"],
            "category": site["category_label"],
            "number": site["number"],
            "code": site["code"],
            "lifecycle": site["lifecycle"],
            "postal_address": site["postal_address"],
            "cctp": site["cctp"],
            "remark": site["remark"],
            "block": site["block"],
            "network": site["network_name"],
            "dot1x": site["dot1x"],
            "opening_hours": site["opening_hours"],
        },
        "contacts": premises["contacts"],
        "links": premises["links"],
        "cabling": cabling(subject),
        "segments": [_kept(SegmentLine, segment) for segment in site["segments"].values()],
        "ssids": [_kept(SsidLine, {**ssid, "portal": ssid["portal"] is not None}) for ssid in site["ssids"]],
        "in_dot1x": dot1x_share(site),
        "devices": [device_line(device, places.get(device["name"], (None, None))) for device in subject.devices],
        "nexus": [_kept(NexusLine, switch) for switch in subject.nexus],
        "assets": asset_lines(site["assets"]),
        "park": park_lines(site["assets"]),
        "racks": premises["racks"],
        "ups": premises["ups"],
        "procedures": premises["procedures"],
        "tests": {
            "id": record.id,
            "ended": record.ended,
            "operator": record.operator,
            "counts": dict(record.counts),
            "reserves": record.reserves,
        }
        if record
        else None,
    }


def _kept(form: type[Any], whole: Mapping[str, Any]) -> Any:
    """Keep the fields of a form from a larger mapping."""
    return {name: whole[name] for name in form.__annotations__}


def sheet_sections(data: Sheet, subject: Subject) -> Iterator[Section]:
    """Print the fiche."""
    yield Section("identity", "Le site", [_identity(data["identity"], subject.site["status"])])
    yield Section("contacts", "Contacts", [contacts_table(data["contacts"])])
    yield Section("links", "Raccordements", [_links(data["links"], subject)])
    site = subject.site
    networks: list[Block] = [
        segments_table(data["segments"]), _ssids(data["ssids"]), _in_dot1x(data["in_dot1x"]), *layer3("site", site),
    ]  # fmt: skip
    yield Section("networks", "Réseaux", networks)
    switches = [device for device in data["devices"] if device["kind"] == "switch"]
    others = [device for device in data["devices"] if device["kind"] != "switch"]
    devices = [
        devices_table("switches", "Commutateurs", switches, racked=True),
        devices_table("access_points", "Bornes Wi-Fi", others, racked=False),
        *([nexus_table(data["nexus"])] if data["nexus"] else ()),
        items_table(data["assets"], subject.day),
        park_table(data["park"]),
    ]
    yield Section("devices", "Équipements actifs", devices)
    # Tables before drawings: a drawing is not cut, and would leave the end of its page blank.
    if data["cabling"]["places"]:
        yield Section("cabling", "Dessin du réseau", layer2("site", site["name"], data["cabling"], subject.places))
    racks = [racks_table(data["racks"], data["ups"]), rack_checks_table(data["racks"])]
    power = [*racks, ups_table(data["ups"], subject.day)]
    yield Section("power", "Baies et onduleurs", power)
    yield Section("tests", "Résultats des tests", list(_tests(data, subject)))
    yield Section("procedures", "Procédures locales d’exploitation", [_procedures(data["procedures"])])


def _identity(identity: Identity, status: str | None) -> Facts:
    hours, code = identity["opening_hours"], identity["code"]
    return Facts(
        "Identité",
        [
            Fact("name", "Nom", required(identity["name"])),
            Fact("postal_address", "Adresse", required(identity["postal_address"]), status),
            Fact("category", "Catégorie", required(f"{identity['category']} (CCTP {identity['cctp']})")),
            Fact("lifecycle", "État", required(notation.LIFECYCLE[identity["lifecycle"]])),
            Fact("number", "Numéro et code", required(f"{identity['number']}, {code}" if code else None)),
            Fact("block", "Bloc d’adresses", required(identity["block"])),
            Fact("network", "Réseau administré", required(identity["network"])),
            Fact("dot1x", "802.1X", required(notation.DOT1X[identity["dot1x"]])),
            Fact("opening_hours", "Heures des ordinateurs", optional(hours_text(hours)), (hours or {}).get("status")),
            *([Fact("remark", "Remarque", optional(identity["remark"]))] if identity["remark"] else []),
        ],
    )


def hours_text(hours: Mapping[str, Any] | None) -> str | None:
    """Write opening hours: `du lundi au vendredi, de 08:30 à 17:30`."""
    if hours is None:
        return None
    names = list(notation.DAY)
    days = sorted(names.index(name) for name in hours["days"])
    opened = [notation.DAY[names[index]] for index in days]
    several = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
    listed = f"du {opened[0]} au {opened[-1]}" if several else ", ".join(opened)
    return f"{listed}, de {hours['start']} à {hours['end']}"


def hours_cell(hours: Mapping[str, Any] | None) -> Cell:
    """Make the cell of the hours of a site, in a table."""
    return replace(optional(hours_text(hours)), unconfirmed=(hours or {}).get("status") == TO_CONFIRM)


def contacts_table(contacts: list[Contact]) -> Table:
    """Table of the people to call."""
    return Table.of(
        "contacts",
        "Contacts du site",
        contacts,
        lambda contact: contact["role"],
        (Column("role", "Rôle", 2), lambda contact: contact["role"]),
        (Column("name", "Nom", 2), lambda contact: contact["name"]),
        (Column("mail", "Courriel"), lambda contact: address(contact["mail"])),
        (Column("phone", "Téléphone"), lambda contact: contact["phone"]),
        status=lambda contact: contact["status"],
        required=True,
    )


def _links(links: list[Link], subject: Subject) -> Table:
    return Table.of(
        "links",
        "Liaisons du site",
        links,
        lambda link: link["name"],
        (Column("name", "Liaison"), lambda link: link["name"]),
        (Column("operator", "Opérateur"), lambda link: link["operator"]),
        (Column("medium", "Support", 2), lambda link: link["medium"]),
        (Column("to", "Vers", 2), lambda link: subject.named(link["to"])),
        (Column("far_port", "Arrivée", code=True), lambda link: optional(link["far_port"])),
        (Column("rate", "Débit"), lambda link: notation.rate(link["rate_mbps"])),
        status=lambda link: link["status"],
        required=True,
    )


def segments_table(segments: list[SegmentLine]) -> Table:
    """Table of the VLANs of a site."""
    return Table.of(
        "segments",
        "VLAN du site",
        segments,
        lambda segment: segment["key"],
        (Column("vlan", "VLAN", code=True), lambda segment: segment["vlan"]),
        (Column("label", "Segment", 2), lambda segment: segment["label"]),
        (Column("subnet", "Sous-réseau", code=True), lambda segment: segment["subnet"]),
        (Column("gateway", "Passerelle", code=True), lambda segment: segment["gateway"]),
        (Column("gateway_device", "Portée par"), lambda segment: notation.GATEWAY[segment["gateway_device"]]),
        (Column("zone", "Zone"), lambda segment: notation.ZONE[segment["zone"]]),
        status=lambda segment: segment["status"],
        required=True,
    )


def _ssids(ssids: list[SsidLine]) -> Table:
    return Table.of(
        "ssids",
        "Réseaux Wi-Fi du site",
        ssids,
        lambda ssid: ssid["name"],
        (Column("name", "SSID"), lambda ssid: ssid["name"]),
        (Column("purpose", "Usage", 2), lambda ssid: ssid["purpose"]),
        (Column("vlan", "VLAN", code=True), lambda ssid: ssid["vlan"]),
        (Column("authentication", "Accès", 1), _authentication),
        (Column("enabled", "Émis"), lambda ssid: notation.yes(ssid["enabled"])),
        status=lambda ssid: ssid["status"],
        empty="Le site n’émet aucun SSID.",
    )


def _authentication(ssid: SsidLine) -> str:
    said = notation.AUTHENTICATION[ssid["authentication"]] + (" et portail" if ssid["portal"] else "")
    return f"{said} ({ssid['terms']})" if ssid["terms"] else said


def _in_dot1x(share: Dot1xShare) -> Facts:
    """Facts of 802.1X as declared (F18)."""
    until = f", la première jusqu’au {notation.day(share['until'])}" if share["until"] else ""
    return Facts(
        "802.1X, d’après la déclaration",
        [
            Fact("ssids", "SSID internes", required(f"{share['ssids']} sur {share['internal_ssids']}")),
            Fact("ports", "Ports d’accès filaires", required(f"{share['ports']} sur {share['access_ports']}")),
            Fact("exceptions", "Exceptions par adresse MAC", required(f"{share['exceptions']}{until}")),
        ],
    )


def _tests(data: Sheet, subject: Subject) -> Iterator[Block]:
    tests, record = data["tests"], subject.verification
    if tests is None or record is None:
        yield Facts("Vérification", [Fact("verification", "Dernière vérification", required(None))])
        yield Text(f"Aucune vérification n’est enregistrée. Pour en faire une : piste verify {subject.site['id']}.")
        return
    counts = ", ".join(agreed(tests["counts"].get(verdict, 0), word) for verdict, word in COUNTED.items())
    yield Facts(
        "Vérification",
        [
            Fact("verification", "Dernière vérification", required(notation.moment(tests["ended"]))),
            Fact("operator", "Par", required(tests["operator"])),
            Fact("counts", "Résultat", required(f"{counts}, sur {len(record.tests)}")),
            Fact("reserves", "Réserves", optional(" ; ".join(tests["reserves"]))),
        ],
    )
    yield Table.of(
        "tests",
        "Verdict de chaque test",
        record.tests,
        lambda test: test.id,
        (Column("title", "Test", 3), lambda test: test.title),
        (Column("verdict", "Verdict"), lambda test: verdict_cell(test.verdict)),
    )
    yield Text("Ce qui était attendu, ce qui a été vu et les preuves sont dans le PV de recette.")


def _procedures(procedures: list[Procedure]) -> Table:
    return Table.of(
        "procedures",
        "Procédures propres au site",
        procedures,
        lambda procedure: procedure["title"],
        (Column("title", "Procédure propre au site", 3), lambda procedure: procedure["title"]),
        (Column("steps", "Étapes"), lambda procedure: len(procedure["steps"])),
        status=lambda procedure: procedure["status"],
        required=True,
    )
