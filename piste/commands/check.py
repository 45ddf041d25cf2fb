"""The verb `piste check`: a saved plan under the rules of review."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.options import forms_option, plan_argument
from piste.commands.output import EXIT, say_json
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.runs.plans.review import Rules, Violation


@click.command(cls=Verb)
@plan_argument
@click.option("--approved-by", "approved", multiple=True, metavar="COMPTE", help="Qui a donné son accord ; se répète.")
@click.option("--author", metavar="COMPTE", default="", help="Qui propose : son accord ne compte pas.")
@click.option("--base", metavar="COMMIT", default="", help="Prendre les règles de ce commit ou de cette branche.")
@click.option("--reviewed", metavar="PLAN", help="Le plan qui a été relu : celui-ci doit faire la même chose.")
@click.option("--merge-request", "request", metavar="NUMÉRO", help="La demande de fusion, avec --seal.")
@click.option("--seal", is_flag=True, help="Inscrire auteur, accords et demande dans le plan, sous son sceau.")
@forms_option("text", "json", "markdown", more=" ; markdown pour une demande de fusion")
def check(
    saved_plan: str,
    approved: tuple[str, ...],
    author: str,
    base: str,
    reviewed: str | None,
    request: str | None,
    seal: bool,
    form: str,
) -> None:
    """Contrôler un plan enregistré par les règles de relecture : rien n'est demandé à un système.

    \b
    piste check 20261124T165500Z-1a2b3c
    piste check plan.json --author paul.lefevre --approved-by amina.diallo
    piste check plan.json --base origin/main       les règles de la branche visée
    piste check plan.json --reviewed relu.json     ce qui a été relu, rien d'autre
    piste check plan.json --author paul.lefevre --approved-by amina.diallo --merge-request 12 --seal

    Les règles : group_vars/all/review.yml (docs/git.md). Avec --seal, un plan qui les respecte garde qui l'a proposé et
    approuvé, et le journal de l'exécution qui l'applique aussi.

    Codes de sortie : 0 le plan les respecte, 4 il en enfreint (chacune est dite, avec quoi faire), 1 erreur.
    """
    from piste.runs.plans import review, saved
    from piste.sites.consequences.ruled import ruled
    from piste.sites.consequences.shown import computed
    from piste.town import declared
    from piste.town.town import refuse

    if approved and not author:
        raise click.UsageError("--approved-by veut --author : l’accord de qui propose ne compte pas.")
    if (seal or request) and not (seal and author):
        raise click.UsageError("--seal veut --author, et --merge-request veut --seal.")
    made = saved.read(saved_plan)
    town = declared.derived(made["environment"])
    refuse(town.errors)
    rules = review.rules(base)
    known = review.Reviewed(
        approved=approved,
        author=author,
        reviewed=saved.read(reviewed) if reviewed else None,
        changed=bool(base) and review.differ(rules, review.rules()),
        effects=ruled(computed(made)[0], town, made["operations"]),
    )
    broken = review.violations(made, rules, known)
    if seal and not broken:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        accord = {"author": author, "by": list(approved), "request": request, "rules": rules.source, "at": at}
        saved.approve(made, saved_plan, accord)
    if form == "json":
        say_json(_answer(made, rules, broken))
    else:
        click.echo("\n".join((_markdown if form == "markdown" else _text)(made, broken)))
    sys.exit(EXIT["refused" if broken else "ok"])


def _answer(made: Mapping[str, Any], rules: Rules, broken: Sequence[Violation]) -> dict[str, Any]:
    return {
        "plan": made["id"],
        "environment": made["environment"],
        "commit": made["commit"],
        "rules": rules.source,
        "accepted": not broken,
        "violations": [asdict(violation) for violation in broken],
    }


def _verdict(broken: Sequence[Violation]) -> str:
    return f"enfreint {agreed(len(broken), 'règle(s)')} de relecture" if broken else "respecte les règles de relecture"


def _text(made: Mapping[str, Any], broken: Sequence[Violation]) -> list[str]:
    # The reasons are what people wrote, with the spaces of French.
    spaces = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
    lines = [safe(f"! {violation.rule} : {violation.sentence()}", spaces) for violation in broken]
    return [*lines, f"Plan {made['id']} : {_verdict(broken)}."]


def _markdown(made: Mapping[str, Any], broken: Sequence[Violation]) -> list[str]:
    from piste.runs.plans.show import code

    title = f"## Contrôle du plan {code(made['id'])} : {_verdict(broken)}"
    return [title, "", *(f"- **{violation.rule}** {code(violation.sentence())}" for violation in broken)]
