"""States as the portal shows them: a sign, a word, a mark; unknown is never conform."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from piste.dossier import notation
from piste.dossier.blocks import Cell, Mark
from piste.dossier.report import COUNTED
from piste.dossier.verification_record import Verification
from piste.finding import State
from piste.portal.known import Known
from piste.records.readable import OUTCOMES
from piste.sites.status import Passage
from piste.words import NO_BREAK, agreed

SiteVerdict = Literal["converged", "drifted", "unknown"]
VERDICTS: Mapping[SiteVerdict, tuple[str, Mark]] = {
    "converged": ("✓ convergé", "good"),
    "drifted": ("✗ en écart", "bad"),
    "unknown": ("? inconnu", "doubt"),
}
FINDINGS: Mapping[State, tuple[str, Mark]] = {
    "ok": ("✓ bon", "good"),
    "wrong": ("✗ à corriger", "bad"),
    "unknown": ("? inconnu", "doubt"),
}


def site_verdict(known: Known, site: str) -> SiteVerdict:
    """Judge a site by its last drift, or by a later run that left nothing to do."""
    state = known.states.get(site)
    drift, last = (state.drift, state.last) if state else (None, None)
    newest = max((passage for passage in (drift, last) if passage), key=lambda passage: passage.ended, default=None)
    if newest is None or newest.outcome not in ("ok", "changes"):
        return "unknown"
    if newest is drift:
        return "converged" if newest.outcome == "ok" else "drifted"
    # A run that wrote has not looked again at all that it owns; a run that found nothing to do has.
    return "converged" if newest.outcome == "ok" or drift is None or drift.outcome == "ok" else "unknown"


def verdict_cell(known: Known, site: str) -> Cell:
    return Cell(*VERDICTS[site_verdict(known, site)])


def finding_cell(state: State) -> Cell:
    return Cell(*FINDINGS[state])


def passage_text(passage: Passage, *, drift: bool = False) -> str:
    """Write when a run ended and what came of it."""
    said = {**OUTCOMES}
    if drift:
        said |= {"ok": "sans écart", "changes": agreed(passage.changes, "écart(s)").replace(" ", NO_BREAK)}
    return f"{moment(passage.ended)}, {said.get(passage.outcome, passage.outcome)}"


def verification_text(record: Verification) -> str:
    counts = record.counts
    failing = [agreed(counts[verdict], COUNTED[verdict]) for verdict in COUNTED if counts[verdict]]
    return f"{moment(record.ended)} : {', '.join(failing)}"


def moment(text: str) -> str:
    """Write a moment in the town's time; as it is where it is none."""
    try:
        return notation.moment(datetime.fromisoformat(text).isoformat())
    except (TypeError, ValueError, OverflowError):
        return str(text)
