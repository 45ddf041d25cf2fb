"""The page of a site: its state, the people to call, its network, its papers, its last runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.dossier import notation
from piste.dossier.blocks import Cell, Column, Drawing, Fact, Facts, Section, Table, Text, address, optional
from piste.dossier.document import KINDS
from piste.dossier.report import tests_tables
from piste.dossier.sheet import hours_text
from piste.dossier.subject import Subject
from piste.model import Site
from piste.portal.known import Known
from piste.portal.page import Page, Part
from piste.portal.states import moment, passage_text, verdict_cell, verification_text
from piste.portal.town import in_service, site_path
from piste.records.readable import outcome
from piste.records.record import Record
from piste.sites.verification import nexus

_SHOWN = ("fiche-site", "plan-baies-ports", "plan-adressage", "procedures-locales")
_TITLES = {"plan-baies-ports": "Baies et ports", "plan-adressage": "Adressage", "procedures-locales": "Procédures"}
_ELSEWHERE = {
    ("fiche-site", "contacts"), ("fiche-site", "tests"), ("fiche-site", "procedures"), ("fiche-site", "power"),
    ("plan-baies-ports", "cabling"), ("procedures-locales", "contacts"),
}  # fmt: skip
"""Sections that another part of the page says better."""


def pages(known: Known) -> Iterator[Page]:
    """Yield the page of each site."""
    for site in in_service(known).values():
        yield _page(known, site)


def _page(known: Known, site: Site) -> Page:
    record = known.verifications.get(site["id"])
    names = {name: other["name"] for name, other in known.town.sites.items()}
    subject = Subject(
        site, known.town.name, names, record, None, nexus(known.town, site), day=known.moment[:10]
    )  # fmt: skip
    parts = [
        Part(Section("state", "État", [_state(known, site)]), "town"),
        Part(Section("contacts", "Qui appeler", [_contacts(site)]), "town"),
        *_documents(subject),
        Part(Section("runs", "Dernières exécutions", [_runs(known, site["id"])])),
    ]
    if record is not None:
        tests = Section("tests", "Dernière vérification", [*tests_tables(record.tests)])
        parts.insert(2, Part(tests))
    return Page(site_path(site["id"]), site["name"], parts, lead=f"{site['category_label']}, CCTP {site['cctp']}")


def _state(known: Known, site: Site) -> Facts:
    state, name = known.states.get(site["id"]), site["id"]
    return Facts(
        "Le site à cet instant",
        [
            Fact("state", "Configuration", verdict_cell(known, name)),
            Fact("lifecycle", "Vie du site", Cell(notation.LIFECYCLE[site["lifecycle"]])),
            Fact("last", "Dernière exécution", Cell(passage_text(state.last if state else None))),
            Fact("drift", "Dernière dérive", Cell(passage_text(state.drift if state else None, drift=True))),
            Fact("verified", "Dernière vérification", Cell(verification_text(known.verifications.get(name)))),
            Fact("hours", "Heures d’ouverture", optional(hours_text(site["opening_hours"]))),
            Fact("address", "Adresse", optional(site["postal_address"])),
        ],
    )


def _contacts(site: Site) -> Table:
    return Table.of(
        "contacts", "Par fonction", site["premises"]["contacts"], lambda contact: contact["role"],
        (Column("role", "Fonction", 2), lambda contact: Cell(contact["role"])),
        (Column("mail", "Courriel", 2), lambda contact: replace(address(contact["mail"]), required=False)),
        (Column("phone", "Téléphone"), lambda contact: optional(contact["phone"])),
        empty="Aucun contact n’est déclaré.",
    )  # fmt: skip


def _documents(subject: Subject) -> Iterator[Part]:
    """Yield the sections of the documents of a site, each with its key, each drawing once."""
    drawn: set[str] = set()
    for kind in KINDS:
        if kind.name not in _SHOWN:
            continue
        content: Any = kind.data(subject)
        for section in kind.sections(content, subject):
            if (kind.name, section.key) in _ELSEWHERE:
                continue
            of, lower = _TITLES.get(kind.name), f"{section.title[:1].lower()}{section.title[1:]}"
            title = f"{of} : {lower}" if of else section.title
            blocks = [block for block in section.blocks if not isinstance(block, Drawing) or block.caption not in drawn]
            drawn.update(block.caption for block in blocks if isinstance(block, Drawing))
            if blocks:
                yield Part(Section(f"{kind.name}-{section.key}", title, blocks))


def _runs(known: Known, site: str) -> Table | Text:
    mine = [(record, tasks) for record in known.runs if (tasks := _of(record, site))]
    return Table.of(
        "runs", "Les dernières de ce site, d’abord la plus récente", mine[:10], lambda run: run[0]["id"],
        (Column("ended", "Finie le", 2), lambda run: Cell(moment(run[0]["ended"]))),
        (Column("user", "Par", 1), lambda run: optional(run[0]["user"])),
        (Column("mode", "Mode"), lambda run: Cell("essai" if run[0]["check"] else "réelle")),
        (Column("outcome", "Issue", 1), lambda run: Cell(outcome(run[0]))),
        (Column("changes", "Ce qui a changé ici", 4), lambda run: optional(_changes(run[1]))),
        (Column("id", "Numéro", 2, code=True), lambda run: Cell(run[0]["id"])),
        empty="Aucune, parmi les dernières du journal de ce poste.",
    )  # fmt: skip


def _of(record: Record, site: str) -> list[Mapping[str, Any]]:
    return [task for task in record["tasks"] if task["host"] == site]


def _changes(tasks: Sequence[Mapping[str, Any]]) -> str:
    labels = [f"{operation['kind']} {operation['label']}" for task in tasks for operation in task["operations"]]
    more = f", et {len(labels) - 5} autres" if len(labels) > 5 else ""
    return ", ".join(labels[:5]) + more
