"""The verb `piste beliefs`: the beliefs about the systems, and what settled them here."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, said, say_json, say_troubles
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe, some

if TYPE_CHECKING:
    from piste.systems.beliefs.kept import State

HARMS = {"data_lost": "donnée perdue", "cut": "coupure", "false_green": "faux conforme", "stop": "arrêt"}
MARKS = {"documented": "documenté", "inferred": "déduit", "memory": "de mémoire"}
CHECKS = {
    "read": "par une lecture", "capture": "par une capture", "pilot": "à la première écriture", "person": "par vous",
}  # fmt: skip
_SIGNS = {"confirmed": ("✓", "green"), "refuted": ("✗", "red"), "unknown": ("?", "magenta")}


def _complete(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.systems.beliefs.form import systems

    return [name for name in systems() if name.startswith(begun)]


def _complete_id(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.systems.beliefs.form import beliefs

    return [id_ for id_ in beliefs() if id_.startswith(begun)]


@click.command(cls=Verb)
@click.argument("system", metavar="[SYSTÈME]", required=False, shell_complete=_complete)
@click.option("--check", is_flag=True, help="Poser d’abord les questions qui les confirment ou les réfutent.")
@click.option("--confirm", "confirmed", metavar="CROYANCE", shell_complete=_complete_id, help="Vous l’avez vue vraie.")
@click.option("--refute", "refuted", metavar="CROYANCE", shell_complete=_complete_id, help="Vous l’avez vue fausse.")
@click.option("--because", metavar="TEXTE", help="Qui l’a vu, et quoi : « Nom : ce que montrait la console ».")
@environment_option
@text_or_json
def beliefs(
    system: str | None,
    check: bool,
    confirmed: str | None,
    refuted: str | None,
    because: str | None,
    environment: str,
    form: str,
) -> None:
    """Dire ce que Piste croit des systèmes sans preuve publique. Et ce qui l'a confirmé ou réfuté ici.

    \b
    piste beliefs
    piste beliefs meraki --check --environment production   (Meraki seul est interrogé)
    piste beliefs --confirm windows.nps_sql_logging --because "A. Martin : aucune journalisation SQL" -e production

    Une écriture qui repose sur une croyance inconnue, dont l'erreur couperait ou perdrait, demande le mot
    unproven:CROYANCE ; une croyance réfutée la refuse (docs/croyances.md). Rien n'est écrit sur aucun système.
    Codes de sortie : 0, 1 si une croyance est réfutée, 3 si une question est restée sans réponse.
    """
    from piste.systems.beliefs import kept
    from piste.systems.beliefs.form import systems

    _refuse_stranger(system, systems())
    answered = True
    if confirmed or refuted:
        _settle(environment, confirmed, refuted, because)
    if check:
        answered = _check(environment, system, form)
    known = {id_: state for id_, state in kept.states(environment).items() if system in (None, id_.partition(".")[0])}
    if form == "json":
        say_json({"environment": environment, "beliefs": [_facts(id_, state) for id_, state in known.items()]})
    else:
        _print(known, whole=system is not None)
    wrong = any(state.state == "refuted" for state in known.values())
    sys.exit(EXIT["error" if wrong else "ok" if answered else "unknown"])


def _refuse_stranger(system: str | None, known: Mapping[str, Any]) -> None:
    from piste.town.model.wording import closest

    if system is not None and system not in known:
        raise Misused(f"« {system} » n’est pas un système", todo=closest(system, known))


def _settle(environment: str, confirmed: str | None, refuted: str | None, because: str | None) -> None:
    """Keep what a person saw. Raises `Misused` where it is not said who saw what."""
    from piste.engine.converge.task_log import DECIDED
    from piste.systems.beliefs.answers import Verdict
    from piste.systems.beliefs.form import beliefs as every
    from piste.systems.beliefs.kept import settle
    from piste.town.model.wording import closest

    if confirmed and refuted:
        raise Misused("une croyance se confirme ou se réfute", todo="Donnez --confirm ou --refute, et non les deux.")
    id_ = confirmed or refuted or ""
    if id_ not in every():
        raise Misused(f"« {id_} » n’est pas une croyance", todo=closest(id_, every()))
    if not because or not DECIDED.fullmatch(because):
        raise Misused("qui l’a vu, et quoi, n’est pas dit", todo='Donnez --because "Nom : ce qui a été vu".')
    settle(environment, {id_: Verdict("confirmed" if confirmed else "refuted", because)}, "person")


def _check(environment: str, system: str | None, form: str) -> bool:
    """Ask every system, or the given, what settles beliefs; tell whether each answered."""
    from piste.commands.doctor import systems as examined
    from piste.readings.table import READERS
    from piste.runs.plans.reading import read
    from piste.systems.beliefs.kept import settle_by_checks
    from piste.town import declared

    town = declared.sound(environment)
    something, played = read(READERS["beliefs"], town, environment, said(form), {"of": system} if system else {})
    say_troubles(played)
    settle_by_checks(environment, examined(environment, tags=system or ""))
    return something and not played.troubles


def _facts(id_: str, state: State) -> dict[str, Any]:
    from piste.systems.beliefs.form import beliefs as every

    belief = every()[id_]
    names = ("belief", "mark", "source", "harm", "relies", "check", "where", "how", "expected", "otherwise", "undo")
    asked = f"unproven:{id_}" if belief.asks and state.state == "unknown" else ""
    settled: Mapping[str, Any] = state.settled or {}
    return {
        "id": id_,
        "state": state.state,
        "at": state.at.isoformat() if state.at else None,
        "by": settled.get("by"),
        "evidence": settled.get("evidence"),
        "version": settled.get("version"),
        "word": asked,
        "writes": belief.writes,
        **{name: getattr(belief, name) for name in names},
    }


def _print(known: Mapping[str, State], *, whole: bool) -> None:
    """Write a line a system, what is refuted, in doubt or silent, what asks; or all of a system."""
    from piste.systems.beliefs.form import beliefs as every
    from piste.systems.beliefs.form import systems
    from piste.systems.beliefs.kept import finding

    for name, system in systems().items():
        mine = {id_: state for id_, state in known.items() if id_.partition(".")[0] == name}
        if not mine:
            continue
        counts = {word: sum(state.state == word for state in mine.values()) for word in _SIGNS}
        click.echo(
            f"{system.name} ({name}) : {agreed(counts['confirmed'], 'confirmée(s)')}, "
            f"{agreed(counts['refuted'], 'réfutée(s)')}, {agreed(counts['unknown'], 'inconnue(s)')}"
        )
        for id_, state in mine.items():
            belief = every()[id_]
            doubted = state.state == "unknown" and state.said
            if not whole and state.state != "refuted" and not doubted:
                continue
            (sign, colour), judged = _SIGNS[state.state], finding(id_, state)
            click.echo(f"  {click.style(sign, fg=colour)} {safe(judged.what)}")
            source = f"{MARKS[belief.mark]} : {safe(belief.source)}"
            click.echo(f"    si c’est faux : {HARMS[belief.harm]} · {source} · {CHECKS[belief.check]}")
            if judged.todo:
                click.echo(f"    → {safe(judged.todo)}")
    if asking := [id_ for id_, state in known.items() if state.state == "unknown" and every()[id_].asks]:
        click.echo(f"\nDemandent unproven:CROYANCE à leur première écriture : {some(asking, len(asking))}.")
