"""The judgment of a verified plan by `piste apply`, and its end: done now, before, since."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from piste.commands.consequences import say_remaining
from piste.commands.output import EXIT, say_troubles
from piste.commands.trace import refuse_untraced
from piste.engine.converge.allowed import is_waiting, named
from piste.engine.words import agreed, safe, some

if TYPE_CHECKING:
    from piste.runs.plans.part import Part
    from piste.runs.plans.play import Played


def accept(made: Mapping[str, Any], now: Played, *, brief: bool) -> Sequence[Mapping[str, Any]]:
    """List the operations that remain of a verified plan; leave where none does.

    Refuses it where anything has changed since, or does not answer. Where the plan was begun, says what the rest does
    to people, unless `brief`.
    """
    from piste.commands.waiting import refuse_lost, say_words
    from piste.engine.converge.allowed import is_left
    from piste.runs.plans import saved
    from piste.runs.plans.accounts import stands_alone
    from piste.runs.plans.part import NoPart

    say_troubles(now)
    refuse_untraced(now)
    if now.outcome == "unknown" and not stands_alone(made):
        click.echo("Rien n’a été écrit. Reprenez le même plan quand le système répond.", err=True)
        sys.exit(EXIT["unknown"])
    if now.troubles and saved.not_left(made) != made["operations"]:
        raise NoPart(
            "cette part ne passe pas sans ce qu’elle laisse, rien n’a été écrit",
            todo="Ajoutez-lui ce qui manque (--only), d’après ce qui est dit plus haut, ou appliquez le plan entier.",
        )
    saved.refuse_moved(made, now)
    refuse_lost(made, now)
    rest = [described for described in now.operations if not is_left(described)]
    if all(map(is_waiting, rest)):
        waits = ", sauf ce qui attend un mot" if rest else ""
        what = "cette part" if len(saved.not_left(made)) < len(made["operations"]) else "ce plan"
        click.echo(f"Tout ce que dit {what} est déjà fait{waits}.")
        say_words(made)
        sys.exit(EXIT["partial" if rest else "ok"])
    if saved.begun(made) and not brief:
        say_remaining(made, now.operations)
    return rest


def begin(made: Mapping[str, Any], rest: Sequence[Mapping[str, Any]], *, check: bool) -> None:
    """Begin the application of what remains of a plan, or leave where `check` asks no more."""
    from piste.runs.plans import saved

    if check:
        click.echo(f"Vérifié : {agreed(len(rest), 'opération(s)')} à faire. Rien n’a été écrit (--check).")
        sys.exit(EXIT["changes"])
    saved.begin(made)
    click.echo("Application…", err=True)


def say_applied(made: Mapping[str, Any], now: Played, done: Played) -> None:
    """Count the operations of a plan.

    `now` is the pass that verified it, `done` the pass that wrote.
    """
    from piste.commands.waiting import say_words
    from piste.runs.plans.saved import not_left, settled, to_do

    sites = sorted({described["owner"] for described in not_left(made)})
    stopped = done.outcome not in ("ok", "changes", "partial")
    if stopped and (left := [site for site in sites if site not in done.hosts]):
        click.echo(f"Pas encore touchés ({len(left)}) : {', '.join(left)}. Corrigez, puis relancez ce plan.", err=True)
    before = settled(made, now.operations)
    meanwhile = [] if done.troubles else settled({"operations": now.operations}, done.operations)
    counts = [f"{agreed(len(done.operations), 'opération(s) appliquée(s)')} sur {len(to_do(made))}"]
    counts += [f"{agreed(len(before), 'déjà faite(s)')} avant"] if before else []
    counts += [agreed(done.calls["reads"], "lecture(s)"), agreed(done.calls["writes"], "écriture(s)")]
    click.echo(f"{', '.join(counts)}.")
    if meanwhile:
        click.echo(f"{agreed(len(meanwhile), 'autre(s)')} : faite(s) entre-temps par {_by_whom(made)}.".replace(
            "faite(s)", "faites" if len(meanwhile) > 1 else "faite"
        ))  # fmt: skip
    if done.outcome == "partial":
        click.echo(f"Partiel : {agreed(len(done.waiting), 'changement(s) retenu(s)')}, le reste est écrit.")
        say_words(made)


def _by_whom(made: Mapping[str, Any]) -> str:
    """Name the other run of the plan that wrote, by the journal."""
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.journal import latest

    records = latest(journal_folder(), made["environment"], last=20)
    wrote = [record for record in records if record["plan"] == made["id"] and not record["check"]]
    other = next((record for record in reversed(wrote) if record["counts"]["writes"]), None)
    if other is None:
        return "quelqu’un d’autre, hors de ce journal"
    who = f"{other['user'] or 'compte inconnu'}, piste journal show {other['id']}"
    return safe(f"une autre application de ce plan ({who})")


def say_part(some_of_it: Part) -> None:
    """Say what a part of a plan was given besides what was asked, and what it leaves."""
    for line in some_of_it.pulled:
        click.echo(safe(f"Ajouté à la part : {line}"))
    for waits, whole in ((False, "que le plan entier fera"), (True, "que le plan entier retient")):
        names = [named(described) for described in some_of_it.left if is_waiting(described) is waits]
        if names:
            click.echo(safe(f"Laissé ({len(names)}), {whole} : {some(names, 8)}."))
