"""The verb `piste conformity`: is each clause kept, by which evidence, and who acts."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, forms_option
from piste.commands.output import EXIT, say_csv, say_json, write_paper
from piste.engine.clock import DAY, in_town
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.papers.frameworks.clauses import Framework
    from piste.sites.conformity import Judged


def _complete_framework(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.papers.frameworks.clauses import frameworks

    return [name for name in frameworks() if name.startswith(begun)]


def _complete_clause(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.papers.frameworks.clauses import frameworks

    known = frameworks().get(ctx.params.get("framework") or "")
    return [id_ for id_ in known.clauses if id_.startswith(begun)] if known else []


@click.command(cls=Verb)
@click.argument("framework", metavar="[RÉFÉRENTIEL]", required=False, shell_complete=_complete_framework)
@click.argument("clause", metavar="[CLAUSE]", required=False, shell_complete=_complete_clause)
@click.option("--to", "out", type=click.Path(file_okay=False, path_type=Path),
              help="Écrire le constat dans ce dossier : PDF/A, page, données.")  # fmt: skip
@environment_option
@forms_option("table", "json", "csv")
def conformity(framework: str | None, clause: str | None, out: Path | None, environment: str, form: str) -> None:
    """Dire si chaque clause est tenue : depuis quand, quelle preuve, ce qui manque, qui agit.

    \b
    piste conformity
    piste conformity tender
    piste conformity tender R034
    piste conformity --to constats
    piste conformity --environment production --format csv > conformite.csv

    Les référentiels : tender (le CCTP), hygiene, directory, logs, recyf (volontaire). D'après les dernières lectures,
    vérifications et essais, et les actes de personnes inscrits (group_vars/all/acts.yml) ; aucun système n'est
    interrogé. Une clause dont une preuve manque est inconnue (docs/conformite.md).
    Codes de sortie : 0 tout est tenu, 1 une clause n'est pas tenue, 3 une clause est inconnue.
    """
    from piste.papers.frameworks.clauses import asked_acts, frameworks
    from piste.sites.conformity import COLUMNS, facts, judge, row
    from piste.town import declared
    from piste.town.model.wording import choose

    named = choose(framework, frameworks(), "n’est pas un référentiel") if framework else None
    if named and clause:
        choose(clause, named.clauses, f"n’est pas une clause de {named.name}")
    if clause and out:
        raise Misused("un constat est de référentiels entiers", todo="Ôtez la clause, ou --to.")
    asked = [named] if named else [*frameworks().values()]
    known = facts(declared.derived(environment), environment)
    judged = judge(known, [clause] if clause else None)
    shown = [judged[id_] for framework_ in asked for id_ in framework_.clauses if clause in (None, id_)]
    if form == "json":
        say_json({"environment": environment, "clauses": [_whole(made) for made in shown]})
    elif form == "csv":
        say_csv(COLUMNS, map(row, shown))
    elif clause:
        _say_clause(shown[0])
    else:
        for framework_ in asked:
            _say_framework(framework_, judged, whole=named is not None)
        if stray := sorted(known.acts.keys() - asked_acts()):
            click.echo(f"\nActes que nulle clause ne demande (group_vars/all/acts.yml) : {safe(', '.join(stray))}.")
    if out:
        _write(asked, judged, environment, out, quiet=form != "table")
    verdicts = {made.verdict for made in shown}
    sys.exit(EXIT["error" if "broken" in verdicts else "unknown" if "unknown" in verdicts else "ok"])


def _write(
    asked: Sequence[Framework], judged: Mapping[str, Judged], environment: str, out: Path, *, quiet: bool
) -> None:
    from piste.sites.conformity_paper import KIND, paper
    from piste.town import declared
    from piste.town.model.dates import now

    town = declared.town(environment)
    subject = paper(asked, judged, town.name, now().isoformat(timespec="seconds"))
    write_paper(KIND, subject, KIND.name, town, environment, out, quiet=quiet)


def _whole(made: Judged) -> dict[str, object]:
    from piste.sites.conformity import row

    return {**row(made), "evidence": [piece._asdict() for piece in made.evidence]}


def _say_framework(framework: Framework, judged: Mapping[str, Judged], *, whole: bool) -> None:
    """Write the counts of a framework, and with `whole` its clauses, the worst first."""
    from piste.sites.conformity import WORDS, count

    voluntary = ", volontaire" if framework.voluntary else ""
    click.echo(f"{framework.name} ({framework.title}{voluntary}) : {count(framework, judged).said}.")
    if not whole:
        return
    for verdict in WORDS:
        for each in (judged[id_] for id_ in framework.clauses):
            if each.verdict == verdict and verdict != "kept":
                _say(each)
    kept = [id_ for id_ in framework.clauses if judged[id_].verdict == "kept"]
    if kept:
        click.echo(f"\nTenues : {', '.join(kept)}.")


def _titled(made: Judged) -> str:
    clause = made.clause
    since = f", depuis le {in_town(made.since, DAY)}" if made.since else ""
    return f"{clause.id} ({clause.place}) {clause.says}{since} · {clause.who}"


def _say(made: Judged) -> None:
    from piste.sites.conformity import WORDS

    clause, lacking = made.clause, made.lacking
    colour = {"broken": "red", "unknown": "magenta"}.get(made.verdict)
    click.echo(f"\n{click.style(WORDS[made.verdict], fg=colour)}  {_titled(made)}")
    first = (lacking or made.evidence)[0]
    more = f" (et {agreed(len(lacking) - 1, 'autre(s) preuve(s)')} : piste conformity {clause.framework} {clause.id})"
    click.echo(f"    {safe(first.said, SPACES)}{more if len(lacking) > 1 else ''}")
    if first.todo:
        click.echo(f"    → {safe(first.todo)}")


def _say_clause(made: Judged) -> None:
    from piste.sites.conformity import WORDS

    click.echo(f"{WORDS[made.verdict]}  {_titled(made)}")
    if why := made.clause.answered.get("why"):
        click.echo(f"  par un acte seul : {why}")
    for piece in made.evidence:
        click.echo(f"  {_SIGNS[piece.state]} {safe(piece.said, SPACES)}")
        if piece.todo:
            click.echo(f"    → {safe(piece.todo)}{f' (act: {piece.act})' if piece.act else ''}")


SPACES = "\u00a0\u202f"
_SIGNS = {"ok": "✓", "wrong": "✗", "unknown": "?"}
