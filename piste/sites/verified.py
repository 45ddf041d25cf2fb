"""The last verification of each site, and the findings that it gives."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from piste.engine.converge.errors import PisteError
from piste.engine.finding import Finding, Gravity, State
from piste.engine.repository import ROOT
from piste.engine.words import agreed
from piste.papers.dossier.verification_record import Verification, latest
from piste.readings import store
from piste.readings.belief import Reading, Tried, Unread
from piste.readings.table import SUBJECTS
from piste.town.declared import serving
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

VERIFICATIONS = SUBJECTS["verifications"]


def folder(environment: str) -> Path:
    """Locate the verifications of an environment, beside the records of its runs."""
    given = os.environ.get("PISTE_VERIFICATIONS_DIR")
    return (Path(given) if given else ROOT / ".piste" / "verifications") / environment


def kept(environment: str) -> dict[str, Tried[Verification]]:
    """Give the last verification of each site; what differs from its seal is unread."""
    root, tried = folder(environment), dict[str, Tried[Verification]]()
    for site in sorted(path.name for path in root.glob("*/")):
        try:
            last = latest(root, site)
        except PisteError as error:
            tried[site] = Unread(str(error), now())
            continue
        if last and (last[0].site, last[0].environment) != (site, environment):
            why = f"{last[1]} est la vérification de {last[0].site}, environnement {last[0].environment}"
            tried[site] = Unread(why, now())
        elif last:
            tried[site] = Reading(last[0], datetime.fromisoformat(last[0].ended))
    return tried


def stands(town: Derived, site: str) -> bool:
    """Tell whether a site is in service."""
    return site in serving(town)


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each site in service."""
    known = store.last(VERIFICATIONS, environment, ages(town))
    for site in serving(town):
        last, again = known.get(site), f"piste verify {site}"
        if not isinstance(last, Reading):
            why = last.why if last else "jamais vérifié"
            yield Finding(f"verifications.{site}", "unknown", f"{site} : {why}", again, site=site)
            continue
        counts: Mapping[str, int] = last.value.counts
        wrong, unknown = counts.get("wrong", 0), counts.get("unknown", 0)
        titles = [test.title for test in last.value.tests if test.verdict == "wrong"]
        kept = counts.get("kept", 0)
        said = f"{agreed(wrong, 'test(s) non conforme(s)')}, {agreed(unknown, 'inconnu(s)')}"
        said += f", {agreed(kept, 'gardé(s) tel(s) que trouvé(s)')}" if kept else ""
        named = f" : {' ; '.join(titles[:_SHOWN])}" if titles else ""
        state: State = "wrong" if wrong else "unknown" if unknown else "wrong" if kept else "ok"
        gravity: Gravity = "major" if wrong or unknown else "minor"
        what = f"{site}, vérification {last.value.id} : {said}{named}"
        todo = "" if state == "ok" else again if gravity == "major" else _GIVE_BACK
        yield Finding(f"verifications.{site}", state, what, todo, site=site, gravity=gravity)


_SHOWN = 3
_GIVE_BACK = "la DSI décide de ce qui est rendu à la règle : docs/adopter.md"
