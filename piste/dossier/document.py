"""The documents of a site: what each is called, what its data are, how it prints. One entry makes one document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypedDict

from pydantic import TypeAdapter

from piste.dossier import plans, procedures, report, sheet
from piste.dossier.blocks import Gaps, Section, Table, gaps, with_states
from piste.dossier.subject import Subject
from piste.dossier.tests import Verification

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


class SiteReference(TypedDict):
    id: str
    name: str
    number: int
    code: str | None


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
    site: SiteReference
    specimen: bool
    origin: OriginData
    mandatory: int
    missing: list[GapData]
    to_confirm: list[GapData]
    content: C


@dataclass(frozen=True, slots=True)
class Kind:
    """A document: its name (that of its files), its title, the form of its data, and how both are made."""

    name: str
    title: str
    envelope: Any
    data: Callable[[Subject], Any]
    sections: Callable[[Any, Subject], Iterable[Section]]
    needs_tests: bool = False


KINDS: tuple[Kind, ...] = (
    Kind("fiche-site", "Fiche site", Envelope[sheet.Sheet], sheet.sheet, sheet.sheet_sections),
    Kind(
        "plan-baies-ports",
        "Plan des baies et des ports",
        Envelope[plans.PortPlan],
        plans.port_plan,
        plans.port_plan_sections,
    ),
    Kind(
        "plan-adressage",
        "Plan de numérotation",
        Envelope[plans.AddressPlan],
        plans.address_plan,
        plans.address_plan_sections,
    ),
    Kind(
        "procedures-locales",
        "Procédures locales d'exploitation",
        Envelope[procedures.Procedures],
        procedures.procedures,
        procedures.procedures_sections,
    ),
    Kind(
        "pv-recette",
        "Procès-verbal de recette",
        Envelope[Verification],
        report.report,
        report.report_sections,
        needs_tests=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document, before it takes any form: `data` is its JSON, `sections` what people read."""

    kind: Kind
    title: str
    subject: Subject
    origin: Origin
    date: datetime
    gaps: Gaps
    data: bytes
    sections: tuple[Section, ...]


def make(kind: Kind, subject: Subject, origin: Origin) -> Document:
    """Make a document of a site. One that tells of tests is dated by them."""
    content, site = kind.data(subject), subject.site
    sections = tuple(
        Section(one.key, one.title, [with_states(b) if isinstance(b, Table) else b for b in one.blocks])
        for one in kind.sections(content, subject)
    )
    found = gaps(sections)
    title = f"{kind.title} – {site['name']}"
    date = subject.verification.ended if kind.needs_tests and subject.verification else origin.date
    envelope = {
        "format": FORMAT,
        "document": kind.name,
        "title": title,
        "site": {name: site[name] for name in ("id", "name", "number", "code")},
        "specimen": origin.specimen,
        "origin": {**asdict(origin), "date": date},
        "mandatory": found.mandatory,
        "missing": [gap._asdict() for gap in found.missing],
        "to_confirm": [gap._asdict() for gap in found.to_confirm],
        "content": content,
    }
    plain = TypeAdapter(kind.envelope).dump_python(envelope, mode="json")
    data = json.dumps(plain, ensure_ascii=False, indent=1).encode() + b"\n"
    return Document(kind, title, subject, origin, datetime.fromisoformat(date), found, data, sections)


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each document by its name (JSON Schema, draft 2020-12)."""
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {kind.name: {"$schema": draft, **TypeAdapter(kind.envelope).json_schema()} for kind in KINDS}
