"""The *fiche site* (CCTP 3.6): who, where, linked how, which networks, which devices, what the tests said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from piste.dossier import french
from piste.dossier.blocks import (
    Block,
    Column,
    Fact,
    Facts,
    Row,
    Section,
    Table,
    Text,
    address,
    filled,
    optional,
    required,
)
from piste.dossier.equipment import DeviceLine, device_line, devices_table, items_table, racks_table, ups_table
from piste.dossier.report import COUNTED, verdict_cell
from piste.dossier.subject import Subject
from piste.dossier.tests import Verdict
from piste.model.site import Dhcp
from piste.model.site_premises import Contact, Link, Procedure, Rack, Ups
from piste.words import agreed


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
    portal: bool
    status: str | None


class TestsSummary(TypedDict):
    id: str
    ended: str
    operator: str
    counts: dict[Verdict, int]
    reserves: list[str]


class Sheet(TypedDict):
    """All that the fiche tells; `tests` is None where the site was never verified."""

    identity: Identity
    contacts: list[Contact]
    links: list[Link]
    segments: list[SegmentLine]
    ssids: list[SsidLine]
    devices: list[DeviceLine]
    racks: list[Rack]
    ups: list[Ups]
    procedures: list[Procedure]
    tests: TestsSummary | None


def sheet(subject: Subject) -> Sheet:
    """The data of the fiche of a site."""
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
        "segments": [_kept(SegmentLine, one) for one in site["segments"].values()],
        "ssids": [_kept(SsidLine, {**one, "portal": one["portal"] is not None}) for one in site["ssids"]],
        "devices": [device_line(one, places.get(one["name"], (None, None))) for one in subject.devices],
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
    """What a form keeps of a larger one."""
    return {name: whole[name] for name in form.__annotations__}


def sheet_sections(data: Sheet, subject: Subject) -> Iterator[Section]:
    """The fiche as it prints."""
    yield Section("identity", "Le site", [_identity(data["identity"], subject.site["status"])])
    yield Section("contacts", "Contacts", [contacts_table(data["contacts"])])
    yield Section("links", "Raccordements", [_links(data["links"], subject)])
    yield Section("networks", "Réseaux", [segments_table(data["segments"]), _ssids(data["ssids"])])
    switches = [one for one in data["devices"] if one["kind"] == "switch"]
    others = [one for one in data["devices"] if one["kind"] != "switch"]
    devices = [
        devices_table("switches", "Commutateurs", switches, racked=True),
        devices_table("access_points", "Bornes Wi-Fi", others, racked=False),
        items_table([*data["devices"], *data["ups"]]),
    ]
    yield Section("devices", "Équipements actifs", devices)
    yield Section("power", "Baies et onduleurs", [racks_table(data["racks"], data["ups"]), ups_table(data["ups"])])
    yield Section("tests", "Résultats des tests", list(_tests(data, subject)))
    yield Section("procedures", "Procédures locales d'exploitation", [_procedures(data["procedures"])])


def _identity(one: Identity, status: str | None) -> Facts:
    hours = one["opening_hours"]
    return Facts(
        "Identité",
        [
            Fact("name", "Nom", required(one["name"])),
            Fact("postal_address", "Adresse", required(one["postal_address"]), status),
            Fact("category", "Catégorie", required(f"{one['category']} (CCTP {one['cctp']})")),
            Fact("lifecycle", "État", required(french.LIFECYCLE[one["lifecycle"]])),
            Fact("number", "Numéro et code", required(f"{one['number']}, {one['code']}" if one["code"] else None)),
            Fact("block", "Bloc d'adresses", required(one["block"])),
            Fact("network", "Réseau administré", required(one["network"])),
            Fact("dot1x", "802.1X", required(french.DOT1X[one["dot1x"]])),
            Fact("opening_hours", "Heures d'ouverture", optional(_hours(hours)), (hours or {}).get("status")),
            *([Fact("remark", "Remarque", optional(one["remark"]))] if one["remark"] else []),
        ],
    )


def _hours(hours: dict[str, Any] | None) -> str | None:
    if hours is None:
        return None
    names = list(french.DAY)
    days = sorted(names.index(name) for name in hours["days"])
    said = [french.DAY[names[index]] for index in days]
    several = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
    listed = f"du {said[0]} au {said[-1]}" if several else ", ".join(said)
    return f"{listed}, de {hours['start']} à {hours['end']}"


def contacts_table(contacts: list[Contact]) -> Table:
    columns = [
        Column("role", "Rôle", 2),
        Column("name", "Nom", 2),
        Column("mail", "Courriel"),
        Column("phone", "Téléphone"),
    ]
    rows = [
        Row(
            one["role"],
            [required(one["role"]), required(one["name"]), address(one["mail"]), required(one["phone"])],
            one["status"],
        )
        for one in contacts
    ]
    return Table("contacts", "Contacts du site", columns, rows, required=True)


def _links(links: list[Link], subject: Subject) -> Table:
    columns = [
        Column("name", "Liaison"),
        Column("operator", "Opérateur"),
        Column("medium", "Support", 2),
        Column("to", "Vers", 2),
        Column("rate", "Débit"),
    ]
    rows = [
        filled(
            one["name"],
            [one["name"], one["operator"], one["medium"], subject.named(one["to"]), french.rate(one["rate_mbps"])],
            one["status"],
        )
        for one in links
    ]
    return Table("links", "Liaisons du site", columns, rows, required=True)


def segments_table(segments: list[SegmentLine]) -> Table:
    columns = [
        Column("vlan", "VLAN", code=True),
        Column("label", "Segment", 2),
        Column("subnet", "Sous-réseau", code=True),
        Column("gateway", "Passerelle", code=True),
        Column("gateway_device", "Portée par"),
        Column("zone", "Zone"),
    ]
    rows = [
        filled(
            one["key"],
            [
                one["vlan"],
                one["label"],
                one["subnet"],
                one["gateway"],
                french.GATEWAY[one["gateway_device"]],
                french.ZONE[one["zone"]],
            ],
            one["status"],
        )
        for one in segments
    ]
    return Table("segments", "VLAN du site", columns, rows, required=True)


def _ssids(ssids: list[SsidLine]) -> Table:
    columns = [
        Column("name", "SSID"),
        Column("purpose", "Usage", 2),
        Column("vlan", "VLAN", code=True),
        Column("authentication", "Accès", 1),
        Column("enabled", "Émis"),
    ]
    rows = [
        filled(
            one["name"],
            [
                one["name"],
                one["purpose"],
                one["vlan"],
                french.AUTHENTICATION[one["authentication"]] + (" et portail" if one["portal"] else ""),
                french.yes(one["enabled"]),
            ],
            one["status"],
        )
        for one in ssids
    ]
    return Table("ssids", "Réseaux Wi-Fi du site", columns, rows, "Le site n'émet aucun SSID.")


def _tests(data: Sheet, subject: Subject) -> Iterator[Block]:
    tests, record = data["tests"], subject.verification
    if tests is None or record is None:
        yield Facts("Vérification", [Fact("verification", "Dernière vérification", required(None))])
        yield Text(f"Aucune vérification n'est enregistrée. Pour en faire une : piste verify {subject.site['id']}.")
        return
    said = ", ".join(agreed(tests["counts"].get(verdict, 0), word) for verdict, word in COUNTED.items())
    yield Facts(
        "Vérification",
        [
            Fact("verification", "Dernière vérification", required(french.moment(tests["ended"]))),
            Fact("operator", "Par", required(tests["operator"])),
            Fact("counts", "Résultat", required(f"{said}, sur {len(record.tests)}")),
            Fact("reserves", "Réserves", optional(" ; ".join(tests["reserves"]))),
        ],
    )
    columns = [Column("title", "Test", 3), Column("verdict", "Verdict")]
    rows = [Row(test.id, [required(test.title), verdict_cell(test.verdict)]) for test in record.tests]
    yield Table("tests", "Verdict de chaque test", columns, rows)
    yield Text("Ce qui était attendu, ce qui a été vu et les preuves sont dans le PV de recette.")


def _procedures(procedures: list[Procedure]) -> Table:
    columns = [Column("title", "Procédure propre au site", 3), Column("steps", "Étapes")]
    rows = [filled(one["title"], [one["title"], len(one["steps"])], one["status"]) for one in procedures]
    return Table("procedures", "Procédures propres au site", columns, rows, required=True)
