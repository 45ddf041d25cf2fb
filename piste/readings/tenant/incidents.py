"""Security incidents: those that Graph gives, and those of the table of a console."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

from piste.engine import tables
from piste.engine.clock import DAY, in_town
from piste.engine.converge.moments import zoned
from piste.engine.converge.reading import FAULTS, text
from piste.engine.figure import Figure
from piste.engine.finding import Finding, Gravity
from piste.engine.tables import Column, Fault, Form
from piste.engine.words import agreed, safe
from piste.readings import store
from piste.readings.belief import Last, Reading, Tried, Unread
from piste.readings.table import SUBJECTS
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

SUBJECT = SUBJECTS["incidents"]
PART = "incidents"
"""The part of the tenant that has them."""
CONSOLE, DEFENDER = "console", "defender"
RECENT = timedelta(days=30)
Severity = Literal["high", "medium", "low", "informational", "unknown"]
State = Literal["open", "closed"]
Text = Annotated[str, Field(max_length=300)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Incident(TypedDict):
    """An incident, without its title, which may name a person; null: its console does not say.

    `kind` tells whether it was a true positive, `cause` what was behind it.
    """

    id: Text
    opened_on: Day
    updated_on: Day | None
    severity: Severity
    state: State
    kind: Text
    cause: Text


Rows = Annotated[list[Incident], Field(max_length=20_000)]
SEVERITIES: Mapping[Severity, tuple[str, Gravity]] = {
    "high": ("haute", "critical"), "medium": ("moyenne", "major"), "low": ("basse", "minor"),
    "informational": ("pour information", "minor"), "unknown": ("inconnue", "major"),
}  # fmt: skip
_SEVERITIES: Mapping[str, Severity] = {
    **dict.fromkeys(("high", "haute", "élevée", "critical", "critique"), "high"),
    **dict.fromkeys(("medium", "moyenne"), "medium"),
    **dict.fromkeys(("low", "basse", "faible"), "low"),
    **dict.fromkeys(("informational", "information", "info"), "informational"),
    **dict.fromkeys(("", "unknown", "inconnue"), "unknown"),
}
_STATES: Mapping[str, State] = {
    **dict.fromkeys(("open", "ouvert", "active", "actif", "inprogress", "en cours", "awaitingaction"), "open"),
    **dict.fromkeys(("closed", "clos", "fermé", "resolved", "résolu"), "closed"),
}
_MERGED = "redirected"
"""An incident that another has taken in (Microsoft Graph, *incident*, `incidentStatus`)."""


def _opened(said: str) -> str:
    if (day := tables.moment_day(said)) is None:
        raise ValueError("vide")
    return day


def _named(said: str) -> str:
    if not said:
        raise ValueError("vide")
    return said


def _severity(said: str) -> Severity:
    if said.casefold() not in _SEVERITIES:
        raise ValueError(f"« {said[:40]} » n’est pas une gravité ({', '.join(SEVERITIES)})")
    return _SEVERITIES[said.casefold()]


def _state(said: str) -> State:
    if said.casefold() not in _STATES:
        raise ValueError(f"« {said[:40]} » n’est pas un état (open, closed)")
    return _STATES[said.casefold()]


FORM = Form(
    (
        Column("id", required=True, form=_named, titles=("identifiant", "incident", "numéro")),
        Column("opened_on", required=True, form=_opened, titles=("ouvert le", "created", "date")),
        Column("state", required=True, form=_state, titles=("état", "statut", "status")),
        Column("severity", required=True, form=_severity, titles=("gravité", "sévérité")),
        Column("updated_on", form=tables.moment_day, titles=("mis à jour le", "clos le", "last update")),
        Column("kind", titles=("classification", "genre")),
        Column("cause", titles=("détermination", "determination")),
    ),
    leaves=True,
)


def imported(town: Derived, source: Path) -> tuple[Mapping[str, Any], list[Fault]]:
    """Read the table of a console, and its faults."""
    table = tables.read(source, FORM)
    seen = set[str]()
    for row in table.rows:
        if row.values["id"] in seen:
            table.faults.append(Fault(row.line, f"« {row.values['id']} » est là deux fois", "cell", "id"))
        seen.add(row.values["id"])
    return {CONSOLE: [dict(row.values) for row in table.rows]}, table.faults


def keep(environment: str, tried: Tried[Any] | None) -> None:
    """Keep what Graph gave; a town without Defender has none there."""
    if isinstance(tried, Reading):
        try:
            tried = Reading([_incident(row) for row in tried.value if row["status"] != _MERGED], tried.read_at)
        except FAULTS:
            tried = Unread("la réponse n’a pas la forme attendue", tried.read_at)
    store.keep(SUBJECT, environment, {DEFENDER: tried} if tried else {}, only=(CONSOLE,))


def _incident(row: Mapping[str, Any]) -> Incident:
    """Read a row of Graph; a severity or a state that it adds later is unknown, or open."""
    opened, updated = (in_town(zoned(row[name]), "%Y-%m-%d") if row[name] else None for name in ("opened", "updated"))
    return Incident(
        id=text(row["id"]), opened_on=text(opened), updated_on=updated,
        severity=_SEVERITIES.get(str(row["severity"]).casefold(), "unknown"),
        state=_STATES.get(str(row["status"]).casefold(), "open"), kind=row["kind"] or "", cause=row["cause"] or "",
    )  # fmt: skip


def known(town: Derived, environment: str) -> Mapping[str, Last[Any]]:
    return store.last(SUBJECT, environment, ages(town))


def _believed(sources: Mapping[str, Last[Any]]) -> dict[str, Incident]:
    """Give the incidents of every source that may be believed, by id."""
    return {row["id"]: row for last in sources.values() if isinstance(last, Reading) for row in last.value}


def month(incidents: Iterable[Incident], begins: str) -> dict[str, int]:
    """Count the incidents opened in a month (`2026-11`): all, by severity, those still open."""
    mine = [incident for incident in incidents if incident["opened_on"].startswith(f"{begins}-")]
    severities = Counter(incident["severity"] for incident in mine)
    return {
        "opened": len(mine), **{name: severities[name] for name in SEVERITIES},
        "open": sum(incident["state"] == "open" for incident in mine),
    }  # fmt: skip


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each open incident, then for each source that is believed no more."""
    sources = known(town, environment)
    if environment == "lab" and all(isinstance(last, Unread) for last in sources.values()):
        return
    every = _believed(sources)
    moments = [last.read_at for last in sources.values() if isinstance(last, Reading)]
    evidence = f"console, lue le {in_town(min(moments))}" if moments else ""
    for incident in every.values():
        if incident["state"] == "open":
            yield _of_open(incident, evidence)
    if moments and not any(incident["state"] == "open" for incident in every.values()):
        count = agreed(len(every), "incident(s)")
        yield Finding(
            f"{SUBJECT.name}.open", "ok", f"incidents de sécurité : aucun d’ouvert, {count}", evidence=evidence
        )
    doubted = [last.why for last in sources.values() if not isinstance(last, Reading)]
    if doubted or not sources:
        why = " ; ".join(doubted) or "jamais lus"
        yield Finding(f"{SUBJECT.name}.read", "unknown", f"incidents de sécurité : {why}", _AGAIN)


_AGAIN = f"{SUBJECT.again} (Defender), ou piste read incidents --from FICHIER"


def _of_open(incident: Incident, evidence: str) -> Finding:
    word, gravity = SEVERITIES[incident["severity"]]
    about = ", ".join(safe(said) for said in (incident["kind"], incident["cause"]) if said)
    what = f"incident {safe(incident['id'])} ouvert depuis le {in_town(incident['opened_on'], DAY)}, gravité {word}"
    todo = "Traitez-le dans la console de l’EDR, puis fermez-le avec sa cause."
    id_ = f"{SUBJECT.name}.{safe(incident['id'])}"
    return Finding(id_, "wrong", f"{what}{f' : {about}' if about else ''}", todo, gravity=gravity, evidence=evidence)


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield the incidents that were opened in thirty days."""
    sources = known(town, environment)
    if not sources:
        return
    since = (today() - RECENT).isoformat()
    recent = [incident for incident in _believed(sources).values() if incident["opened_on"] > since]
    believed = any(isinstance(last, Reading) for last in sources.values())
    said = f"{agreed(len(recent), 'incident(s)')} en 30 jours" if believed else ""
    yield Figure("EDR.incidents", len(recent) if believed else None, "", said=said)
