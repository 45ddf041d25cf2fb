"""States as the portal shows them: a sign, a word, a mark; unknown is never conform."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from piste.engine.finding import State, worst
from piste.engine.words import NO_BREAK, agreed
from piste.exports.portal.known import Known
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Mark
from piste.papers.dossier.report import COUNTED
from piste.papers.dossier.verification_record import Verification
from piste.readings.findings import by_site
from piste.runs.plans.show import WAITING
from piste.runs.records.readable import OUTCOMES
from piste.sites.convergence import Convergence, SiteVerdict, convergence
from piste.sites.status import Passage
from piste.systems.kinds.labels import kind
from piste.town.declared import named
from piste.town.model.freshness import ages

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


def judged(known: Known, site: str) -> Convergence:
    """Judge a site by its last drift and its last run, while they are young enough."""
    return convergence(known.states.get(site), ages(known.town)["converged_days"], known.now)


def verdict_cell(known: Known, site: str) -> Cell:
    """Write the verdict of a site, with the reason of one that is unknown since it is old."""
    verdict, why = judged(known, site)
    word, mark = VERDICTS[verdict]
    return Cell(f"{word} : {why}" if why else word, mark)


def site_state(known: Known, site: str) -> State:
    """Give the state of a site: the worst of its configuration and of its findings."""
    return worst((_CONFIGURED[judged(known, site).verdict], by_site(known.findings).get(site, "ok")))


def site_cell(known: Known, site: str) -> Cell:
    """Write the state of a site; where it is not that of its configuration, both."""
    configured, made = verdict_cell(known, site), site_state(known, site)
    word, mark = FINDINGS[made]
    if mark == configured.mark:
        return configured
    return Cell(f"{word} ; {configured.text[2:]}", mark)


_CONFIGURED: Mapping[SiteVerdict, State] = {"converged": "ok", "drifted": "wrong", "unknown": "unknown"}


def too_old(known: Known, ended: str) -> bool:
    """Tell whether a verification is too old to say what is; a moment that is none is."""
    try:
        return known.now - datetime.fromisoformat(ended) > timedelta(days=ages(known.town)["converged_days"])
    except (TypeError, ValueError, OverflowError):
        return True


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


_OPERATIONS: Mapping[str, str] = {
    "+": "création(s)", "~": "modification(s)", "-": "suppression(s)", WAITING: "retenue(s)",
}  # fmt: skip


def operations_text(counts: Mapping[str, int]) -> str:
    """Write the operations above zero, by symbol, in words; empty for none."""
    return ", ".join(agreed(counts[sign], words) for sign, words in _OPERATIONS.items() if counts[sign])


def object_text(operation: Mapping[str, Any]) -> str:
    return f"{kind(operation['kind'])} {operation['label']}"


def limit_text(known: Known, limit: str | None) -> str:
    """Name the sites that a run was limited to; what names no site stays."""
    sites = {name: site["name"] for name, site in known.town.sites.items()}
    return ", ".join(sites.get(name, name) for name in sorted(named(limit or ""))) or "tous les sites"


def moment(text: str) -> str:
    """Write a moment in the town's time; as it is where it is none."""
    try:
        return notation.moment(datetime.fromisoformat(text).isoformat())
    except (TypeError, ValueError, OverflowError):
        return str(text)
