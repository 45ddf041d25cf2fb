"""The verb `piste audit`: the report of the first audit, from what was read."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option
from piste.commands.output import EXIT, write_paper
from piste.engine.words import safe


@click.command(cls=Verb)
@click.option("--to", "out", type=click.Path(file_okay=False, path_type=Path),
              help="Écrire le rapport dans ce dossier : PDF/A, page, données, tableau.")  # fmt: skip
@environment_option
def audit(out: Path | None, environment: str) -> None:
    """Conclure l'audit initial : ce qui est inconnu d'abord, puis ce qui est à corriger, le plus grave en tête.

    \b
    piste audit
    piste audit --environment production --to audit-initial

    D'après les dernières lectures : rien n'est demandé à aucun système. Ce que nul n'a lu est inconnu (docs/audit.md).
    Codes de sortie : 0 tout est conforme, 1 quelque chose est à corriger, 3 quelque chose est inconnu.
    """
    from piste.commands.findings import COLUMNS
    from piste.engine import cells
    from piste.engine.finding import worst
    from piste.papers.dossier.life.paper import Paper
    from piste.readings import findings, history
    from piste.readings.table import SUBJECTS
    from piste.sites.audit import KIND, conclude, headline, hidden
    from piste.town import declared
    from piste.town.model.dates import now

    every = history.dated(environment, findings.findings(declared.derived(environment), environment))
    made = conclude([*SUBJECTS.values()], every)
    click.echo(f"Audit initial : {headline(made.audit).text}")
    for subject in hidden(made.audit):
        click.echo(f"  ? {subject.label} : rien n’est connu ; {subject.again}")
    for said in made.audit.wrong:
        click.echo(f"  ✗ {safe(said.what)}")
    if out:
        town = declared.town(environment)
        paper = Paper(made.audit, "audit", town.name, "CCTP 4.1.1", town.name, observed=now().isoformat())
        write_paper(KIND, paper, KIND.name, town, environment, out)
        path = out / "audit" / f"{KIND.name}.csv"
        cells.write(path, COLUMNS, ({name: getattr(seen, name) for name in COLUMNS} for seen in made.findings))
        click.echo(f"{path} : les constats")
    state = worst(seen.state for seen in every) if every else "unknown"
    sys.exit(EXIT[{"ok": "ok", "wrong": "error", "unknown": "unknown"}[state]])
