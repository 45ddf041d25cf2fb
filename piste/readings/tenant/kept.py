"""The last reading of each part of the tenant, judged by the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from piste.engine.clock import in_town
from piste.engine.converge.moments import zoned
from piste.engine.figure import Figure, share
from piste.engine.finding import Finding
from piste.engine.words import safe
from piste.readings import store
from piste.readings.belief import Last, Reading, Tried, Unread
from piste.readings.table import SUBJECTS, Answer
from piste.readings.tenant import incidents
from piste.readings.tenant.rules import RULES, UNCOUNTED, Tenant, verdict
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

SUBJECT = SUBJECTS["tenant"]
_NEVER = f"jamais lu : {SUBJECT.again}"
_SILENT = "Microsoft n’a pas répondu, ou cet environnement ne dit pas comment le joindre"
Text = Annotated[str, Field(max_length=1000)]
Cell = bool | int | float | Text | Annotated[list[Text], Field(max_length=2000)] | None
Rows = Annotated[list[dict[Text, Cell]], Field(max_length=50_000)]
"""The rows of a part, whose columns `graph.yml` declares."""


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep what was read of each part; tell whether one was."""
    from piste.systems.microsoft.tenant import PARTS

    silence = store.unanswered(answer, _SILENT)
    tried: dict[str, Tried[Any]] = dict.fromkeys(PARTS, silence)
    if answer.content:
        at, parts, unread = (answer.content[name] for name in ("read_at", "parts", "unread"))
        tried = {
            name: Reading(parts[name], zoned(at)) if name in parts else Unread(unread.get(name, silence.why), zoned(at))
            for name in PARTS
        }
        if incidents.PART not in {*parts, *unread}:
            del tried[incidents.PART]
    incidents.keep(environment, tried.pop(incidents.PART, None))
    store.keep(SUBJECT, environment, tried, only=())
    return any(isinstance(outcome, Reading) for outcome in tried.values())


def last(town: Derived, environment: str) -> Mapping[str, Last[Any]]:
    """Give what may be said now of each part."""
    parts = store.last(SUBJECT, environment, ages(town))
    if of_defender := incidents.known(town, environment).get(incidents.DEFENDER):
        parts[incidents.PART] = of_defender
    return parts


def tenant(known: Mapping[str, Last[Any]]) -> Tenant:
    """Sort what may be believed from what is unknown."""
    parts = {name: last.value for name, last in known.items() if isinstance(last, Reading)}
    unread = {name: last.why for name, last in known.items() if not isinstance(last, Reading)}
    return Tenant(parts, unread, today())


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each rule; a single finding where nothing was ever read."""
    known = last(town, environment)
    if all(isinstance(part, Unread) for part in known.values()):
        if environment != "lab":
            why = next((part.why for part in known.values() if isinstance(part, Unread)), _NEVER)
            yield Finding(f"{SUBJECT.name}.read", "unknown", f"le locataire : {why}", SUBJECT.again)
        return
    read, moments = tenant(known), [part.read_at for part in known.values() if isinstance(part, Reading)]
    evidence = f"Microsoft Graph, lu le {in_town(min(moments))}" if moments else ""
    for id_, rule in RULES.items():
        state, said, names = verdict(rule, read)
        what = f"{id_}, {rule['title']} : {_STATES[state]}{f' ({said})' if said else ''}"
        todo = {"ok": "", "wrong": f"{rule['cure'][:1].upper()}{rule['cure'][1:]}.", "unknown": _SEE}[state]
        yield Finding(
            f"{SUBJECT.name}.{id_}",
            state,
            what,
            todo,
            gravity=rule.get("gravity", "major"),
            evidence=evidence,
            names=(*map(safe, names),),
            code=id_,
        )


_SEE = f"Voyez dans Entra ce que cette raison dit (docs/microsoft-365.md), puis : {SUBJECT.again}."
_STATES = {"ok": "tenu", "wrong": "non tenu", "unknown": "inconnu"}


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield the figures of the month: rules, second factors of members, licences."""
    known = last(town, environment)
    if not known:
        return
    read = tenant(known)
    states = [verdict(rule, read).state for rule in RULES.values()]
    right, unknown = states.count("ok"), states.count("unknown")
    value = None if unknown == len(states) else share(right, len(states))
    yield Figure("M365.rules", value, "%", None if value is None else right, len(states), unknown)
    members = [row for row in _rows(known, "registrations") if row["type"] != "guest"]
    every, capable = (sum(row["count"] for row in rows) for rows in (members, [r for r in members if r["capable"]]))
    yield Figure("M365.factors", share(capable, every), "%", capable if every else None, every or None)
    licences = [row for row in _rows(known, "licences") if (row["bought"] or 0) < UNCOUNTED and row["used"] is not None]
    bought, used = (sum(row[name] or 0 for row in licences) for name in ("bought", "used"))
    for score in _rows(known, "score")[:1]:
        reached = share(score["score"], score["most"]) if score["score"] is not None and score["most"] else None
        yield Figure("M365.score", reached, "%", score["score"], score["most"])
        used = score["active"] is not None and score["licensed"]
        active = share(score["active"], score["licensed"]) if used else None
        yield Figure("M365.active", active, "%", score["active"], score["licensed"])
    yield Figure("M365.licences", share(used, bought), "%", used if bought else None, bought or None)


def _rows(known: Mapping[str, Last[Any]], part: str) -> list[dict[str, Any]]:
    said = known.get(part)
    return said.value if isinstance(said, Reading) else []
