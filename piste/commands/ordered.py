"""The order of a plan, in what a person should know of it beside its operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from piste.engine.words import NO_BREAK, agreed, safe, some

if TYPE_CHECKING:
    from piste.runs.plans.play import Order

_OF_FLOWS = ("playbooks/site.yml", "playbooks/domains/firewall.yml")
_NAMED = 3


def say_out_of_service(order: Order) -> None:
    """Say why nothing is to do: the sites of the plan are not open yet, or not any more."""
    from piste.town import declared

    town, named = declared.derived(order.environment), declared.named(order.limit)
    states = {site["lifecycle"] for name, site in town.sites.items() if named & {name, site["category"]}}
    if states and not declared.in_service(town, order.limit):
        state = f"« {order.limit} » n’est pas en service (lifecycle: {', '.join(sorted(states))}) : rien n’y est fait."
        click.echo(state)


def say_carried(order: Order) -> None:
    """Name the flows of the town whose rules belong to sites that its plan does not read."""
    from piste.town import declared

    town = declared.derived(order.environment)
    read = declared.in_service(town, order.limit)
    if order.playbook not in _OF_FLOWS or town.commune is None or town.commune["id"] not in read:
        return
    left = [section for section in town.commune["firewall"]["sections"]
            if section["rules"] and section["owner"] not in read]  # fmt: skip
    flows = dict.fromkeys(rule["flow"] for section in left for rule in section["rules"])
    if flows:
        whole = "piste plan all" + (f" --environment {order.environment}" if order.environment != "lab" else "")
        click.echo(
            f"{agreed(len(flows), 'flux')} de la ville ({some([*flows], _NAMED)}) : leurs règles sont aussi à "
            f"{agreed(len(left), 'site(s)')} que ce plan ne lit pas. Pour les lire : {whole}."
        )


def say_crowds(order: Order) -> None:
    """Say which sites of the plan have the settings of a crowd today, why, and until when."""
    from piste.engine.clock import DAY
    from piste.town import declared
    from piste.town.model.dates import today

    town, day = declared.derived(order.environment), today().isoformat()
    for name in declared.in_service(town, order.limit):
        for crowd in town.sites[name]["crowds"] if name in town.sites else ():
            if crowd["start"] <= day <= crowd["until"]:
                end = f"{date.fromisoformat(crowd['until']):{DAY}}"
                click.echo(f"Affluence à {name} jusqu’au {end} ({crowd['why']}) : profil {crowd['profile']}.")


def say_moment(environment: str, operations: Iterable[Mapping[str, Any]]) -> None:
    """Say which operations may be written now, until when, and when the others may."""
    from piste.engine.converge.errors import PisteError
    from piste.sites import moment

    try:
        lines = [*moment.lines(environment, sorted({described["owner"] for described in operations}))]
    except PisteError as error:
        lines = [f"Gels et fenêtres de changement inconnus : {error.sentence()}"]
    for line in lines:
        click.echo(safe(line, NO_BREAK))


def say_debts(order: Order) -> None:
    """Count the as found values of the sites of the plan: an empty plan is not the rule yet."""
    from piste.sites import adoption

    if count := adoption.debts_of(order.environment, order.limit):
        click.echo(f"{agreed(count, 'valeur(s) gardée(s) comme trouvée(s)')}, à rendre à la règle : docs/adopter.md.")
