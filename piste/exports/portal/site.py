"""The page of a site: its state, the people to call, its network, its papers, its last runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.words import agreed
from piste.exports.portal import documents, plans
from piste.exports.portal.journal import run_cell
from piste.exports.portal.known import Known
from piste.exports.portal.living import nexus_ports_read, ports_read
from piste.exports.portal.page import LONG, Group, Page, Part
from piste.exports.portal.places import in_service, site_path
from piste.exports.portal.states import (
    finding_cell,
    moment,
    object_text,
    passage_text,
    site_cell,
    verdict_cell,
    verification_text,
)
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Drawing,
    Fact,
    Facts,
    Section,
    Table,
    Text,
    address,
    optional,
    required,
)
from piste.papers.dossier.document import KINDS
from piste.papers.dossier.report import tests_tables
from piste.papers.dossier.sheet import hours_text
from piste.papers.dossier.subject import Subject
from piste.runs.records.readable import outcome
from piste.runs.records.record import Record
from piste.sites.trials import nexus
from piste.town.model import Site

_GROUPS = {
    "fiche-site": Group("network", "Réseau"),
    "plan-baies-ports": Group("racks", "Baies et ports"),
    "plan-adressage": Group("addresses", "Adressage"),
    "procedures-locales": Group("steps", "Procédures"),
}
_ALONE = {("fiche-site", "devices")}
"""Sections of their own, of no group."""
_TITLES = {("fiche-site", "identity"): "Repères"}
_ELSEWHERE = {
    ("fiche-site", "contacts"), ("fiche-site", "tests"), ("fiche-site", "procedures"), ("fiche-site", "power"),
    ("plan-baies-ports", "cabling"), ("plan-adressage", "segments"), ("procedures-locales", "contacts"),
}  # fmt: skip
"""Sections that another part of the page says better."""
_IN_STATE = {"name", "postal_address", "category", "lifecycle", "opening_hours"}
"""Facts of the identity that the head of the page has."""


def pages(known: Known) -> Iterator[Page]:
    """Yield the page of each site."""
    for site in in_service(known).values():
        yield _page(known, site)


def _page(known: Known, site: Site) -> Page:
    record = known.verifications.get(site["id"])
    names = {name: other["name"] for name, other in known.town.sites.items()}
    switches = nexus(known.town, site)
    subject = Subject(
        site, known.town.name, names, record, None, switches, known.moment[:10],
        ports_read(known.living, site, known.doubts.get("ports", "")),
        nexus_ports_read(known.living, switches, known.doubts), _fronts(site),
    )  # fmt: skip
    parts = [
        Part(Section("state", "État", [_state(known, site)]), "town"),
        Part(Section("contacts", "Qui appeler", [_contacts(site)]), "town", only=True),
        Part(Section("contacts", "Qui appeler", [_contacts(site, mails=True)])),
        *_documents(subject),
        Part(Section("documents", "Documents", [_filed(known, site)])),
        Part(Section("plans", "Derniers plans", [plans.table(known, site["id"])])),
        Part(Section("runs", "Historique", [_runs(known, site["id"])])),
    ]
    if record is not None:
        tests = Section("tests", "Dernière vérification", [_aligned(table) for table in tests_tables(record.tests)])
        parts.insert(3, Part(tests))
    parts[1:1] = _findings(known, site["id"])
    return Page(site_path(site["id"]), site["name"], parts, lead=f"{site['category_label']}, CCTP {site['cctp']}")


def _fronts(site: Site) -> dict[str, str]:
    """Give where the front of each switch is drawn in the page; that of a stack is its first."""
    switches = [device for device in (*site["devices"], *site["awaited"]) if device["kind"] == "switch"]
    fronts = {each["name"]: f"#figure-switch-{rank}-panel" for rank, each in enumerate(switches, 1) if each["ports"]}
    stacks = {
        stack["name"]: [fronts[each["name"]] for each in stack["members"] if each["name"] in fronts]
        for stack in site["stacks"]
    }
    return {**{name: first[0] for name, first in stacks.items() if first}, **fronts}


def _aligned(table: Table) -> Table:
    """Give tables that follow each other the same widths."""
    return replace(table, columns=[replace(column, weight=column.weight or 1.5) for column in table.columns])


def _state(known: Known, site: Site) -> Facts:
    state, name, hours, life = known.states.get(site["id"]), site["id"], site["opening_hours"], site["lifecycle"]
    record = known.verifications.get(name)
    none = known.nothing("runs", "aucune au journal")
    last = passage_text(state.last) if state and state.last else none
    drift = passage_text(state.drift, drift=True) if state and state.drift else none
    verified = verification_text(record) if record else known.nothing("verifications", "jamais vérifié")
    return Facts(
        "Le site à cet instant",
        [
            Fact("site_state", "État", site_cell(known, name)),
            Fact("state", "Configuration", verdict_cell(known, name)),
            *([Fact("lifecycle", "Vie du site", Cell(notation.LIFECYCLE[life]))] if life != "open" else []),
            Fact("last", "Dernière exécution", Cell(last)),
            Fact("drift", "Dernière dérive", Cell(drift)),
            Fact("verified", "Dernière vérification", Cell(verified)),
            Fact("hours", "Heures des ordinateurs", optional(hours_text(hours)), (hours or {}).get("status")),
            Fact("address", "Adresse", required(site["postal_address"])),
        ],
    )


def _findings(known: Known, site: str) -> Iterator[Part]:
    """Yield what is wrong or unknown at a site, the worst first; it names equipment."""
    mine = sorted(
        (finding for finding in known.findings if finding.site == site and finding.state != "ok"),
        key=lambda finding: finding.rank,
    )
    if mine:
        table = Table.of(
            "findings", "D’après les dernières lectures", mine, lambda finding: finding.id,
            (Column("state", "État", 1), lambda finding: finding_cell(finding.state)),
            (Column("what", "Constat", 4), lambda finding: Cell(notation.dated(finding.what))),
            (Column("since", "Depuis", 1), lambda finding: optional(moment(finding.since) if finding.since else None)),
            (Column("todo", "À faire", 3), lambda finding: optional(finding.todo)),
        )  # fmt: skip
        yield Part(Section("findings", "Constats", [table]))


def _contacts(site: Site, *, mails: bool = False) -> Table:
    """List the contacts by function; a mail may name a person."""
    mail = (Column("mail", "Courriel", 2), lambda contact: replace(address(contact["mail"]), required=False))
    return Table.of(
        "contacts", "Par fonction", site["premises"]["contacts"], lambda contact: contact["role"],
        (Column("role", "Fonction", 2), lambda contact: Cell(contact["role"])),
        *([mail] if mails else ()),
        (Column("phone", "Téléphone"), lambda contact: optional(contact["phone"])),
        empty="Aucun contact n’est déclaré.",
    )  # fmt: skip


def _documents(subject: Subject) -> Iterator[Part]:
    """Yield the sections of the documents of a site, each with its key, each drawing once."""
    drawn: set[str] = set()
    for kind in KINDS:
        if kind.name not in _GROUPS:
            continue
        content: Any = kind.data(subject)
        for section in kind.sections(content, subject):
            if (kind.name, section.key) in _ELSEWHERE:
                continue
            blocks = [
                _shown(block)
                for block in section.blocks
                if not isinstance(block, Drawing) or block.caption not in drawn
            ]
            drawn.update(block.caption for block in blocks if isinstance(block, Drawing))
            place = kind.name, section.key
            group = None if place in _ALONE else _GROUPS[kind.name]
            if blocks:
                yield Part(Section("-".join(place), _TITLES.get(place, section.title), blocks), group=group)


def _shown(block: Block) -> Block:
    """Leave out of the identity what the head of the page has; fold the long lists."""
    if isinstance(block, Facts):
        return replace(block, facts=[fact for fact in block.facts if fact.key not in _IN_STATE])
    if isinstance(block, Table) and len(block.rows) > LONG:
        return replace(block, folded=True)
    return block


def _filed(known: Known, site: Site) -> Table:
    mine = [made for made in known.documents if made.subject == site["id"]]
    return documents.table("documents", "Les derniers établis", mine)


def _runs(known: Known, site: str) -> Table | Text:
    mine = [(record, tasks) for record in known.runs if (tasks := _of(record, site))]
    return Table.of(
        "runs", "Les dernières de ce site, d’abord la plus récente", mine[:10], lambda run: run[0]["id"],
        (Column("ended", "Finie le", 2), lambda run: Cell(moment(run[0]["ended"]))),
        (Column("user", "Par", 1), lambda run: optional(run[0]["user"])),
        (Column("mode", "Mode"), lambda run: Cell("essai" if run[0]["check"] else "réelle")),
        (Column("outcome", "Issue", 1), lambda run: Cell(outcome(run[0]))),
        (Column("changes", "Ce qui a changé ici", 4), lambda run: optional(_changes(run[1]))),
        (Column("id", "Numéro", 2, code=True), lambda run: run_cell(run[0])),
        empty=known.nothing("journal", "Aucune, parmi les dernières du journal de ce poste."),
    )  # fmt: skip


def _of(record: Record, site: str) -> list[Mapping[str, Any]]:
    return [task for task in record["tasks"] if task["host"] == site]


def _changes(tasks: Sequence[Mapping[str, Any]]) -> str:
    labels = [object_text(operation) for task in tasks for operation in task["operations"]]
    more = f", et {agreed(len(labels) - 5, 'autre(s)')}" if len(labels) > 5 else ""
    return ", ".join(labels[:5]) + more
