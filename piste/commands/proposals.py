"""The verb `piste proposals`: what Piste proposes to the DSI for Microsoft 365."""

from __future__ import annotations

from pathlib import Path

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option
from piste.commands.output import write_paper
from piste.engine.converge.errors import Misused


@click.command(cls=Verb)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("dossiers"), show_default=True,
    help="Dossier des propositions.",
)  # fmt: skip
@environment_option
def proposals(out: Path, environment: str) -> None:
    """Écrire ce que Piste propose à la DSI pour Microsoft 365 : chaque règle non tenue, le remède, la licence.

    \b
    piste proposals
    piste proposals --environment production --out /srv/propositions

    D'après la dernière lecture (piste read tenant), sans rien demander ; rien n'est écrit dans le locataire. Ce qui
    n'est pas lu est dit inconnu. La DSI coche sa décision et signe (docs/microsoft-365.md).
    """
    from piste.readings.belief import Reading
    from piste.readings.tenant.document import PROPOSALS, Proposals
    from piste.readings.tenant.kept import SUBJECT, last
    from piste.town import declared

    town = declared.town(environment)
    known = last(declared.derived(environment), environment)
    if not any(isinstance(part, Reading) for part in known.values()):
        raise Misused("rien de Microsoft 365 n’est lu, rien ne se propose", todo=f"Lancez {SUBJECT.again}.")
    subject = Proposals(town.name, known)
    write_paper(PROPOSALS, subject, f"{PROPOSALS.name}-{subject.at[:10]}", town, environment, out)
