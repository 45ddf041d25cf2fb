"""The verb `piste audit`: the first audit, concluded from what was read."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option
from piste.commands.output import EXIT
from piste.commands.signing import refuse_half, sign, signing_options
from piste.engine.converge.errors import Misused
from piste.engine.transport.witness import only_reading
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.sites.audit.form import Audit, Survey

SHOWN = 20
"""Findings on a terminal; the report has the others."""
NAMELESS = "une ville sans nom déclaré"


@click.command(cls=Verb)
@click.option("--to", "out", type=click.Path(file_okay=False, path_type=Path),
              help="Garder l’audit, et l’écrire dans ce dossier : rapport, diapositives, tableau.")  # fmt: skip
@click.option("--read", "anew", is_flag=True, help="Relire d’abord tout ; aucune écriture n’est possible.")
@signing_options
@environment_option
@click.pass_context
def audit(
    ctx: click.Context, out: Path | None, anew: bool, evidence: Path | None, key: Path | None, party: str | None,
    role: str | None, environment: str,
) -> None:  # fmt: skip
    """Conclure l'audit initial : ce qui est inconnu d'abord, puis ce qui est à corriger, le plus grave en tête.

    \b
    piste audit
    piste audit --read --environment production --to audit-initial
    piste audit --receive signe.pdf --party ville --role DSI

    D'après les dernières lectures : rien n'est demandé à aucun système, sauf --read. Ce que nul n'a lu est inconnu.
    L'audit écrit (--to) est gardé, scellé ; signé, il n'est plus refait (docs/audit.md).
    Codes de sortie : 0 tout est conforme, 1 quelque chose est à corriger, 3 quelque chose est inconnu.
    """
    refuse_half(evidence, key, party, role)
    if evidence or key:
        _sign(environment, evidence, key, party, role or "")
        return
    with only_reading():
        if anew:
            from piste.commands.read import read

            with suppress(SystemExit):  # what was not read is unknown, and the audit says it
                ctx.invoke(read, environment=environment, everything=True)
        made = concluded(environment, out)
    unknown = made.hidden or any(subject.unknown or subject.hidden for subject in made.subjects)
    sys.exit(EXIT["error" if made.faults else "unknown" if unknown else "ok"])


def concluded(environment: str, out: Path | None, survey: Survey | None = None, *, quiet: bool = False) -> Audit:
    """Say the audit of now, with the survey given or kept; keep it and write it, if asked."""
    from piste.sites.audit import kept
    from piste.sites.audit.conclude import conclude, every
    from piste.town import declared

    town = declared.derived(environment)
    named = declared.town(environment) if out else None
    survey = survey or kept.survey(environment)
    made = conclude(town, (named and named.name) or NAMELESS, environment, every(town, environment), survey)
    if out:
        made = kept.keep(made)
    if not quiet:
        _say(made)
    if out and named:
        from piste.sites.audit.document import write

        for path in write(made, named, environment, out / "audit"):
            click.echo(str(path), err=quiet)
    return made


def _say(made: Audit) -> None:
    from piste.sites.audit.alike import alike
    from piste.sites.audit.document import UNJUDGED, headline

    click.echo(f"Audit initial : {headline(made).text}")
    for each in made.hidden:
        click.echo(f"  ? {each.system} : rien n’est connu ; cela cache {each.hides}")
    for subject in made.unknown:
        click.echo(f"  ? {subject.label} : {UNJUDGED if subject.read else f'inconnu ; {subject.again}'}")
    if made.survey is None:
        click.echo("  ? ce qui existe sans être déclaré : inconnu ; piste adopt --audit --to DOSSIER")
    every = alike(made.wrong)
    for same in every[:SHOWN]:
        click.echo(f"  ✗ {safe(same.what)}")
    if len(every) > SHOWN:
        click.echo(f"  et {agreed(len(every) - SHOWN, 'autre(s)')}, dans le rapport (--to)")
    if made.survey and made.survey.strangers:
        click.echo(f"  + {agreed(len(made.survey.strangers), 'objet(s)')} qui existent sans être déclarés")


def _sign(environment: str, evidence: Path | None, key: Path | None, party: str | None, role: str) -> None:
    """Receive or make a signature of the last kept audit. Raises `Misused`."""
    from piste.sites.audit import kept

    names = kept.names(environment)
    made = kept.read(environment, names[-1]) if names else None
    if made is None:
        raise Misused("aucun audit n’est gardé", todo="Établissez-le : piste audit --to DOSSIER")
    sign(kept.place(made), made, evidence, key, party, role)
