"""The last readings of certificates and of their tickets, judged at this moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.engine.figure import Figure, share
from piste.engine.finding import Finding
from piste.readings import store
from piste.readings.belief import Last, Reading, Tried, Unread
from piste.readings.certificates.facts import Facts
from piste.readings.certificates.judgment import NEVER, Judged, figure, judge, written
from piste.readings.table import SUBJECTS, Answer
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.freshness import Ages, ages

if TYPE_CHECKING:
    from piste.town.model.certificates import Tickets, TownCertificates

CERTIFICATES, TICKETS = SUBJECTS["certificates"], SUBJECTS["tickets"]
DESK = "glpi"
"""The thing that tickets are about."""


class Certificates(NamedTuple):
    """The last readings by certificate, and that of the tickets; None where never read."""

    known: Mapping[str, Last[Facts]]
    tickets: Last[Tickets] | None = None

    @property
    def facts(self) -> dict[str, Facts]:
        return {name: last.value for name, last in self.known.items() if isinstance(last, Reading)}

    @property
    def read_at(self) -> datetime | None:
        """Give the moment of the newest reading."""
        return max((last.read_at for last in self.known.values() if last.read_at), default=None)


NOTHING = Certificates({})


def last(environment: str, limits: Ages) -> Certificates:
    """Give the last readings of an environment. Raises `UnreadableReading`."""
    known = store.last(CERTIFICATES, environment, limits)
    return Certificates(known, store.last(TICKETS, environment, limits).get(DESK))


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep the answer of the modules of a scan, else its silence."""
    declared = town.commune["certificates"]["certificates"] if town.commune else ()
    read = [entry["name"] for entry in declared if entry["reader"]]
    silence = store.unanswered(answer, "la lecture n’en a rien rendu")
    if answer.content is None and DESK in store.last(TICKETS, environment):
        store.keep(TICKETS, environment, {DESK: silence})
    return keep(environment, answer.content or (), read, silence) or not read


def keep(
    environment: str,
    parts: Iterable[Mapping[str, Any] | None],
    declared: Collection[str] | None = None,
    silence: Unread | None = None,
) -> bool:
    """Keep what the modules of a scan gave; return whether a certificate was read.

    `declared` are those that are read: nothing is kept of another. `silence` is the outcome of what no module
    gave.

    Raises `UnreadableReading`, `NotWritten`.
    """
    tried: dict[str, Tried[Facts]] = {}
    tickets: Tickets | None = None
    moment: datetime | None = None
    for part in filter(None, parts):
        tickets = part.get("tickets", tickets)
        if part["read_at"]:
            moment = datetime.fromisoformat(part["read_at"])
            tried |= {name: Reading(facts, moment) for name, facts in part["facts"].items()}
            tried |= {name: Unread(why, moment) for name, why in part["unread"].items()}
    if silence:
        tried = {**dict.fromkeys(declared or (), silence), **tried}
    store.keep(CERTIFICATES, environment, tried, only=declared)
    if tickets is not None and moment:
        silent = tickets["unread"]
        store.keep(TICKETS, environment, {DESK: Unread(silent, moment) if silent else Reading(tickets, moment)})
    return any(isinstance(outcome, Reading) for outcome in tried.values())


def with_tickets(town: TownCertificates, readings: Certificates) -> TownCertificates:
    """Add to the declared certificates the tickets that were read.

    Tickets that are not believed are unread.
    """
    tickets = readings.tickets
    if tickets is None:
        return town
    if isinstance(tickets, Reading):
        return {**town, "tickets": tickets.value}
    return {**town, "tickets": {"open": {}, "closed": [], "unread": tickets.why}}


def judged(town: TownCertificates, readings: Certificates) -> list[Judged]:
    """Judge every declared certificate by what its last reading still says, at this moment."""
    moment, town = now(), with_tickets(town, readings)
    facts = readings.facts
    why = {name: last.why for name, last in readings.known.items() if not isinstance(last, Reading)}
    return [
        judge(entry, facts.get(entry["name"]), town, moment, why.get(entry["name"], NEVER))
        for entry in town["certificates"]
    ]


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield F16 by the last readings: the share of the certificates that need nothing."""
    if town.commune is None:
        return
    every = judged(town.commune["certificates"], last(environment, ages(town)))
    made, sound = figure(every), sum(item.state == "ok" for item in every)
    value = share(sound, len(every)) if made["read"] else None
    yield Figure("F16", value, "%", sound, len(every), len(made["unknown"]), said=written(made))


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each declared certificate, of the site that holds it."""
    if town.commune is None:
        return
    readings, declared = last(environment, ages(town)), town.commune["certificates"]
    places = {
        place: site["id"]
        for site in town.sites.values()
        for segment in site["segments"].values()
        for reserved in segment["reservations"].items()
        for place in reserved
    }
    for item in judged(declared, readings):
        entry, end = item.certificate, item.facts["not_after"][:10] if item.facts else item.certificate["not_after"]
        yield replace(
            Finding.from_json(item.trial(declared)),
            id=f"{CERTIFICATES.name}.{entry['name']}",
            site=places.get(entry["address"] or entry["store"] or "", ""),
            gravity="critical" if "expired" in item.faults else "major",
            by=(end or "") if item.state == "wrong" else "",
        )
