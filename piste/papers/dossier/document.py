"""The documents of a site, of the town, of a third party: name, data and print of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypedDict, get_args

from pydantic import TypeAdapter

from piste.papers.dossier import (
    accessibility,
    addresses,
    applications,
    backups,
    interface_plan,
    measured,
    network_map,
    operations,
    plans,
    procedures,
    processing,
    register,
    report,
    reversibility,
    runbooks,
    sheet,
    supplies,
    terms,
)
from piste.papers.dossier.blocks import Cell, Gaps, Section, Table, gaps, with_states
from piste.papers.dossier.identity import Identity, IdentityData
from piste.papers.dossier.interface_plan import Party
from piste.papers.dossier.reversibility_plan import Plan
from piste.papers.dossier.subject import About, Commune, Described, SiteReference, Subject
from piste.papers.dossier.verification_record import Verification

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of a document: environment, date, commit and digest of the declaration, tools.

    `date` is that of the commit, with its zone, so that the same declaration gives the same document. `identity` is
    what the town puts on every document.
    """

    environment: str
    date: str
    commit: str
    clean: bool
    declaration: str
    tools: Mapping[str, str]

    identity: Identity | None = None

    @property
    def specimen(self) -> bool:
        """Documents of any environment but production are specimens."""
        return self.environment != "production"


class GapData(TypedDict):
    path: str
    label: str


class OriginData(TypedDict):
    environment: str
    date: str
    commit: str
    clean: bool
    declaration: str
    tools: dict[str, str]


class Envelope[C](TypedDict):
    """A document as data: its mandatory values are counted, its unsure values named.

    `town` is the name of the town that signs it: a folder may have documents of several.
    """

    format: int
    document: str
    title: str
    town: str
    specimen: bool
    identity: IdentityData | None
    origin: OriginData
    mandatory: int
    missing: list[GapData]
    to_confirm: list[GapData]
    content: C


class SiteEnvelope[C](Envelope[C]):
    """A document about a site."""

    site: SiteReference


@dataclass(frozen=True, slots=True)
class Kind[S: Described]:
    """A kind of document: the name of its files, its title, its form, its makers.

    An `observed` document is about tests or readings: it needs them, has their date and attaches their evidence. A
    document that `quotes` them is about the declaration, and never older than what it quotes; where it `joins` their
    evidence, it attaches it too. A document that decides has a `headline`, its verdict. A
    `letter` is read by all staff: its gaps and its origin are in its data alone. A `published` document has no place
    for an approval.
    """

    name: str
    title: str
    envelope: Any
    data: Callable[[S], Any]
    sections: Callable[[Any, S], Iterable[Section]]
    observed: bool = False
    quotes: bool = False
    joins: bool = False
    headline: Callable[[Any], Cell] | None = None
    letter: bool = False
    published: bool = False

    def read(self, content: object) -> Any:
        """Read the content of a document on file. Raises `ValidationError` for what is none."""
        return _form(get_args(self.envelope)[0]).validate_python(content)


KINDS: tuple[Kind[Subject], ...] = (
    Kind("fiche-site", "Fiche site", SiteEnvelope[sheet.Sheet], sheet.sheet, sheet.sheet_sections, quotes=True),
    Kind(
        "plan-baies-ports",
        "Plan des baies et des ports",
        SiteEnvelope[plans.PortPlan],
        plans.port_plan,
        plans.port_plan_sections,
    ),
    Kind(
        "plan-adressage",
        "Plan de numérotation",
        SiteEnvelope[addresses.AddressPlan],
        addresses.address_plan,
        addresses.address_plan_sections,
    ),
    Kind(
        "procedures-locales",
        "Procédures locales d’exploitation",
        SiteEnvelope[procedures.Procedures],
        procedures.procedures,
        procedures.procedures_sections,
    ),
    Kind(
        "pv-recette",
        "Procès-verbal de recette",
        SiteEnvelope[Verification],
        report.report,
        report.report_sections,
        observed=True,
        headline=report.headline,
    ),
)
"""The documents of each site."""
TOWN_KINDS: tuple[Kind[Commune], ...] = (
    Kind(
        "plan-reversibilite",
        "Plan de réversibilité",
        Envelope[Plan],
        reversibility.plan,
        reversibility.plan_sections,
    ),
    Kind(
        "carte-reseau",
        "Carte du réseau",
        Envelope[network_map.TownMap],
        network_map.town_map,
        network_map.town_map_sections,
    ),
    Kind(
        "catalogue-applications",
        "Catalogue des applications",
        Envelope[applications.Catalogue],
        applications.catalogue,
        applications.catalogue_sections,
    ),
    Kind(
        "plan-onduleurs", "Plan des onduleurs", Envelope[supplies.SupplyPlan], supplies.supply_plan, supplies.sections
    ),
    Kind(
        "plan-sauvegardes", "Plan des sauvegardes", Envelope[backups.BackupPlan], backups.backup_plan, backups.sections
    ),
    *(
        Kind(
            f"certificats-{name}",
            f"{title} des certificats",
            Envelope[runbooks.Runbook],
            runbooks.runbook(procedure),
            runbooks.runbook_sections,
        )
        for procedure, name, title in (
            ("issue", "emission", "Émission"),
            ("revoke", "revocation", "Révocation"),
            ("back_up", "sauvegarde", "Sauvegarde"),
            ("rotate", "rotation", "Rotation"),
            ("audit", "audit", "Audit"),
        )
    ),
    Kind(
        "registre-traitements",
        "Registre des traitements de données personnelles",
        Envelope[register.PersonalData],
        register.register,
        register.register_sections,
    ),
    Kind(
        "registre-journaux",
        "Registre de traitement des journaux",
        Envelope[processing.Processing],
        processing.processing,
        processing.processing_sections,
    ),
    Kind(
        "registre-mesure-postes",
        "Registre de traitement de la mesure des postes",
        Envelope[measured.MeasuredData],
        measured.measured,
        measured.record_sections,
    ),
    Kind(
        "note-mesure-postes",
        "Note aux agents",
        Envelope[measured.NoteData],
        measured.note,
        measured.note_sections,
        letter=True,
    ),
    Kind(
        "conditions-wifi",
        "Conditions d’utilisation du Wi-Fi",
        Envelope[terms.TermsData],
        terms.terms,
        terms.terms_sections,
        published=True,
    ),
    Kind(
        "declaration-accessibilite",
        "Déclaration d’accessibilité",
        Envelope[accessibility.AccessibilityData],
        accessibility.accessibility,
        accessibility.accessibility_sections,
        headline=accessibility.headline,
        published=True,
    ),
    *(
        Kind(name, title, Envelope[operations.Operations], operations.operations(name), operations.operations_sections)
        for name, title in operations.TITLES.items()
    ),
)
"""The documents of the town itself."""
PARTY_KINDS: tuple[Kind[Party], ...] = (
    Kind(
        "plan-interface",
        "Plan d’interface",
        Envelope[interface_plan.InterfaceSheet],
        interface_plan.interface_sheet,
        interface_plan.interface_sections,
    ),
)
"""The documents of each third party."""


def kinds(subject: Described) -> tuple[Kind[Any], ...]:
    """List the kinds of documents of a subject."""
    if isinstance(subject, Party):
        return PARTY_KINDS
    return TOWN_KINDS if isinstance(subject, Commune) else KINDS


@dataclass(frozen=True, slots=True)
class Document:
    """A document before it takes a form: `data` is its JSON, `sections` its text.

    `evidence` files are attached. `name` is that of its files, `kind` its title without the subject; `headline` is the
    verdict of a document that decides.
    """

    name: str
    kind: str
    title: str
    about: About
    origin: Origin
    date: datetime
    gaps: Gaps
    data: bytes
    sections: tuple[Section, ...]
    evidence: tuple[Path, ...] = ()
    headline: Cell | None = None
    identity: IdentityData | None = None
    letter: bool = False
    published: bool = False


def make[S: Described](kind: Kind[S], subject: S, origin: Origin) -> Document:
    """Make a document of a subject."""
    content, about = kind.data(subject), subject.about
    sections = tuple(_with_states(section) for section in kind.sections(content, subject))
    counted = gaps(sections)
    title = f"{kind.title} – {about.name}"
    date = _date(kind, about, origin)
    identity = origin.identity.of(kind.name, about.id) if origin.identity else None
    envelope = {
        "format": FORMAT,
        "document": kind.name,
        "title": title,
        "town": about.town,
        **({"site": about.site} if about.site else {}),
        "specimen": origin.specimen,
        "identity": identity,
        "origin": {
            "environment": origin.environment,
            "date": date,
            "commit": origin.commit,
            "clean": origin.clean,
            "declaration": origin.declaration,
            "tools": dict(origin.tools),
        },
        "mandatory": counted.mandatory,
        "missing": [GapData(path=gap.path, label=gap.label) for gap in counted.missing],
        "to_confirm": [GapData(path=gap.path, label=gap.label) for gap in counted.to_confirm],
        "content": content,
    }
    plain = _form(kind.envelope).dump_python(envelope, mode="json")
    # Half of a surrogate pair is no UTF-8: JSON escapes it, and gives it back as it was.
    data = json.dumps(plain, ensure_ascii=False, indent=1).encode(errors="backslashreplace") + b"\n"
    return Document(
        kind.name,
        kind.title,
        title,
        about,
        origin,
        datetime.fromisoformat(date),
        counted,
        data,
        sections,
        about.evidence if kind.observed or kind.joins else (),
        kind.headline(content) if kind.headline else None,
        identity,
        kind.letter,
        kind.published,
    )


def _with_states(section: Section) -> Section:
    blocks = [with_states(block) if isinstance(block, Table) else block for block in section.blocks]
    return replace(section, blocks=blocks)


def _date(kind: Kind[Any], about: About, origin: Origin) -> str:
    """Date a document: the moment of its tests or readings, that of the commit, or the later."""
    if about.observed and kind.observed:
        return about.observed
    if about.observed and kind.quotes:
        return max(origin.date, about.observed, key=datetime.fromisoformat)
    return origin.date


@cache
def _form(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)


@cache
def schemas(every: tuple[Kind[Any], ...] = (*KINDS, *TOWN_KINDS, *PARTY_KINDS)) -> dict[str, dict[str, Any]]:
    """Give the JSON Schema (draft 2020-12) of each kind of document, by its name."""
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {kind.name: {"$schema": draft, **_form(kind.envelope).json_schema()} for kind in every}
