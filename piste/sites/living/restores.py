"""Restores in the verification of a site: what the town has proven to come back (F15)."""

from __future__ import annotations

from collections.abc import Sequence

from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.papers.dossier.verification_record import Verdict
from piste.sites.living.seen import Seen

_REQUIREMENTS = ("R017", "R056", "R143", "F15", "R067")
_SHOWN = 4


def restores(findings: Sequence[Finding]) -> Seen:
    """Judge by the calendar of restore tests, a finding each; untested while none has a result."""
    title, expected = "Ce qui est sauvegardé se restaure", "chaque restauration demandée est prouvée, et signée"
    proven = [finding for finding in findings if finding.state == "ok"]
    lacking = [finding.what for finding in findings if finding.state != "ok"]
    observed = f"{len(proven)} sur {len(findings)}"
    verdict: Verdict = "unknown"
    if any(finding.state == "wrong" for finding in findings):
        verdict = "wrong"
    elif findings and not lacking:
        verdict = "conform"
    elif not proven:
        verdict, observed = "untested", "pas essayé"
        lacking = ["aucune restauration n’est prouvée : piste restore list (docs/restaurations.md)"]
    more = [agreed(len(lacking) - _SHOWN, "autre(s)")] if len(lacking) > _SHOWN else []
    reason = " ; ".join([*lacking[:_SHOWN], *more])
    proof = [finding.to_json() for finding in findings]
    return Seen("restores", "Restaurations", title, _REQUIREMENTS, expected, observed, verdict, reason, proof)
