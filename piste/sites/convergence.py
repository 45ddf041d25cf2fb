"""The verdict of the journal on a site: converged, drifted or unknown, and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from piste.engine.figure import Figure, share
from piste.engine.finding import Finding
from piste.engine.words import agreed, some
from piste.papers.dossier import notation
from piste.runs.records.chain import journal_folder
from piste.runs.records.journal import future
from piste.sites.status import Passage, SiteState, sites
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

SiteVerdict = Literal["converged", "drifted", "unknown"]


class Convergence(NamedTuple):
    """The verdict of a site; `why` it is unknown, where a state was known before."""

    verdict: SiteVerdict
    why: str = ""


def convergence(state: SiteState | None, days: int, now: datetime) -> Convergence:
    """Judge a site by its last drift, or by a later run that left nothing to do.

    A site that drifted stays so until something says otherwise; converged, it does for some days only.
    """
    drift, last = (state.drift, state.last) if state else (None, None)
    newest = max((passage for passage in (drift, last) if passage), key=lambda passage: passage.ended, default=None)
    if newest is not None and newest.outcome == "partial":
        return Convergence("drifted")
    if newest is None or newest.outcome not in ("ok", "changes"):
        return Convergence("unknown")
    if newest is drift and newest.outcome == "changes":
        return Convergence("drifted")
    # A run that wrote has not looked again at all that it owns; a run that found nothing to do has.
    if newest is last and newest.outcome == "changes" and drift and drift.outcome != "ok":
        return Convergence("unknown")
    return _in_time(newest, days, now)


def _in_time(passage: Passage, days: int, now: datetime) -> Convergence:
    try:
        ended = datetime.fromisoformat(passage.ended)
        old = now - ended > timedelta(days=days)
        said = notation.moment(ended.isoformat()).partition(" ")[0]
    except (TypeError, ValueError, OverflowError):
        return Convergence("unknown", "le moment de la dernière exécution ne se lit pas")
    return Convergence("unknown", f"convergé le {said}, trop ancien pour le dire encore") if old else _CONVERGED


_CONVERGED = Convergence("converged")


def judged(town: Derived, states: Mapping[str, SiteState], now: datetime | None = None) -> dict[str, Convergence]:
    """Judge each site that the journal knows."""
    moment, days = now or datetime.now(UTC), ages(town)["converged_days"]
    return {name: convergence(state, days, moment) for name, state in states.items()}


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield the share of owners in service that are converged, for the history of figures."""
    verdicts = [
        made.verdict for made in judged(town, {state.site: state for state in sites(town, environment)}).values()
    ]
    good, unknown = verdicts.count("converged"), verdicts.count("unknown")
    value = None if unknown == len(verdicts) else share(good, len(verdicts))
    yield Figure("converged", value, "%", good, len(verdicts), unknown)


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each owner in service: converged, drifted or unknown."""
    states = {state.site: state for state in sites(town, environment)}
    for name, made in judged(town, states).items():
        drift = states[name].drift
        if made.verdict == "drifted":
            number = f", {agreed(drift.changes, 'écart(s)')}" if drift else ""
            yield Finding(f"runs.{name}", "wrong", f"{name} : dérive{number}", f"piste plan {name}", site=name)
        elif made.verdict == "unknown":
            why = made.why or "aucune dérive au journal ne le dit convergé"
            yield Finding(f"runs.{name}", "unknown", f"{name} : {why}", f"piste drift {name}", site=name)
        else:
            yield Finding(f"runs.{name}", "ok", f"{name} : convergé", site=name)
    if runs := future(journal_folder(), environment):
        said = f"{agreed(len(runs), 'exécution(s) datée(s) de l’avenir, ignorée(s)')} : {some(runs)}"
        yield Finding("runs", "wrong", said, "Mettez l’horloge à l’heure, puis : piste journal verify.")
