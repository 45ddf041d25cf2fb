"""The sheet of a service: its pages month by month, its quota, what it can do (CCTP 4.4.4).

Agents read it: plain words, no person, no document; what nobody counted is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Section,
    Steps,
    Table,
    Text,
    address,
    optional,
    required,
)
from piste.papers.dossier.document import Document, Envelope, Kind, Origin, make
from piste.papers.dossier.subject import About
from piste.sobriety.counting import Known
from piste.sobriety.figures_printing import months, year_before
from piste.sobriety.printing.quotas import QUOTA_WORDS, Consumption, consumptions, pages_of, sites_of
from piste.sobriety.printing.sources import accounts, services

ADVICE = (
    "Relire à l’écran, et n’imprimer que les pages utiles.",
    "Garder le recto verso et le noir et blanc, réglés d’avance ; la couleur se demande document par document.",
    "Envoyer un lien plutôt qu’une copie, en réunion aussi.",
    "Au copieur, supprimer le travail que l’on n’a plus besoin de sortir.",
)


class MonthData(TypedDict):
    """The A4 pages of a month and of the year before; None: nobody counted them."""

    month: str
    pages: int | None
    before: int | None


class QuotaData(TypedDict):
    period: str
    every: str
    quota: int
    pages: int | None
    projected: int | None
    state: str


class Leaflet(TypedDict):
    service: str
    months: list[MonthData]
    quota: QuotaData | None
    contact: str | None


@dataclass(frozen=True, slots=True)
class ServiceSubject:
    """A service of the town; `moment` is that of its figures (ISO 8601 with its zone)."""

    known: Known
    service: str
    moment: str
    contact: str | None = None

    @property
    def about(self) -> About:
        assert self.known.town.commune is not None
        name = self.known.town.name
        return About(self.known.town.commune["id"], self.service, "Impressions du service", name, observed=self.moment)


def leaflet(subject: ServiceSubject) -> Leaflet:
    """Give the data of the sheet."""
    known, service = subject.known, subject.service
    every, of_queue = accounts(known), services(known.town)
    sites = sites_of(known, of_queue, service)

    def pages(month: str) -> int | None:
        return pages_of(every, of_queue, sites, service, month)

    used = next((used for used in consumptions(known) if used.service == service), None)
    return {
        "service": service,
        "months": [
            {"month": month, "pages": pages(month), "before": pages(year_before(month))}
            for month in months(known.today)
        ],
        "quota": _quota(used) if used else None,
        "contact": subject.contact,
    }


def _quota(used: Consumption) -> QuotaData:
    return {
        "period": used.period,
        "every": used.every,
        "quota": used.quota,
        "pages": used.pages if used.counted else None,
        "projected": used.projected,
        "state": QUOTA_WORDS[used.state],
    }


def leaflet_sections(data: Leaflet, subject: ServiceSubject) -> Iterator[Section]:
    """Print the sheet: where the service is, month by month, and what helps."""
    read = [line for line in data["months"] if line["pages"] is not None]
    yield Section("where", "Où en est le service", [Facts("Repères", list(_facts(data, read)))])
    yield Section(
        "months",
        "Mois par mois",
        [
            Table.of(
                "months", "Pages A4 du service ; une page A3 compte pour deux", data["months"],
                lambda line: line["month"],
                (Column("month", "Mois", 2), lambda line: notation.month(f"{line['month']}-01")),
                (Column("pages", "Pages", 1), lambda line: _pages(line["pages"])),
                (Column("before", "Un an avant", 1), lambda line: _pages(line["before"])),
            ),
            Text("« Inconnu » : rien n’a compté ce mois-là en entier. Ce n’est pas zéro."),
        ],
    )  # fmt: skip
    helps: list[Block] = [Steps(ADVICE, ordered=False, ticked=False)]
    yield Section("help", "Ce qui aide", helps)
    yield Section(
        "privacy",
        "Ce qui est compté",
        [Text("Des pages, par file d’impression et par mois. Ni personne, ni document, ni poste n’est relevé.")],
    )


def _facts(data: Leaflet, read: Sequence[MonthData]) -> Iterator[Fact]:
    yield Fact("service", "Service", required(data["service"]))
    last = read[-1] if read else None
    month = f", {notation.month(last['month'] + '-01')}" if last else ""
    yield Fact("pages", f"Pages du dernier mois compté{month}", _pages(last["pages"] if last else None))
    if quota := data["quota"]:
        every = "an" if quota["every"] == "year" else "mois"
        yield Fact("quota", "Quota", required(f"{notation.number(quota['quota'])} pages par {every}"))
        yield Fact("projected", "Fin de période prévue", _pages(quota["projected"]))
        yield Fact("state", "Le quota est-il tenu ?", required(quota["state"]))
        yield Fact("cut", "Si le quota est dépassé", required("On en parle avec le service ; rien n’est coupé"))
    yield Fact("contact", "À qui écrire", address(data["contact"]))


def _pages(pages: int | None) -> Cell:
    return optional(notation.number(pages) if pages is not None else "inconnu")


LEAFLET: Kind[ServiceSubject] = Kind(
    "fiche-impression",
    "Vos impressions",
    Envelope[Leaflet],
    leaflet,
    leaflet_sections,
    observed=True,
    letter=True,
)


def made(subject: ServiceSubject, origin: Origin, name: str) -> Document:
    """Make the sheet of a service, under the name of its files."""
    return make(replace(LEAFLET, name=f"{LEAFLET.name}-{name}"), subject, origin)
