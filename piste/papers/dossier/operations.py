"""The operating dossiers by domain, and that of the architecture (CCTP 6.2, 6.3).

`docs/exploitation.yml` says in words what the declaration cannot; the rest comes from the declaration. No person, no
secret: the same texts are committed (`docs/exploitation`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypedDict

from piste.engine.repository import ROOT
from piste.papers.dossier.blocks import Block, Column, Section, Steps, Table, Text, required
from piste.papers.dossier.notation import day
from piste.papers.dossier.subject import Commune
from piste.town.model.assets.classes import CLASSES
from piste.town.model.beside import Beside
from piste.town.model.derived import Derived
from piste.town.model.faults import Faults
from piste.town.model.forms import Form
from piste.town.model.source import read
from piste.town.town import refuse

WORDS = ROOT / "docs/exploitation.yml"
DOMAINS = {
    "reseau": "réseau", "systeme": "système", "vdi": "VDI", "sauvegardes": "sauvegardes", "wifi": "Wi-Fi",
    "microsoft": "Microsoft 365", "glpi": "GLPI",
}  # fmt: skip
CATALOGUE = "catalogue-interfaces"
TITLES = {
    "architecture": "Dossier d’architecture",
    **{f"exploitation-{name}": f"Dossier d’exploitation : {title}" for name, title in DOMAINS.items()},
    CATALOGUE: "Catalogue des interfaces",
}
type Row = dict[str, str | None]
"""A line of a table as it prints, by column; None is a value that the town still owes."""
type Known = Mapping[str, Mapping[str, str | None]]


class OperatedAct(Form):
    """An act of the exploitation, by a command of Piste or at the place that `how` names."""

    what: str
    how: str


class OperatedFault(Form):
    """A sign that is known, the act against it, the command that shows it."""

    sign: str
    act: str
    how: str


class OperatedInterface(Form):
    """A flow between two systems: its contract, its test, the `delay` that was agreed.

    `checks` begin the names of what `piste doctor` says of it.
    """

    critical: bool
    name: str
    contract: str
    fields: str
    rights: str
    delay: str | None = None
    owner: str
    how: str
    checks: Sequence[str] = ()


class Operated(Form):
    """The words of a dossier, and the names of the declaration whose lines it takes."""

    says: list[str]
    classes: Sequence[str] = ()
    machines: Sequence[str] = ()
    systems: list[str]
    parties: list[str]
    applications: Sequence[str] = ()
    licences: Sequence[str] = ()
    versions: Sequence[str] = ()
    tests: Sequence[str] = ()
    interfaces: Sequence[OperatedInterface] = ()
    blocks: bool = False
    ssids: bool = False
    daily: Sequence[OperatedAct] = ()
    monthly: Sequence[OperatedAct] = ()
    faults: Sequence[OperatedFault] = ()
    restore: Sequence[str] = ()
    back: Sequence[str] = ()


class OperationTexts(Form):
    """The words of every dossier, by its name."""

    dossiers: dict[str, Operated]


class Operations(TypedDict):
    """A dossier: its words, and the rows of its tables."""

    says: list[str]
    tables: dict[str, list[Row]]
    restore: list[str]
    back: list[str]


@cache
def operated() -> Mapping[str, Operated]:
    """Read the words of each dossier, by its name. Raises `InvalidDeclaration` with every fault."""
    faults = Faults()
    document = read(WORDS, WORDS.name, faults, WORDS.stem)
    every = Beside(WORDS.stem, WORDS.stem, document, not faults).validated(OperationTexts, faults)
    refuse(faults)
    assert every is not None
    return every.dossiers


def operations(name: str) -> Callable[[Commune], Operations]:
    """Make the data of a dossier."""

    return lambda subject: operations_of(name, subject.town)


def operations_of(name: str, town: Derived) -> Operations:
    """Gather the data of a dossier, from what is derived."""
    of = operated()[name]
    tables = {key: [*table.rows(of, town)] for key, table in _TABLES.items()}
    return Operations(says=of.says, tables=tables, restore=[*of.restore], back=[*of.back])


def operations_sections(data: Operations, subject: object = None) -> Iterator[Section]:
    """Print a dossier; a table that needs no row is left out where it has none."""
    ends = {"restore": data["restore"], "back": data["back"]}
    for key, title in _SECTIONS.items():
        words: list[Block] = [Text(line) for line in data["says"]] if key == "architecture" else []
        steps: list[Block] = [Steps(ends[key])] if ends.get(key) else []
        tables = [
            _printed(name, table, rows)
            for name, table in _TABLES.items()
            if table.section == key and ((rows := data["tables"][name]) or table.due)
        ]
        if blocks := [*words, *tables, *steps]:
            yield Section(key, title, blocks)


def _printed(key: str, table: _Listed, rows: list[Row]) -> Table:
    def cell(name: str) -> Callable[[Row], object]:
        return lambda row: required(row.get(name))

    names = table.columns
    # An address of mail has no place to break.
    width = {"login": 3.5}
    columns = [
        (Column(name, label, width.get(name, 2), code=name == "how"), cell(name)) for name, label in names.items()
    ]
    first = next(iter(names))
    return Table.of(
        key, table.caption, rows, lambda row: str(row[first]), *columns,
        status=lambda row: row.get("status"), required=table.due,
    )  # fmt: skip


class _Listed(NamedTuple):
    """A table: its section, its caption, its columns, its rows; `due`, its absence is a gap."""

    section: str
    caption: str
    columns: Mapping[str, str]
    rows: Callable[[Operated, Derived], Iterable[Row]]
    due: bool = False


def _taken(names: Iterable[str], known: Known, column: str) -> Iterator[Row]:
    """Take the named lines of the declaration; a line that it lacks is a gap."""
    yield from (dict(known.get(name, {column: name})) for name in names)


def _equipment(of: Operated, town: Derived) -> Iterator[Row]:
    every = [(asset, owner) for owner, host in town.owners.items() for asset in host["assets"]]
    counts = Counter(asset["kind"] for asset, _ in every)
    for name in of.classes:
        sites = {asset["site"] or owner for asset, owner in every if asset["kind"] == name}
        yield {"class": CLASSES[name].plural, "count": str(counts[name]), "sites": str(len(sites))}


def _blocks(of: Operated, town: Derived) -> Iterator[Row]:
    for site in town.sites.values() if of.blocks else ():
        yield {"site": site["name"], "block": site["block"] or "aucun", "vlans": str(len(site["segments"]))}


def _ssids(of: Operated, town: Derived) -> Iterator[Row]:
    every = [ssid for site in town.sites.values() for ssid in site["ssids"]] if of.ssids else []
    counts = Counter(ssid["name"] for ssid in every)
    for name, ssid in {ssid["name"]: ssid for ssid in every}.items():
        yield {"ssid": name, "purpose": ssid["purpose"], "audience": ssid["audience"], "sites": str(counts[name])}


def _machines(of: Operated, town: Derived) -> Iterator[Row]:
    known = {
        asset["name"]: {"machine": asset["name"], "role": asset["model"] or CLASSES[asset["kind"]].label,
                        "address": asset["address"]}
        for host in town.owners.values() for asset in host["assets"]
    }  # fmt: skip
    return _taken(of.machines, known, "machine")


def _accounts(of: Operated, town: Derived) -> Iterator[Row]:
    """List the accounts of no person: the matrix of rights has the others."""
    assert town.commune
    for account in town.commune["accounts"]:
        shared = [system for system in account["systems"] if system in of.systems]
        if shared and account["kind"] != "nominative" and not account["persons"]:
            yield {
                "login": account["login"], "systems": ", ".join(shared), "kind": _KINDS.get(account["kind"] or ""),
                "holder": account["holder"], "purpose": account["purpose"], "status": account["status"],
            }  # fmt: skip


_KINDS = {"technical": "technique", "emergency": "de secours", "third_party": "d’un tiers"}


def _contacts(of: Operated, town: Derived) -> Iterator[Row]:
    assert town.commune
    known = {party["id"]: party for party in town.commune["third_parties"]}
    for name in of.parties:
        party = known.get(name)
        interface = party["interface"] if party else None
        contacts = interface["contacts"] if interface else []
        status = interface["status"] if interface else None
        label = party["label"] if party else name
        yield from (
            {"party": label, "role": entry["role"], "phone": entry["phone"], "hours": entry["hours"], "status": status}
            for entry in contacts
        )
        if not contacts:
            yield {"party": label}


def _contracts(of: Operated, town: Derived) -> Iterator[Row]:
    assert town.commune
    covering = [contract for contract in town.commune["contracts"] if contract["supplier"] in of.parties]
    yield from (_contract(entry, entry["reference"]) for entry in covering)
    licences = {entry["id"]: _contract(entry, entry["contract"]) for entry in town.commune["licences"]}
    yield from _taken(of.licences, licences, "contract")


def _contract(entry: Mapping[str, Any], reference: str | None) -> Row:
    end = entry["end"]
    return {"contract": entry["label"], "reference": reference, "end": end and day(end), "status": entry["status"]}


def _versions(of: Operated, town: Derived) -> Iterator[Row]:
    assert town.commune
    approved = {
        name: {"what": name, "version": ", ".join(entry["versions"]),
               "approved": day(entry["approved"]) if entry["approved"] else None, "status": entry["status"]}
        for name, entry in town.firmware.items()
    }  # fmt: skip
    yield from _taken(of.versions, approved, "what")
    known = {
        entry["id"]: {"what": entry["label"], "version": entry["version"],
                      "approved": entry["version_on"] and day(entry["version_on"]), "status": entry["status"]}
        for entry in town.commune["applications"]
    }  # fmt: skip
    yield from _taken(of.applications, known, "what")


def _tests(of: Operated, town: Derived) -> Iterator[Row]:
    assert town.commune
    known = {
        test["name"]: {"test": test["label"], "every": f"{test['every_days']} j",
                       "rto": f"{test['rto_hours']} h" if test["rto_hours"] else "sans", "status": test["status"]}
        for test in town.commune["restore_tests"]
    }  # fmt: skip
    yield from _taken(of.tests, known, "test")


def _interfaces(*, critical: bool) -> Callable[[Operated, Derived], Iterable[Row]]:
    return lambda of, _: [
        each.model_dump(exclude={"critical", "checks"}) for each in of.interfaces if each.critical == critical
    ]  # fmt: skip


_INTERFACE = {
    "name": "Interface", "contract": "Contrat", "fields": "Données", "rights": "Droits", "delay": "Délai",
    "owner": "Répond", "how": "Essai",
}  # fmt: skip
_ACT = {"what": "Quoi", "how": "Commande, ou lieu"}
_SECTIONS = {
    "architecture": "Architecture", "interfaces": "Interfaces", "addresses": "Adresses",
    "accounts": "Comptes, sans leurs secrets",
    "acts": "Actes de chaque jour et de chaque mois", "faults": "Pannes connues", "contacts": "Qui appeler",
    "versions": "Contrats et versions", "restore": "Restaurer", "back": "Retour arrière",
}  # fmt: skip
_TABLES = {
    "critical": _Listed("interfaces", "Interfaces critiques, essayées de bout en bout", _INTERFACE,
                        _interfaces(critical=True)),
    "others": _Listed("interfaces", "Autres interfaces", _INTERFACE, _interfaces(critical=False)),
    "equipment": _Listed("architecture", "Équipements, par sorte",
                         {"class": "Sorte", "count": "Nombre", "sites": "Sites"}, _equipment),
    "ssids": _Listed("architecture", "Réseaux Wi-Fi",
                     {"ssid": "SSID", "purpose": "Usage", "audience": "Public", "sites": "Sites"}, _ssids),
    "blocks": _Listed("addresses", "Bloc de chaque site",
                      {"site": "Site", "block": "Bloc", "vlans": "VLAN"}, _blocks),
    "machines": _Listed("addresses", "Machines et équipements",
                        {"machine": "Machine", "role": "Rôle", "address": "Adresse"}, _machines),
    "accounts": _Listed("accounts", "Sans ceux des personnes, que dit piste accounts show",
                        {"login": "Compte", "systems": "Systèmes", "kind": "Sorte", "holder": "Détenteur",
                         "purpose": "Pour"}, _accounts, due=True),
    "daily": _Listed("acts", "Chaque jour", _ACT, lambda of, _: [act.model_dump() for act in of.daily]),
    "monthly": _Listed("acts", "Chaque mois", _ACT, lambda of, _: [act.model_dump() for act in of.monthly]),
    "faults": _Listed("faults", "Le signe, puis ce qui se fait",
                      {"sign": "Signe", "act": "Ce qui se fait", "how": "Commande"},
                      lambda of, _: [fault.model_dump() for fault in of.faults]),
    "contacts": _Listed("contacts", "Par fonction ; le reste est au plan d’interface",
                        {"party": "Tiers", "role": "Fonction", "phone": "Téléphone", "hours": "Quand"},
                         _contacts, due=True),
    "contracts": _Listed("versions", "Contrats et licences",
                         {"contract": "Contrat", "reference": "Numéro", "end": "Fin"}, _contracts, due=True),
    "versions": _Listed("versions", "Versions déclarées",
                        {"what": "Quoi", "version": "Version", "approved": "Approuvée le"}, _versions),
    "tests": _Listed("restore", "Essais de restauration déclarés",
                     {"test": "Essai", "every": "Tous les", "rto": "Retour au plus"}, _tests),
}  # fmt: skip
