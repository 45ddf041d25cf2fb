"""The documents of a site and of the town: what each is called, its data, how it prints. One entry, one document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from pydantic import TypeAdapter

from piste.dossier import plans, procedures, report, reversibility, sheet
from piste.dossier.blocks import Gaps, Section, Table, gaps, with_states
from piste.dossier.reversibility_plan import Plan
from piste.dossier.subject import About, Commune, SiteReference, Subject, Told
from piste.dossier.verification_record import Verification

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from: environment, moment, commit and digest of the declaration, versions of tools.

    `date` is that of the commit (with its zone), so that the same declaration gives the same document.
    """

    environment: str
    date: str
    commit: str
    clean: bool
    declaration: str
    tools: Mapping[str, str]

    @property
    def specimen(self) -> bool:
        """Only production says something of the town."""
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
    """A document as data. `mandatory` counts what it must tell; `missing` and `to_confirm` name what is not sure."""

    format: int
    document: str
    title: str
    specimen: bool
    origin: OriginData
    mandatory: int
    missing: list[GapData]
    to_confirm: list[GapData]
    content: C


class SiteEnvelope[C](Envelope[C]):
    """A document about a site."""

    site: SiteReference


@dataclass(frozen=True, slots=True)
class Kind[S: Told]:
    """A document: its name (that of its files), its title, the form of its data, and how both are made of a subject.

    A document that is `observed` is about tests or readings: it needs them, bears their date and joins their evidence.
    A document that `quotes` them is about the declaration, and never older than what it quotes.
    """

    name: str
    title: str
    envelope: Any
    data: Callable[[S], Any]
    sections: Callable[[Any, S], Iterable[Section]]
    observed: bool = False
    quotes: bool = False


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
        SiteEnvelope[plans.AddressPlan],
        plans.address_plan,
        plans.address_plan_sections,
    ),
    Kind(
        "procedures-locales",
        "Procédures locales d'exploitation",
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
    ),
)
"""Those of each site."""
TOWN_KINDS: tuple[Kind[Commune], ...] = (
    Kind(
        "plan-reversibilite",
        "Plan de réversibilité",
        Envelope[Plan],
        reversibility.plan,
        reversibility.plan_sections,
    ),
)
"""Those of the town itself."""


def kinds(subject: Told) -> tuple[Kind[Any], ...]:
    """The documents that there are of a subject."""
    return TOWN_KINDS if isinstance(subject, Commune) else KINDS


@dataclass(frozen=True, slots=True)
class Document:
    """A document, before it takes any form: `data` is its JSON, `sections` what people read, `evidence` is joined.

    `name` is that of its files, `kind` what it is called without its subject.
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


def make[S: Told](kind: Kind[S], subject: S, origin: Origin) -> Document:
    """Make a document of a subject."""
    content, about = kind.data(subject), subject.about
    sections = tuple(
        Section(one.key, one.title, [with_states(b) if isinstance(b, Table) else b for b in one.blocks])
        for one in kind.sections(content, subject)
    )
    found = gaps(sections)
    title = f"{kind.title} – {about.name}"
    date = _date(kind, about, origin)
    envelope = {
        "format": FORMAT,
        "document": kind.name,
        "title": title,
        **({"site": about.site} if about.site else {}),
        "specimen": origin.specimen,
        "origin": {**asdict(origin), "date": date},
        "mandatory": found.mandatory,
        "missing": [gap._asdict() for gap in found.missing],
        "to_confirm": [gap._asdict() for gap in found.to_confirm],
        "content": content,
    }
    plain = _form(kind.envelope).dump_python(envelope, mode="json")
    data = json.dumps(plain, ensure_ascii=False, indent=1).encode() + b"\n"
    return Document(
        kind.name,
        kind.title,
        title,
        about,
        origin,
        datetime.fromisoformat(date),
        found,
        data,
        sections,
        about.evidence if kind.observed else (),
    )


def _date(kind: Kind[Any], about: About, origin: Origin) -> str:
    """When a document was true: the moment of its tests or readings, else of the commit, or the later of both."""
    if about.observed and kind.observed:
        return about.observed
    if about.observed and kind.quotes:
        return max(origin.date, about.observed, key=datetime.fromisoformat)
    return origin.date


@cache
def _form(envelope: Any) -> TypeAdapter[Any]:
    return TypeAdapter(envelope)


def schemas(every: Iterable[Kind[Any]] = (*KINDS, *TOWN_KINDS)) -> dict[str, dict[str, Any]]:
    """The JSON Schema of each document by its name (JSON Schema, draft 2020-12)."""
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {kind.name: {"$schema": draft, **_form(kind.envelope).json_schema()} for kind in every}
