"""Release by authentication: the queues that wait for somebody, jobs released, pages saved."""

from __future__ import annotations

from piste.engine.words import agreed
from piste.sobriety.counting import Known
from piste.sobriety.figure import Figure
from piste.sobriety.figures_printing import months
from piste.sobriety.printing.sources import queues

_TITLE = "Files dont un travail attend l’authentification"
_SOURCE = "Déclaration (printing.release), export du logiciel"


def released(known: Known) -> Figure:
    """Compute the share of queues behind the release; jobs and pages are in its reason."""
    declared = known.town.commune["print_accounting"] if known.town.commune else None
    every = set(queues(known.town))
    if declared is None or declared["release"] is None:
        why = "aucune libération par authentification n’est déclarée (printing.release)"
        return known.unknown("F7.release", _TITLE, "%", _SOURCE, why, "4.4.4")
    behind = sorted(every & set(declared["release"]["queues"]))
    return known.figure(
        "F7.release", _TITLE, "%", 100 * len(behind) / len(every) if every else None, _SOURCE,
        numerator=len(behind), denominator=len(every), failing=sorted(every - set(behind)), why=_jobs(known, behind),
        cctp="4.4.4",
    )  # fmt: skip


def _jobs(known: Known, behind: list[str]) -> str:
    """Say the jobs released, and the pages that nobody came for, in the last month."""
    window = months(known.today)
    rows = [row for row in known.imports.exported.released if row.queue in behind and row.month in window]
    if not rows:
        return "aucun export ne dit les travaux libérés ou jamais réclamés : leur part est inconnue"
    month = max(row.month for row in rows)
    last = [row for row in rows if row.month == month]
    out, expired = [row.released_jobs for row in last], [row.expired_jobs for row in last]
    pages = [row.expired_pages for row in last]
    known_out, known_expired = sum(filter(None, out)), sum(filter(None, expired))
    words = [f"en {month}"]
    if None in out or None in expired or not known_out + known_expired:
        words.append("part des travaux sortis inconnue")
    else:
        words.append(f"{known_out} travaux sortis sur {known_out + known_expired}")
    if None in pages:
        words.append("pages jamais réclamées inconnues")
    else:
        saved = sum(filter(None, pages))
        words.append(f"{agreed(saved, 'page(s)')} jamais réclamées, donc non imprimées")
    return ", ".join(words)
