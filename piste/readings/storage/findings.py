"""The findings on the targeted shares: when each was last scanned whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from piste.engine.clock import DAY, in_town
from piste.engine.finding import Finding
from piste.readings import store
from piste.readings.belief import Reading, Tried, Unread
from piste.readings.storage import kept
from piste.readings.storage.reading import ShareReading
from piste.readings.table import SUBJECTS
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

SUBJECT = SUBJECTS["storage"]


def last(environment: str) -> dict[str, Tried[ShareReading]]:
    """Give the last scan of each share; a scan that is not whole is unread.

    Raises `UnreadableReading`.
    """
    names = sorted(path.stem for path in kept.folder(environment).glob("*.json"))
    return {name: _tried(known["last"]) for name, known in kept.last(environment, names).items()}


def _tried(made: ShareReading) -> Tried[ShareReading]:
    at = datetime.fromisoformat(made["read_at"])
    return Reading(made, at) if made["state"] == "complete" else Unread(made["why"] or "pas lu en entier", at)


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each targeted share."""
    storage = town.commune["storage"] if town.commune else None
    known = store.last(SUBJECT, environment, ages(town))
    for share in storage["shares"] if storage else ():
        name, tried = share["name"], known.get(share["name"])
        if isinstance(tried, Reading):
            yield Finding(f"storage.{name}", "ok", f"{name} : relevé entier le {in_town(tried.read_at, DAY)}")
        else:
            said = tried.why if tried else "jamais relevé"
            yield Finding(f"storage.{name}", "unknown", f"{name} : {said}", f"piste storage scan {name}")
