"""The audits that are kept, sealed and signed: one for each newest reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from piste.engine.clock import DAY, in_town
from piste.engine.converge.moments import zoned
from piste.engine.finding import Finding
from piste.readings import file
from piste.readings.belief import Reading, Tried, believed
from piste.readings.table import DIRECTION, SUBJECTS
from piste.sites import sealed
from piste.sites.audit.form import OWN, Audit, Survey
from piste.sites.sealed import UnreadableReport
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.trials.restore.results import RESULT
from piste.trials.restore.signatures import PARTIES, Signature, signatures

SUBJECT = SUBJECTS[OWN]
SURVEYED = timedelta(days=30)
"""The age from which a survey says nothing of today."""
_NAME = re.compile(r"\d{8}T\d{6}Z")


def folder(environment: str) -> Path:
    """Locate the audits of an environment, beside its readings."""
    return file.place(environment).parent / OWN


def name(audit: Audit) -> str:
    """Name an audit by the moment of its newest reading."""
    return f"{datetime.fromisoformat(audit.read).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def place(audit: Audit) -> Path:
    return folder(audit.environment) / name(audit)


def read(environment: str, name: str) -> Audit | None:
    """Read a kept audit; None where there is none. Raises `UnreadableReport`."""
    path = folder(environment) / name
    made = sealed.read(path, Audit)
    if made and made.environment != environment:
        raise UnreadableReport("cet audit est celui d’un autre environnement", where=str(path), why=made.environment)
    return made


def signed(audit: Audit) -> list[Signature]:
    """List the signatures of a kept audit. Raises `UnreadableResult`."""
    return signatures(place(audit), audit) if audit.hash else []


def keep(audit: Audit) -> Audit:
    """Seal and keep an audit, unless the kept is the same or is signed; give the kept."""
    kept = read(audit.environment, name(audit))
    if kept and (kept.model_copy(update={"hash": ""}) == audit or signed(kept)):
        return kept
    return sealed.keep(place(audit), audit)


def names(environment: str) -> list[str]:
    """Name the kept audits, the oldest first; other folders are none."""
    every = (path.parent.name for path in folder(environment).glob(f"*/{RESULT}"))
    return sorted(filter(_NAME.fullmatch, every))


def last(environment: str) -> Mapping[str, Tried[Audit]]:
    """Give every kept audit by its name. Raises `UnreadableReport`."""
    made = {each: audit for each in names(environment) if (audit := read(environment, each))}
    return {each: Reading(audit, zoned(audit.read)) for each, audit in made.items()}


def survey(environment: str) -> Survey | None:
    """Give the survey of the last kept audit; None where it is too old, or cannot be read."""
    for each in reversed(names(environment)):
        with suppress(UnreadableReport):
            made = read(environment, each)
            if made and made.survey:
                at = zoned(made.survey.at)
                last = believed(Reading(made.survey, at), SURVEYED, now(), "piste adopt --audit")
                return last.value if isinstance(last, Reading) else None
    return None


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Say whether an audit is kept, and signed by both; a lab that keeps none says nothing."""
    made = [audit for each in names(environment) if (audit := read(environment, each))]
    if not made:
        if environment != "lab":
            yield Finding(f"{OWN}.report", "unknown", "audit initial : aucun n’est gardé", SUBJECT.again)
        return
    said = f"audit initial : lectures du {in_town(made[-1].read, DAY)}"
    yield Finding(f"{OWN}.report", "ok", said)
    if any({signature.party for signature in signed(audit)} == {*PARTIES} for audit in made):
        yield Finding(f"{OWN}.signed", "ok", "audit initial : signé par les deux")
    else:
        what, todo = "audit initial : il n’est pas signé par les deux", "piste audit --to DOSSIER, puis --receive"
        yield Finding(f"{OWN}.signed", "wrong", what, todo, gravity="minor", who=DIRECTION)
