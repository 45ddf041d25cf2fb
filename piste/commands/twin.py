"""The verb `piste twin`: the network of some sites with real packets, on this machine."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb, Verbs
from piste.commands.options import complete_plan, environment_option, text_or_json
from piste.commands.output import EXIT, say_command, say_json, say_troubles
from piste.commands.rehearsal import read_plan, rehearse, say, sites_of
from piste.engine.clock import in_town
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.town.model.derived import Derived
    from piste.trials.twin.place import Place
    from piste.trials.twin.readings import Readings

PLAYBOOK = "playbooks/read_twin.yml"
_NAME = r"[a-z0-9]{1,8}"


@click.group(cls=Verbs)
def twin() -> None:
    """Dresser le jumeau de quelques sites : leur réseau, avec de vrais paquets, sur cette machine."""


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town import declared

    return [name for name in declared.serving(declared.derived("lab")) if name.startswith(begun)]


def _complete_twin(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.trials.twin import machine

    return [identity for identity in machine.ids() if identity.startswith(begun)]


def _complete_standing(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.trials.twin import machine

    sites = {site for identity in machine.ids() for site in machine.state(identity).get("sites", ())}
    return sorted(site for site in sites if site.startswith(begun))


def _complete_place(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.trials.twin import machine

    wanted = ctx.params.get("site")
    places = [place for identity in machine.ids() for place in machine.places(identity) if place.site == wanted]
    return sorted({place.name for place in places if place.name.startswith(begun)})


twin_option = click.option(
    "--twin", "identity", metavar="JUMEAU", shell_complete=_complete_twin, help="Lequel, s’il y en a plusieurs."
)


@twin.command("up", cls=Verb)
@click.argument("sites", metavar="SITE...", nargs=-1, shell_complete=_complete_site)
@environment_option
@click.option("--plan", "planned", metavar="PLAN", shell_complete=complete_plan, help="Répéter un plan enregistré.")
@click.option("--step-by-step", "by_step", is_flag=True, help="Éprouver après chaque opération du plan.")
@click.option(
    "--read",
    "given",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="D’après ce qui a déjà été lu (playbooks/read_twin.yml), sans rien relire.",
)
@click.option(
    "--watched",
    is_flag=True,
    help="Avec le serveur de supervision et ce qu’il surveille, à leurs adresses déclarées (piste lab poll).",
)
@click.option("--name", metavar="NOM", help="Son nom, au lieu d’un nom tiré au hasard : a-z, 0-9, huit signes au plus.")
def up(
    sites: tuple[str, ...],
    environment: str,
    planned: str | None,
    by_step: bool,
    given: Path | None,
    watched: bool,
    name: str | None,
) -> None:
    """Dresser le jumeau de sites, d'après ce que tiennent les systèmes, lus à l'instant sans rien y écrire.

    \b
    piste twin up ecole-jaures
    piste twin up hotel-de-ville police-municipale --name recette
    piste twin up ecole-jaures --environment production
    piste twin up ecole-jaures --read lu
    piste twin up ecole-jaures hotel-de-ville --watched
    piste twin up ecole-jaures --plan 20261124T165500Z-1a2b3c
    piste twin up --plan 20261124T165500Z-1a2b3c --step-by-step

    Commutateurs, VLAN, passerelles, règles, étendues et noms sont ceux qui ont été lus, jamais ceux de la déclaration ;
    « all » est toute la ville. Ce qui n'a pas été lu manque au jumeau, qui le dit. Il lui faut être root, et quelques
    paquets de Debian (docs/jumeau.md).
    Avec --plan, chaque ordinateur essaie avant et après ce qu'il doit joindre, et la différence est dite ; avec
    --step-by-step, aussi après chaque opération, dans l'ordre du plan : une coupure en route est vue. Le plan peut être
    celui d'un retour (piste undo) ou d'une dérive (piste drift --out).
    Codes de sortie : 0 dressé, ou le plan ne change rien, 2 il change quelque chose, 3 dressé sans ce qui n'a pas
    répondu, ou le plan n'est pas éprouvé en entier, 1 erreur, 4 refus.
    """
    from piste.engine.converge.reading import reading
    from piste.trials.twin import machine
    from piste.trials.twin.build import build

    if by_step and not planned:
        raise click.UsageError("--step-by-step va avec --plan.")
    if watched and planned:
        raise click.UsageError("--watched ne va pas avec --plan : rien n’y interroge les équipements.")
    if not (sites or planned):
        raise click.UsageError("il manque SITE... (ou --plan, dont les sites sont pris).")
    made = read_plan(planned, environment) if planned else None
    environment = made["environment"] if made else environment
    identity = _identity(name)
    machine.check()
    town, wanted = _wanted(sites, environment, made)
    readings = _readings(town, wanted, environment, given, identity)
    if made:
        _rehearse(made, readings, town, wanted, identity, by_step=by_step)
        return
    begun = time.monotonic()
    with reading("ce qui a été lu"):
        layout = build(readings, town, wanted, watched=watched)
    machine.up(layout, identity, {"sites": wanted, "environment": environment})
    spent = time.monotonic() - begun
    click.echo(f"Jumeau {identity} dressé en {spent:.1f} s : ".replace(".", ",") + _counted(layout.places))
    if layout.unsaid or layout.taken:
        click.echo(
            f"{agreed(len(layout.unsaid), 'point(s)')} qu’il ne dit pas, {len(layout.taken)} qu’il suppose : "
            f"piste twin status --twin {identity}"
        )
    for line in readings.missing:
        click.echo(f"! {line}", err=True)
    if readings.missing:
        sys.exit(EXIT["unknown"])


def _rehearse(
    made: dict[str, Any], readings: Readings, town: Derived, wanted: list[str], identity: str, *, by_step: bool
) -> None:
    """Rehearse a plan, and leave with what it has shown."""
    rehearsed = rehearse(made, readings, town, wanted, identity, by_step=by_step)
    say(rehearsed, made, town, by_step=by_step)
    click.echo(f"Le jumeau {identity} reste dressé, comme après le plan (piste twin down --twin {identity}).")
    for line in readings.missing:
        click.echo(f"! {line}", err=True)
    if readings.missing or not rehearsed.whole:
        sys.exit(EXIT["unknown"])
    sys.exit(EXIT["changes" if rehearsed.changes or rehearsed.cuts else "ok"])


def _identity(name: str | None) -> str:
    """Give the name asked for, or draw another. Raises where it is taken."""
    import re

    from piste.trials.twin import machine

    if name is None:
        return machine.new_identity()
    if not re.fullmatch(_NAME, name):
        raise click.BadParameter("a-z et 0-9, huit signes au plus", param_hint="--name")
    if name in machine.ids():
        raise click.BadParameter(f"« {name} » est déjà là (piste twin down --twin {name})", param_hint="--name")
    return name


def _wanted(sites: Sequence[str], environment: str, made: dict[str, Any] | None) -> tuple[Derived, list[str]]:
    """Give the town and the sites asked for, else those of the plan. Raises `Missing`."""
    from piste.town import declared
    from piste.town.model.wording import choose

    town = declared.sound(environment)
    serving = declared.serving(town)
    if made and not sites:
        return town, sites_of(made, serving)
    if sites == ("all",):
        return town, list(serving)
    for name in sites:
        choose(name, serving, "n’est pas un site en service")
    return town, list(dict.fromkeys(sites))


def _readings(town: Derived, sites: list[str], environment: str, given: Path | None, identity: str) -> Readings:
    """Read the systems, or the folder of what was read."""
    from piste.runs.plans.play import Order
    from piste.runs.plans.progress import watched
    from piste.trials.twin import machine, readings

    assert town.commune is not None
    core = town.commune["core"]
    whole = list(dict.fromkeys([*sites, *([core["site"]] if core else ())]))
    if given:
        return readings.read(given, whole)
    folder = machine.folder(identity) / "read"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        order = Order(PLAYBOOK, environment, ",".join([town.commune["id"], *whole]), {"folder": str(folder.resolve())})
        say_command(order.command(check=False))
        played = watched(order, check=False)
        say_troubles(played)
        known = readings.read(folder, whole)
    except BaseException:
        machine.down(identity)
        raise
    known.missing += [f"{trouble.host} : {trouble.message.splitlines()[0]}" for trouble in played.troubles]
    return known


def _counted(places: Sequence[Place]) -> str:
    unplugged = sum(not place.plugged for place in places)
    return f"{agreed(len(places), 'ordinateur(s)')}, dont {agreed(unplugged, 'débranché(s)')}."


@twin.command("status", cls=Verb)
@twin_option
@text_or_json
def status(identity: str | None, form: str) -> None:
    """Dire quels jumeaux sont dressés, leurs ordinateurs, ce qu'ils supposent et ce qu'ils ne disent pas.

    \b
    piste twin status
    piste twin status --twin recette --format json

    Codes de sortie : 0 dit, 1 pas de tel jumeau.
    """
    from piste.trials.twin import machine

    wanted = [machine.only(identity)] if identity else machine.ids()
    known = {name: {**machine.state(name), "processes": len(machine.processes(name))} for name in wanted}
    if form == "json":
        say_json({"twins": known})
        return
    if not known:
        click.echo("Aucun jumeau (piste twin up SITE…).")
    for name, state in known.items():
        _print(name, state, machine.places(name))


def _print(name: str, state: dict[str, Any], places: Sequence[Place]) -> None:
    if not state.get("ready"):
        click.echo(f"{name} : inachevé (piste twin down --twin {name})")
        return
    since = in_town(str(state["started"]), "%d/%m à %H:%M")
    processes = agreed(state["processes"], "processus")
    plan = f", comme après le plan {state['plan']}" if "plan" in state else ""
    click.echo(f"{name} : {', '.join(state['sites'])}, {state['environment']}{plan}, depuis le {since}, {processes}")
    width = max((len(f"{place.site} {place.name}") for place in places), default=0)
    for place in places:
        where = place.wired_port or (f"SSID {place.ssid}" if place.ssid else "débranché")
        click.echo(f"  {f'{place.site} {place.name}':<{width}}  {place.segment:<14}  {where}")
    for title, lines in (("Ne dit pas", state["unsaid"]), ("Suppose", state["taken"])):
        if lines:
            click.echo(f"  {title} :")
        for line in lines:
            click.echo(f"    - {line}")


@twin.command("shell", cls=Verb)
@click.argument("site", metavar="SITE", shell_complete=_complete_standing)
@click.argument("name", metavar="ENDROIT", shell_complete=_complete_place)
@click.argument("words", metavar="[MOT]...", nargs=-1, type=click.UNPROCESSED)
@twin_option
def shell(site: str, name: str, words: tuple[str, ...], identity: str | None) -> None:
    """Ouvrir un shell sur un ordinateur du jumeau, ou y exécuter une commande ; il demande d'abord une adresse.

    \b
    piste twin shell ecole-jaures poste
    piste twin shell ecole-jaures VLB-Invites -- ping -c 1 10.93.2.11

    Codes de sortie : celui de la commande ; 1 pas de tel endroit.
    """
    from piste.town.model.wording import choose
    from piste.trials.twin import machine

    twin_id = machine.only(identity)
    known = {place.name: place for place in machine.places(twin_id) if place.site == site}
    place = choose(name, known, f"n’est pas un endroit de {site} dans ce jumeau")
    if not machine.lease(place):
        click.echo("Aucune adresse obtenue : rien ne lui en donne.", err=True)
    command = machine.entering(place, words or (os.environ.get("SHELL", "/bin/bash"),))
    os.execvpe(command[0], command, {**machine.surroundings(place), "PS1": f"{site}/{name} # "})


@twin.command("cut", cls=Verb)
@click.argument("site", metavar="SITE", shell_complete=_complete_standing)
@click.option("--mend", is_flag=True, help="La rétablir.")
@twin_option
def cut(site: str, mend: bool, identity: str | None) -> None:
    """Couper dans un jumeau la liaison d'un site, ou la rétablir.

    \b
    piste twin cut ecole-jaures
    piste twin cut ecole-jaures --mend

    Codes de sortie : 0 fait, 1 pas de tel jumeau, ni de telle liaison, 4 rien ne change.
    """
    from piste.trials.twin import machine

    machine.cut(machine.only(identity), site, mend=mend)
    click.echo(f"La liaison de {site} est {'rétablie' if mend else 'coupée'}.")


@twin.command("down", cls=Verb)
@twin_option
@click.option("--all", "every", is_flag=True, help="Tous ceux de ce dépôt.")
def down(identity: str | None, every: bool) -> None:
    """Retirer un jumeau : ses processus, ses espaces de noms, ses fichiers, même s'il est inachevé.

    \b
    piste twin down
    piste twin down --twin recette

    Codes de sortie : 0 retiré, 1 pas de tel jumeau, 4 il ne s'en va pas.
    """
    from piste.trials.twin import machine

    for name in machine.ids() if every else [machine.only(identity)]:
        machine.down(name)
        click.echo(f"Jumeau {name} retiré.")
