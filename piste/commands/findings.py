"""The verb `piste findings`: all that is wrong or unknown, the worst first, and what to do."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, forms_option
from piste.commands.output import EXIT, say_csv, say_json
from piste.engine.clock import DAY, in_town
from piste.engine.words import agreed, safe
from piste.engine.words import some as some_of

if TYPE_CHECKING:
    from piste.engine.finding import Finding, Gravity
    from piste.readings.subject import Subject

COLUMNS = ("id", "state", "gravity", "site", "since", "what", "todo", "who", "by", "evidence", "put_off")
_SINCE = re.compile(r", depuis le [^,)]+")
"""The moment of a problem, which things that have the same problem do not share."""
GRAVITIES: dict[Gravity, str] = {"critical": "grave", "major": "important", "minor": "mineur"}


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town import declared

    town = declared.derived(ctx.params.get("environment") or "lab")
    return [name for name in town.sites if name.startswith(begun)]


def _complete_subject(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.readings.table import SUBJECTS

    return [name for name, subject in SUBJECTS.items() if subject.judge and name.startswith(begun)]


def _subject(name: str) -> Subject:
    """Give a judged subject by its name. Raises `Misused`."""
    from piste.readings.table import SUBJECTS
    from piste.town.model.wording import choose

    every = {known: subject for known, subject in SUBJECTS.items() if subject.judge}
    return choose(name, every, "n’est pas un sujet de constats")


@click.command(cls=Verb)
@click.argument("site", metavar="[SITE]", required=False, shell_complete=_complete_site)
@click.option(
    "--subject", metavar="SUJET", shell_complete=_complete_subject, help="Ceux d’un sujet (docs/constats.md)."
)
@click.option("--open", "only_open", is_flag=True, help="Ce qui est à corriger ou inconnu seulement.")
@environment_option
@forms_option("table", "json", "csv")
def findings(site: str | None, subject: str | None, only_open: bool, environment: str, form: str) -> None:
    """Lister les constats, le pire d'abord : ce qui est à corriger ou inconnu, depuis quand, quoi faire, qui.

    \b
    piste findings
    piste findings ecole-jaures --open
    piste findings --subject tenant
    piste findings --environment production --format csv > constats.csv

    D'après les dernières lectures, sans rien demander à aucun système ; piste read relit ce qui est dû. Une lecture
    trop ancienne ne dit plus rien : son constat est inconnu (docs/constats.md).
    La fin donne les nombres et les chiffres (F1 à F16…) qui ont changé depuis trente jours, d'après les jours notés.
    Codes de sortie : 0 tout est conforme, 1 quelque chose est à corriger, 3 quelque chose est inconnu.
    """
    from piste.engine.finding import worst
    from piste.readings import findings as readings
    from piste.readings import history
    from piste.readings.table import SUBJECTS
    from piste.town import declared

    town = declared.derived(environment)
    if site is not None:
        declared.refuse_stranger(site, town)
    asked = [_subject(subject)] if subject else [*SUBJECTS.values()]
    every = history.dated(environment, readings.findings(town, environment, asked))
    shown = every if site is None else readings.about(site, every)
    state, whole = worst(finding.state for finding in shown) if shown else "unknown", site is None and not subject
    if only_open:
        shown = [finding for finding in shown if finding.state != "ok"]
    if form == "json":
        figures = [trend._asdict() for trend in history.trends(environment).values()] if whole else []
        listed = [_facts(finding) for finding in shown]
        say_json({"environment": environment, "state": state, "findings": listed, "figures": figures})
    elif form == "csv":
        say_csv(COLUMNS, map(_facts, shown))
    else:
        _print(shown)
        if not shown and not only_open:
            click.echo("Ce site n’est pas en service, ou ce sujet n’a rien de lu : rien n’en est jugé.")
        if whole:
            _say_days(environment)
            _say_figures(environment)
    sys.exit(EXIT[{"ok": "ok", "wrong": "error", "unknown": "unknown"}[state]])


def _facts(finding: Finding) -> dict[str, str]:
    return {name: finding.whole if name == "what" else getattr(finding, name) for name in COLUMNS}


def _print(shown: Sequence[Finding]) -> None:
    """Write the findings that ask for something; those that say the same are together."""
    from piste.commands.doctor import SAID, counted

    together: dict[tuple[str, ...], list[Finding]] = {}
    for finding in shown:
        if finding.state != "ok":
            together.setdefault(_said(finding), []).append(finding)
    for alike in together.values():
        first, some = alike[0], len(alike) > 1
        names = [finding.id.partition(".")[2] for finding in alike]
        what = first.whole
        if some:
            said = _SINCE.sub("", what.partition(" : ")[2])
            what = f"{agreed(len(alike), 'constat(s)')} : {said} ({some_of(names, 12)})"
        facts = [
            "" if some else first.site,
            GRAVITIES[first.gravity] if first.state == "wrong" else "",
            f"depuis le {in_town(min(since), DAY)}" if (since := [f.since for f in alike if f.since]) else "",
            first.who,
            f"avant le {in_town(min(by), DAY)}" if (by := [f.by for f in alike if f.by]) else "",
            first.evidence,
            first.put_off,
        ]
        said, colour = SAID[first.state]
        indent = " " * len(said)
        click.echo(f"{click.style(said, fg=colour)}  {safe(what, '\n')}")
        click.echo(f"{indent}    {safe(' · '.join(filter(None, facts)))}")
        if first.todo:
            others = ", et de même pour les autres" if some and _common(first) != first.todo else ""
            click.echo(f"{indent}  → {safe(first.todo, '\n')}{others}")
    click.echo(f"\n{counted(shown)}")


def _said(finding: Finding) -> tuple[str, ...]:
    """Give what two findings have in common that say the same of two things."""
    thing, _, said = finding.whole.partition(" : ")
    alike = (finding.state, finding.gravity, finding.who, finding.evidence, finding.put_off)
    return (finding.id.partition(".")[0], _SINCE.sub("", said) or thing, _common(finding), *alike)


def _common(finding: Finding) -> str:
    """Give what to do, without the names of the thing and of its site."""
    names = filter(None, (finding.what.partition(" : ")[0], finding.site))
    return reduce(lambda text, name: text.replace(name, ""), names, finding.todo)


def _say_days(environment: str) -> None:
    """Write the counts of the first and of the last day that were noted before today."""
    from piste.readings.history import days
    from piste.town.model.dates import today

    known = [day for day in days(environment) if day.day < today().isoformat()]
    for day in dict.fromkeys((*known[-1:], *known[-30:-29])):
        click.echo(f"Le {in_town(day.day, DAY)} : {day.wrong} à corriger, {agreed(day.unknown, 'inconnu(s)')}.")


def _say_figures(environment: str) -> None:
    """Write the figures that are not what they were a month before, else when first noted since."""
    from piste.papers.dossier.notation import value
    from piste.readings.history import trends

    for trend in trends(environment).values():
        if trend.moved:
            before, after = value(trend.before, trend.unit), value(trend.value, trend.unit)
            click.echo(f"{trend.id} : {before} → {after}, depuis le {in_town(trend.since, DAY)}.")
