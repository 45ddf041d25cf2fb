"""The register of incidents that people keep: what failed, when, why, what is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple, TypedDict

from pydantic import Field, model_validator

from piste.engine.converge.moments import zoned

from . import values
from .forms import Date, Form, Moment, SiteName, data

type IncidentGravity = Literal["major", "significant", "minor"]
type IncidentKind = Literal[
    "ransomware", "leaked_account", "lost_device", "data_breach", "link", "node", "directory", "piste", "other"
]
type BreachNature = Literal["confidentiality", "integrity", "availability"]
type BreachRisk = Literal["none", "risk", "high"]
NOTICE = timedelta(hours=72)
"""The time to notify a breach, from the knowledge of it (RGPD, article 33, paragraph 1)."""


class DeclaredBreach(Form):
    """A breach of personal data as its register has it (RGPD, article 33, paragraph 5).

    `why_not` says why the authority is not notified, `late` why it was after 72 hours.
    """

    nature: Annotated[list[BreachNature], Field(min_length=1)]
    categories: list[str] = Field(default_factory=list)
    persons: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    data: list[str] = Field(default_factory=list)
    records: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    risk: BreachRisk | None = None
    consequences: str | None = None
    measures: str | None = None
    attenuation: str | None = None
    cnil: Moment | None = None
    late: str | None = None
    why_not: str | None = None
    persons_informed: Moment | None = None
    persons_why_not: str | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> DeclaredBreach:
        if self.cnil and self.why_not:
            raise values.refuse(f"la CNIL est notifiée le {self.cnil}, et why_not dit pourquoi elle ne l’est pas")
        if self.persons_informed and self.persons_why_not:
            raise values.refuse("les personnes sont informées (persons_informed), et persons_why_not dit pourquoi non")
        return self


class DeclaredIncident(Form):
    """An incident; `sites` are those that it cut off, `by` the day of the correction.

    `known` is the moment at which the town knew: legal delays count from it.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
    title: str
    kind: IncidentKind | None = None
    gravity: IncidentGravity
    started: Moment
    known: Moment | None = None
    ended: Moment | None = None
    sites: list[SiteName] = Field(default_factory=list)
    cause: str | None = None
    action: str | None = None
    who: str | None = None
    by: Date | None = None
    done: Date | None = None
    ticket: str | None = None
    complaint: Moment | None = None
    breach: DeclaredBreach | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> DeclaredIncident:
        if self.ended and zoned(self.ended) <= zoned(self.started):
            raise values.refuse(f"l’incident {self.id} finit le {self.ended}, avant de commencer le {self.started}")
        if self.known and zoned(self.known) < zoned(self.started):
            raise values.refuse(f"l’incident {self.id} est su le {self.known}, avant de commencer le {self.started}")
        after = {"complaint": self.complaint}
        after |= {"cnil": self.breach.cnil, "persons_informed": self.breach.persons_informed} if self.breach else {}
        for name, at in after.items():
            if at and zoned(at) < zoned(self.known or self.started):
                raise values.refuse(f"l’incident {self.id} : {name} est du {at}, avant que la Ville n’en sache rien")
        return self


class IncidentRegister(Form):
    """The register, and the days for which a person says that it is whole."""

    since: Date
    until: Date
    entries: list[DeclaredIncident] = Field(default_factory=list)

    @model_validator(mode="after")
    def _lasts(self) -> IncidentRegister:
        if self.until < self.since:
            raise values.refuse(f"le registre est tenu du {self.since} au {self.until} : la fin est avant le début")
        seen = [entry.id for entry in self.entries]
        if twice := sorted({id_ for id_ in seen if seen.count(id_) > 1}):
            raise values.refuse(f"incidents inscrits deux fois : {', '.join(twice)}")
        return self


class Breach(TypedDict):
    """A breach; moments have their zone, counts are approximate."""

    nature: list[str]
    categories: list[str]
    persons: int | None
    data: list[str]
    records: int | None
    risk: BreachRisk | None
    consequences: str | None
    measures: str | None
    attenuation: str | None
    cnil: str | None
    late: str | None
    why_not: str | None
    persons_informed: str | None
    persons_why_not: str | None


class Incident(TypedDict):
    """An incident; moments have their zone, `by` and `done` are days."""

    id: str
    title: str
    kind: IncidentKind | None
    gravity: IncidentGravity
    started: str
    known: str | None
    ended: str | None
    sites: list[str]
    cause: str | None
    action: str | None
    who: str | None
    by: str | None
    done: str | None
    ticket: str | None
    complaint: str | None
    breach: Breach | None


class Notice(NamedTuple):
    """The notice of a breach to the authority: where it stands, its end, its hours.

    It is `unneeded` with its reason, `unknown` where nobody says since when the town knows.
    """

    state: Literal["notified", "late", "due", "overdue", "unneeded", "unknown"]
    due: datetime | None = None
    hours: float | None = None


NOTICES = {
    "notified": "CNIL prévenue", "late": "CNIL prévenue tard", "due": "CNIL à prévenir",
    "overdue": "CNIL non prévenue à temps", "unneeded": "CNIL non prévenue, la raison est écrite",
    "unknown": "nul ne dit quand la Ville l’a su",
}  # fmt: skip


class Incidents(TypedDict):
    """The register; `since` and `until` are days, both included."""

    since: str
    until: str
    entries: list[Incident]


def derive_incidents(declared: IncidentRegister | None) -> Incidents | None:
    made: Incidents | None = data(declared) if declared else None
    return made


def notice(entry: Incident, now: datetime) -> Notice | None:
    """Judge the notice of a breach to the authority; None where the incident is no breach.

    Only a breach that hardly risks anything needs none (RGPD, article 33, paragraph 1), whatever reason is written.
    """
    if (breach := entry["breach"]) is None:
        return None
    due = zoned(entry["known"]) + NOTICE if entry["known"] else None
    if breach["why_not"] and breach["risk"] not in ("risk", "high"):
        return Notice("unneeded", due)
    if due is None:
        return Notice("unknown")
    at = zoned(breach["cnil"]) if breach["cnil"] else None
    hours = round((at - due + NOTICE).total_seconds() / 3600, 1) if at else None
    if at is None or at > now:
        return Notice("overdue" if now > due else "due", due)
    return Notice("late" if at > due else "notified", due, hours)
