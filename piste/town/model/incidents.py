"""The register of incidents that people keep: what failed, when, why, what is done."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from pydantic import Field, model_validator

from piste.engine.converge.moments import zoned

from . import values
from .forms import Date, Form, Moment, SiteName, data

type IncidentGravity = Literal["major", "significant", "minor"]


class DeclaredIncident(Form):
    """An incident; `sites` are those that it cut off, `by` is the day of the corrective action."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
    title: str
    gravity: IncidentGravity
    started: Moment
    ended: Moment | None = None
    sites: list[SiteName] = Field(default_factory=list)
    cause: str | None = None
    action: str | None = None
    who: str | None = None
    by: Date | None = None
    done: Date | None = None
    ticket: str | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> DeclaredIncident:
        if self.ended and zoned(self.ended) <= zoned(self.started):
            raise values.refuse(f"l’incident {self.id} finit le {self.ended}, avant de commencer le {self.started}")
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


class Incident(TypedDict):
    """An incident; `started` and `ended` are moments with their zone, `by` and `done` days."""

    id: str
    title: str
    gravity: IncidentGravity
    started: str
    ended: str | None
    sites: list[str]
    cause: str | None
    action: str | None
    who: str | None
    by: str | None
    done: str | None
    ticket: str | None


class Incidents(TypedDict):
    """The register; `since` and `until` are days, both included."""

    since: str
    until: str
    entries: list[Incident]


def derive_incidents(declared: IncidentRegister | None) -> Incidents | None:
    made: Incidents | None = data(declared) if declared else None
    return made
