"""The verb `piste status`: an environment on a screen, without asking any system."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import say_json
from piste.engine.clock import in_town
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.engine.finding import Finding, State
    from piste.sites.status import Passage, SiteState

_WIDTH = 80
_COLUMNS = (28, 25)
_UNKNOWN = re.compile(r"\d+ inconnus?")
_NAMED = 8
"""Sites of the largest group that are named; beyond, they are the others."""
_SIGNS: Mapping[str, tuple[str, str]] = {"ok": (" ", ""), "wrong": ("✗", "red"), "unknown": ("?", "magenta")}


@click.command(cls=Verb)
@environment_option
@text_or_json
def status(environment: str, form: str) -> None:
    """Dire où en est un environnement : un écran, sans rien demander à aucun système.

    \b
    piste status
    piste status --environment production
    piste status --format json

    Les constats d’abord (piste findings les donne) ; puis dépôt, gels et fenêtres, verrous, journal, secrets ; dernière
    exécution et dernière dérive de chaque site, d’après le journal de ce poste. ✗ est à corriger, ? est inconnu ;
    « piste doctor » interroge les systèmes.
    Codes de sortie : 0, ou 1 si quelque chose est à corriger.
    """
    from piste.readings import findings as readings
    from piste.sites import convergence
    from piste.sites import status as state
    from piste.town import declared

    town = declared.derived(environment)
    own = [*_contract(environment), *_here(environment)]
    sites = state.sites(town, environment)
    every = readings.findings(town, environment)
    read, states = readings.summary(town, environment, every), readings.by_site(every)
    findings = [*read, *state.findings(town, environment), *own]
    verdicts = convergence.judged(town, {site.site: site for site in sites})
    if form == "json":
        answer = {
            "environment": environment,
            "findings": [finding.to_json() for finding in findings],
            "sites": [
                {
                    "site": site.site,
                    "state": states.get(site.site, "unknown"),
                    "configuration": verdicts[site.site].verdict,
                    "why": verdicts[site.site].why,
                    "last": site.last and site.last._asdict(),
                    "drift": site.drift and site.drift._asdict(),
                }
                for site in sites
            ],
        }
        say_json(answer)
    else:
        click.echo(f"  {'environnement':<14} {environment}")
        for finding in _together(findings):
            _print(finding)
        _print_sites(sites, states)
    sys.exit(1 if any(finding.state == "wrong" for finding in findings) else 0)


def _here(environment: str) -> list[Finding]:
    """List the state of the vault and of the lab, as the doctor sees them."""
    from piste.commands import doctor_checks as checks
    from piste.engine.finding import Finding
    from piste.engine.repository import ROOT

    if environment == "lab":
        return [*checks.lab()]
    try:
        return [*checks.vault(ROOT / "inventories" / environment)]
    except OSError as error:
        return [Finding("vault.encrypted", "unknown", f"ne se lit pas : {error}")]


def _contract(environment: str) -> Iterator[Finding]:
    """Yield the clauses kept and the decisions that wait, as `piste read` last counted them.

    A lab where it never did has nothing to say.
    """
    from datetime import timedelta

    from piste.engine.clock import DAY
    from piste.engine.finding import Finding
    from piste.readings.belief import FAILED
    from piste.readings.history import TREND_DAYS, past
    from piste.town.model.dates import today

    try:
        known = past(environment, (today() - timedelta(days=TREND_DAYS)).isoformat(), today().isoformat())
    except FAILED as error:
        known, why = {}, str(error)
    else:
        why = "pas compté depuis un mois : piste read"
    for id_, name, verb in (
        ("conformity", "clauses.tender", "conformity tender"),
        ("decisions", "decisions", "decisions"),
    ):
        if name not in known:
            yield from [Finding(id_, "unknown", why)] if environment != "lab" else ()
            continue
        last = known[name][-1]
        kept, whole = int(last.numerator or 0), int(last.denominator or 0)
        broken = whole - kept - last.unknown
        others = f"{agreed(broken, 'non tenue(s)')}, {agreed(last.unknown, 'inconnue(s)')}"
        said = f"{kept} clauses tenues sur {whole}, {others}"
        state: State = "wrong" if broken > 0 else "unknown" if last.unknown else "ok"
        if id_ == "decisions":
            said, state = agreed(int(last.value or 0), "décision(s) attendue(s)"), "ok"
        yield Finding(id_, state, f"{said}, le {in_town(last.day, DAY)}", f"piste {verb}")


def _together(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings, those that only count what is unknown in a single line."""
    from piste.engine.finding import Finding
    from piste.sites.status import LABELS

    unknown = [finding for finding in findings if finding.state == "unknown" and _UNKNOWN.fullmatch(finding.what)]
    counts = [f"{LABELS[finding.id]} ({finding.what.partition(' ')[0]})" for finding in unknown]
    for finding in findings:
        if finding not in unknown:
            yield finding
        elif finding is unknown[0]:
            yield Finding("unread", "unknown", ", ".join(counts)) if counts[1:] else finding


def _print(finding: Finding) -> None:
    from piste.sites.status import LABELS

    sign, colour = _SIGNS[finding.state]
    begin = f"{sign} {LABELS[finding.id]:<14} "
    text = safe(f"{finding.what}. {finding.todo}" if finding.todo else finding.what)
    lines = wrap(text, _WIDTH - len(begin), break_on_hyphens=False)
    for rank, line in enumerate(lines):
        head = begin if rank == 0 else " " * len(begin)
        if colour and not rank and not os.environ.get("NO_COLOR"):
            head = click.style(head, fg=colour)
        click.echo(head + line)


def _print_sites(sites: Sequence[SiteState], states: Mapping[str, State]) -> None:
    """Print the sites with their state, those of the same state, runs and outcomes together."""
    together: dict[tuple[str, str, str], list[str]] = {}
    for site in sites:
        sign, _ = _SIGNS[states.get(site.site, "unknown")]
        together.setdefault((_last(site.last), _drift(site.drift), sign), []).append(site.site)
    if not together:
        return
    click.echo(f"\n{'dernière exécution':<{_COLUMNS[0]}}{'dernière dérive':<{_COLUMNS[1]}}sites")
    most = max(together.values(), key=len)
    for (last, drift, sign), names in together.items():
        text = "tous" if len(together) == 1 else ", ".join(names)
        if names is most and len(names) > _NAMED and len(together) > 1:
            text = f"les {len(names)} autres"
        text = f"{sign} {text}".lstrip()
        begin = f"{last:<{_COLUMNS[0]}}{drift:<{_COLUMNS[1]}}"
        columns = sum(_COLUMNS)
        if len(begin) > columns:  # a moment that is none, as the record has it
            click.echo(safe(begin.rstrip()))
            begin = " " * columns
        for line in wrap(text, _WIDTH - columns, break_on_hyphens=False):
            click.echo(safe(begin + line))
            begin = " " * columns
    click.echo("Tout, exécution par exécution : piste journal list")


def _last(passage: Passage | None) -> str:
    from piste.runs.records.readable import OUTCOMES

    return f"{_moment(passage)} {OUTCOMES[passage.outcome]}" if passage else "aucune au journal"


def _drift(passage: Passage | None) -> str:
    from piste.runs.records.readable import OUTCOMES

    if not passage:
        return "aucune au journal"
    said = {"ok": "sans écart", "changes": agreed(passage.changes, "écart(s)")}
    return f"{_moment(passage)} {said.get(passage.outcome) or OUTCOMES[passage.outcome]}"


def _moment(passage: Passage) -> str:
    """Write the day and the hour of a passage, in the time of the town."""
    return in_town(passage.ended, "%d/%m %H:%M")
