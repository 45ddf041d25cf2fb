"""The verb `piste computers steps`: each computer from its master to its exit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import SHOWN, say_json, say_table
from piste.engine.clock import DAY, in_town
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.sites.life.steps import Proven, Stepped
    from piste.town.model.derived import Derived

_SIGNS = {"ok": "fait", "wrong": "manque", "unknown": "inconnu"}


@click.command(cls=Verb)
@click.argument("name", metavar="[POSTE]", required=False)
@click.option("--site", metavar="SITE", help="Ce site seulement.")
@click.option("--late", is_flag=True, help="Seulement les postes en retard d’une étape.")
@environment_option
@text_or_json
def steps(name: str | None, site: str | None, environment: str, form: str, *, late: bool) -> None:
    """Dire où en est chaque poste, du master à la sortie : ce qui est fait, ce qui manque, qui agit.

    \b
    piste computers steps --site ecole-jaures
    piste computers steps --late
    piste computers steps pc-jau-001        (chaque étape, et sa preuve)

    Rien n'est interrogé : ce que rien n'a lu est inconnu. Les lectures : piste computers read, piste read edr.
    Un acte s'inscrit par piste asset check.
    """
    from piste.sites.life.steps import steps as listed
    from piste.town import declared

    town = declared.derived(environment)
    if site is not None:
        declared.refuse_stranger(site, town)
    every = listed(town, environment, site)
    if name is not None:
        _say_one(_named(name, every, town), form)
        return
    chosen = [entry for entry in every if entry.late or not late]
    if form == "json":
        say_json([_row(entry) for entry in chosen])
        return
    if chosen:
        heads = ("poste", "site", "statut", "étapes", "manque", "qui", "au plus tard", "inconnu", "lu depuis le")
        say_table([heads, *map(_line, chosen[:SHOWN])])
    if len(chosen) > SHOWN:
        click.echo(f"… et {agreed(len(chosen) - SHOWN, 'autre(s)')} (--site, --late, --format json).")
    behind = sum(bool(entry.late) for entry in every)
    click.echo(f"{agreed(len(every), 'poste(s)')}, {behind} en retard. Le détail : piste computers steps POSTE.")


def _named(name: str, every: Sequence[Stepped], town: Derived) -> Stepped:
    from piste.engine.converge.errors import Missing
    from piste.town.model.assets.classes import STATES
    from piste.town.model.wording import choose

    known = {entry.asset["name"].casefold(): entry for entry in every}
    if entry := known.get(name.casefold()):
        return entry
    for asset in town.assets:
        if asset["kind"] == "computer" and asset["name"].casefold() == name.casefold():
            raise Missing(f"{asset['name']} est « {STATES[asset['state']]} » : aucune étape ne l’attend")
    names = {entry.asset["name"]: entry for entry in every}
    return choose(name, names, "n’est pas un poste de l’inventaire", "Postes connus : piste computers list.")


def _line(entry: Stepped) -> tuple[str, ...]:
    from piste.town.model.assets.classes import STATES

    lacking = [proven for proven in entry.steps if proven.state == "wrong"]
    unknown = sum(proven.state == "unknown" for proven in entry.steps)
    first = lacking[0] if lacking else None
    more = f" et {len(lacking) - 1} de plus" if len(lacking) > 1 else ""
    done = sum(proven.state == "ok" for proven in entry.steps)
    return (
        entry.asset["name"], entry.asset["site"], STATES[entry.asset["state"]], f"{done} sur {len(entry.steps)}",
        f"{first.step['what']}{more}" if first else "rien" if not unknown else "–",
        first.step["who"] if first else "", _limit(first) if first else "", str(unknown or ""),
        in_town(min(read), DAY) if (read := [proven.read_at for proven in entry.steps if proven.read_at]) else "",
    )  # fmt: skip


def _limit(proven: Proven) -> str:
    day = in_town(proven.by, DAY) if proven.by else ""
    return f"en retard {day}".rstrip() if proven.late else day


def _row(entry: Stepped) -> dict[str, Any]:
    asset = entry.asset
    return {
        "name": asset["name"], "site": asset["site"], "state": asset["state"], "late": bool(entry.late),
        "steps": [
            {"step": proven.step["id"], "what": proven.step["what"], "state": proven.state, "said": proven.said,
             "read_at": proven.read_at or None, "who": proven.step["who"], "by": proven.by or None, "late": proven.late}
            for proven in entry.steps
        ],
    }  # fmt: skip


def _say_one(entry: Stepped, form: str) -> None:
    from piste.town.model.assets.classes import STATES

    if form == "json":
        say_json(_row(entry))
        return
    asset = entry.asset
    about = ", ".join(filter(None, (asset["model"], asset["site"], asset["assigned_to"], STATES[asset["state"]])))
    click.echo(f"{asset['name']} : {safe(about)}")
    heads = ("étape", "état", "preuve, ou ce qui manque", "qui", "au plus tard", "lu le")
    say_table([heads, *map(_step, entry.steps)])


def _step(proven: Proven) -> tuple[str, ...]:
    who = "" if proven.state == "ok" else proven.step["who"]
    limit = _limit(proven) if proven.state == "wrong" else ""
    read = in_town(proven.read_at) if proven.read_at else ""
    return proven.step["what"], _SIGNS[proven.state], proven.said, who, limit, read
