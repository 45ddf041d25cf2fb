"""The verb `piste probe`: what a computer sees at each place of a site, by real packets."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, leave_on_trouble, say_command, say_json, say_troubles
from piste.commands.verify import SAID, counted_verdicts, signed
from piste.engine.converge.errors import Missing, Misused
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.trials.probe.results import Probed, Result
    from piste.trials.probe.trials import Circumstances, Place
    from piste.trials.probe.ways import Ways
    from piste.trials.twin.place import Place as Computer

PLAYBOOK = "playbooks/probe.yml"
_WIDE = 3
"""Results of a kind from which those that conform are a single line."""


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town import declared

    known = declared.serving(declared.derived(ctx.params.get("environment") or "lab"))
    return [name for name in known if name.startswith(begun)]


def _complete_place(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town import declared
    from piste.trials.probe.trials import places
    from piste.trials.probe.ways import Ways

    ways = Ways(declared.derived(ctx.params.get("environment") or "lab"))
    site = ctx.params.get("site")
    listed = places(ways, site) if site in ways.sites else []
    return [place.name for place in listed if place.name.startswith(begun)]


def _complete_twin(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.trials.twin.machine import ids

    return [name for name in ids() if name.startswith(begun)]


@click.command(cls=Verb)
@click.argument("site", metavar="[SITE]", required=False, shell_complete=_complete_site)
@click.argument("names", metavar="[ENDROIT]...", nargs=-1, shell_complete=_complete_place)
@click.option("--twin", metavar="JUMEAU", shell_complete=_complete_twin, help="Depuis les ordinateurs d’un jumeau.")
@click.option("--here", metavar="INTERFACE", help="Depuis cet ordinateur, par cette interface.")
@click.option("--from", "station", metavar="SONDE", help="Depuis une sonde de l’inventaire (groupe sondes).")
@click.option(
    "--standing", is_flag=True, help="Depuis chaque sonde à demeure (piste_probe_stands), sans rien demander."
)
@click.option("--internet", metavar="ADRESSE", help="Adresse de l’Internet à joindre, si ce n’est 1.1.1.1.")
@click.option("--rate", metavar="ADRESSE", help="Mesurer aussi le débit, vers ce serveur iperf3.")
@environment_option
@text_or_json
def probe(
    site: str | None,
    names: tuple[str, ...],
    twin: str | None,
    here: str | None,
    station: str | None,
    standing: bool,
    internet: str | None,
    rate: str | None,
    environment: str,
    form: str,
) -> None:
    """Éprouver un site par de vrais paquets : bail, passerelle, noms, heure, flux déclarés, isolement.

    \b
    piste probe ecole-jaures                       du jumeau où est le site, s’il n’y en a qu’un
    piste probe ecole-jaures --twin jaures
    piste probe ecole-jaures utilisateurs VLB-Agents --here eth0
    piste probe ecole-jaures --from portable-recette --environment production
    piste probe --standing --environment production

    Un endroit est un segment, par un port, ou un SSID ; sans nom, tous ceux du site. Avec --here et --from, chaque port
    à brancher est demandé. Rien n'est écrit sur aucun système ; l'interface est rendue comme elle était. Les résultats
    sont gardés, et piste verify les prend (docs/recette-sur-place.md).
    Codes de sortie : 0 conforme, 1 non conforme, 3 quelque chose n'a pas répondu.
    """
    from piste.town import declared
    from piste.trials.probe.trials import OUTSIDE, Circumstances
    from piste.trials.probe.ways import Ways

    if sum(map(bool, (twin, here, station, standing))) > 1:
        raise click.UsageError(
            "il faut dire d’où, une fois : --twin JUMEAU, --here INTERFACE, --from SONDE ou --standing."
        )
    if standing == bool(site):
        raise click.UsageError("il faut dire SITE, ou --standing seul : une sonde à demeure sait où elle est.")
    ways = Ways(declared.sound(environment))
    given = Circumstances(internet or OUTSIDE, everything_answers=bool(twin), rate=rate or "")
    if site is None:
        probed = _of_standing(given, environment, text=form == "text")
        _leave(probed, "", form)
        return
    wanted = _wanted(ways, site, names)
    if not (twin or here or station):
        twin = _standing(site, environment)
        if form == "text":
            click.echo(f"Du jumeau {twin}, le seul de {site}.\n")
        given = replace(given, everything_answers=True)
    if twin:
        probed = _of_twin(ways, site, wanted, twin, given, environment, named=bool(names), text=form == "text")
    else:
        probed = _by_playbook(ways, wanted, here, station, given, environment, text=form == "text")
    _leave(probed, site, form)


def _leave(probed: Sequence[Probed], site: str, form: str) -> None:
    """Count the verdicts, and leave with the code of the worst; nothing visited is unknown."""
    verdicts = {result.verdict for place in probed for result in place.results}
    outcome = "error" if "wrong" in verdicts else "unknown" if "unknown" in verdicts or not probed else "ok"
    if form == "json":
        listed = [place.model_dump() for place in probed]
        say_json({"outcome": outcome, "places": listed})
    else:
        click.echo(counted_verdicts(result.verdict for place in probed for result in place.results))
        if outcome == "error":
            site = site or "SITE"
            click.echo(f"Ensuite : piste drift {site} (ce qui s’écarte de la déclaration), puis piste verify {site}")
    sys.exit(EXIT[outcome])


def _standing(site: str, environment: str) -> str:
    """Give the only twin of an environment where a site stands. Raises `Missing`."""
    from piste.trials.twin import machine

    known = {name: machine.state(name) for name in machine.ids()}
    there = [name for name, state in known.items() if state.get("ready") and state.get("environment") == environment]
    mine = [name for name in there if site in known[name]["sites"]]
    if len(mine) == 1:
        return mine[0]
    elsewhere = "d’ailleurs : --here INTERFACE ou --from SONDE."
    if mine:
        todo = f"Dites lequel : --twin, au choix {', '.join(mine)} ; {elsewhere}"
        raise Missing(f"plusieurs jumeaux portent {site}", todo=todo)
    others = f" ; {', '.join(there)} en porte d’autres" if there else ""
    raise Missing(
        f"aucun jumeau ne porte {site}{others}",
        todo=f"piste twin up {site} en dresse un, à nommer par --twin JUMEAU s’il y en a plusieurs ; {elsewhere}",
    )


def _wanted(ways: Ways, site: str, names: Sequence[str]) -> list[Place]:
    """List the places to visit. Raises `Missing`, `Misused`."""
    from piste.town.declared import refuse_stranger
    from piste.town.model.wording import choose
    from piste.trials.probe.trials import places

    if site not in ways.sites:
        if site in ways.town.sites:
            raise Misused(f"« {site} » n’est pas en service : rien n’y est à éprouver")
        refuse_stranger(site, ways.town)
    known = places(ways, site)
    by_name = {place.name: place for place in known}
    return [choose(name, by_name, f"n’est ni un segment ni un SSID de {site}") for name in names] or known


def _of_twin(
    ways: Ways,
    site: str,
    wanted: Sequence[Place],
    twin: str,
    given: Circumstances,
    environment: str,
    *,
    named: bool,
    text: bool,
) -> list[Probed]:
    """Visit the computers of a twin, one of each place."""
    from piste.trials.probe.carriers import PATIENCE, ask
    from piste.trials.probe.joins import of_twin
    from piste.trials.probe.visit import judged, kept, prepared
    from piste.trials.twin import machine

    twin = machine.only(twin)
    known = machine.state(twin)
    standing: dict[tuple[str, str | None], Computer] = {}
    for computer in machine.places(twin):
        if computer.site == site:
            standing.setdefault((computer.segment, computer.ssid), computer)
    probed: list[Probed] = []
    for place in wanted:
        stands = standing.get((place.segment, place.ssid))
        if stands is None or not stands.plugged:
            if text and (named or stands is not None):
                why = "aucun port en service ne mène à ce segment" if stands else "aucun ordinateur n’y est"
                click.echo(f"{place.name}@{site} : {why}, dans le jumeau {twin}.\n")
            continue
        way = (known.get("ways") or {}).get(site, {}).get(stands.name, {})
        joins = of_twin(machine.credentials(stands), stands.account or "")
        joined = replace(given, joins=joins, way=way, trusted=machine.authority(twin))
        listed, request = prepared(ways, place, joined, stands.interface, isolate=False)
        said = ask(request, machine.asking(stands, PATIENCE))
        probed.append(judged(ways, place, joined, listed, said))
        if text:
            _print(site, probed[-1])
    # A twin that a plan has changed says nothing of what the systems hold.
    if probed and "plan" not in known:
        kept(ways, site, environment, "twin", probed)
    return probed


def _by_playbook(
    ways: Ways,
    wanted: Sequence[Place],
    here: str | None,
    station: str | None,
    given: Circumstances,
    environment: str,
    *,
    text: bool,
) -> list[Probed]:
    """Visit places by the playbook: from this machine, or from a probe of the inventory."""
    from piste.runs.plans.play import Order, play
    from piste.trials.probe import results

    probed: list[Probed] = []
    for place in wanted:
        if not place.ssid and not _plugged(ways, place):
            continue
        started = datetime.now(UTC).replace(microsecond=0)
        extra = {
            "probe_from": "ici" if here else station,
            "probe_site": place.site,
            "probe_places": [place.name],
            "probe_conclude": False,
            "probe_internet": given.outside,
            "probe_rate": given.rate,
            **({"piste_probe_wired": here, "piste_probe_wifi": here} if here else {}),
        }
        order = Order(PLAYBOOK, environment, "", extra)
        if text:
            say_command(order.command(check=False))
        played = play(order, check=False)
        say_troubles(played)
        fresh = [
            last.place
            for last in results.latest(environment, place.site)
            if last.place.name == place.name and datetime.fromisoformat(last.place.ended) >= started
        ]
        probed += fresh
        if text:
            for visited in fresh:
                _print(place.site, visited)
    return probed


def _of_standing(given: Circumstances, environment: str, *, text: bool) -> list[Probed]:
    """Visit the places of the stations that stay plugged, without asking. Raises `Missing`."""
    from piste.readings.belief import Reading
    from piste.runs.plans.play import Order, play
    from piste.trials.probe import results

    started = datetime.now(UTC).replace(microsecond=0)
    extra = {"probe_conclude": False, "probe_internet": given.outside, "probe_rate": given.rate}
    order = Order(PLAYBOOK, environment, "", extra)
    if text:
        say_command(order.command(check=False))
    played = play(order, check=False)
    fresh = {
        name: last.value.place
        for name, last in results.kept(environment).items()
        if isinstance(last, Reading) and last.read_at >= started
    }
    if text:
        for name, place in fresh.items():
            _print(name.partition("/")[0], place)
    leave_on_trouble(played, "Une sonde à demeure n’a pas tout essayé : ce qu’elle n’a pas vu est inconnu.")
    if not fresh:
        raise Missing("aucune sonde à demeure", where="groupe sondes, piste_probe_stands",
                      todo="déclarez où elle est branchée (docs/services.md)")  # fmt: skip
    return [*fresh.values()]


def _plugged(ways: Ways, place: Place) -> bool:
    """Ask for the cable to be moved; return whether it was."""
    site = ways.sites[place.site]
    vlan = site["segments"][place.segment]["vlan"]
    ports = [
        f"{device['name']}/{port['port']}"
        for device in site["devices"]
        for port in device["ports"]
        if port["enabled"] and port["mode"] == "access" and port["vlan"] == vlan
    ]
    where = f"un port du segment « {place.segment} » (VLAN {vlan}"
    where += f" : {', '.join(ports[:3])}…)" if len(ports) > 3 else f" : {', '.join(ports)})" if ports else ")"
    answer: str = click.prompt(
        f"Branchez la sonde sur {where}, puis Entrée ; « passer » pour laisser cet endroit",
        default="", show_default=False, err=True,
    )  # fmt: skip
    return not answer.strip()


def _print(site: str, place: Probed) -> None:
    """Write the results of a place, causes first; results that conform are folded."""
    medium = "Wi-Fi" if place.ssid else "filaire"
    click.echo(f"{place.name}@{site} ({medium}, {place.segment})")
    for cause in place.causes:
        click.echo(f"✗ cause : {cause}")
    if place.error:
        click.echo(f"! {place.error}")
    for line in _lines(place.results, place.causes):
        click.echo(line)
    click.echo()


def _lines(listed: Sequence[Result], causes: Sequence[str]) -> Iterator[str]:
    """Yield the lines of results; what was not tried is a line a reason, at the end."""
    from piste.trials.probe.results import KINDS

    margin = " " * len(SAID["ok"][0])
    for kind, (title, _, _) in KINDS.items():
        of_kind = [result for result in listed if result.kind == kind and not _left(result)]
        conform = [result for result in of_kind if result.verdict == "conform"]
        if len(conform) >= _WIDE:
            yield f"  {signed('conform')}  {title} : {agreed(len(conform), 'essai(s)')}"
        for result in of_kind:
            if result.verdict == "conform":
                if len(conform) < _WIDE:
                    yield f"  {signed('conform')}  {result.title} : {result.observed}"
                continue
            yield f"  {signed(result.verdict)}  {result.title} : {result.observed}"
            yield f"  {margin}  → attendu : {result.expected}"
            if result.reason and result.reason not in causes:
                yield f"  {margin}    {'cause' if result.verdict == 'wrong' else 'raison'} : {result.reason}"
    left = [result for result in listed if _left(result)]
    for verdict, reason in dict.fromkeys((result.verdict, result.reason) for result in left):
        some = [result.title for result in left if (result.verdict, result.reason) == (verdict, reason)]
        what = some[0] if len(some) == 1 else agreed(len(some), "essai(s)")
        yield f"  {signed(verdict)}  {what}, pas essayé{'s' if len(some) > 1 else ''} : {reason}"


def _left(result: Result) -> bool:
    """Tell whether a trial was not tried."""
    return result.verdict != "conform" and result.observed == "pas essayé"
