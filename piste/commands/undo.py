"""The verb `piste undo`: the inverse of a plan or a run, planned like any change."""

from __future__ import annotations

from pathlib import Path

import click

from piste.commands.french import Verb
from piste.commands.options import brief_option, confirm_option
from piste.commands.plan import make_plan
from piste.engine.words import safe


def _complete(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.runs.plans import saved
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.journal import latest

    runs = [str(record["id"]) for record in latest(journal_folder(), last=30) if not record["check"]]
    return [name for name in (*saved.known(), *runs) if name.startswith(begun)]


@click.command(cls=Verb)
@click.argument("run", metavar="PLAN|EXÉCUTION", shell_complete=_complete)
@confirm_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Fichier du plan inverse.")
@brief_option
def undo(run: str, confirm: tuple[str, ...], out: Path | None, brief: bool) -> None:
    """Planifier l'inverse de ce qu'un plan ou une exécution a fait ; l'inverse s'applique ensuite comme tout plan.

    \b
    piste undo 20261124T165500Z-1a2b3c            un plan (piste plan) ou une exécution (piste journal list)
    piste undo 20261124T165500Z-1a2b3c --confirm uplink
    piste apply <le plan affiché>

    Ce qui a été fait vient du journal, vérifié d'abord. Ce qui ne s'inverse pas est dit avant.
    """
    from piste.runs.plans import saved
    from piste.runs.plans.done import what_was_done
    from piste.runs.plans.play import Order
    from piste.runs.plans.undo import inverse

    done = what_was_done(run)
    for remark in done.remarks:
        click.echo(f"À savoir : {safe(remark)}", err=True)
    tasks, lost = inverse(done.operations, done.contents)
    for line in lost:
        click.echo(f"Ne se rend pas tel quel : {safe(line)}", err=True)
    if not tasks:
        click.echo("Rien à rendre.")
        return
    path = saved.folder() / f"{done.name}.undo.json"
    saved.write_json(tasks, path)
    extra = {"piste_undo": str(path), **({"undo_confirm": list(confirm)} if confirm else {})}
    make_plan(Order("playbooks/undo.yml", done.environment, ":".join(sorted(tasks)), extra), out, "text", brief=brief)
