"""The verb `piste install`: the policy of the firewall, with all that waits, on its engines."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.options import (
    confirm_option,
    environment_option,
    forgotten_option,
    outside_window_option,
    uncommitted_option,
)
from piste.commands.output import EXIT, leave_on_no, say_command, say_troubles
from piste.commands.plan import refuse_the_moment
from piste.commands.trace import refuse_untraced, without_journal_option
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.runs.plans.play import Played

PLAYBOOK, TAG = "playbooks/domains/firewall.yml", "installation"


@click.command(cls=Verb)
@click.option("--show", is_flag=True, help="Dire ce qui attend, et ne rien installer.")
@environment_option
@confirm_option
@click.option("--yes", is_flag=True, help="Ne pas demander.")
@outside_window_option
@uncommitted_option
@forgotten_option
@without_journal_option
def install(
    show: bool,
    environment: str,
    confirm: tuple[str, ...],
    yes: bool,
    outside_window: str | None,
    uncommitted: str | None,
    forgotten: str | None,
) -> None:
    """Installer la politique de pare-feu : ce qui attend est montré, puis demandé, et suivi jusqu'au bout.

    \b
    piste install --show
    piste install
    piste install --environment production --outside-window "Mme Diallo : panne à la cantine"

    Refusé tant que le SMC tient autre chose que ce qui est déclaré, ou une règle que personne ne déclare.
    Codes de sortie : 0 installé, ou rien n'attend ; 2 quelque chose attend (--show) ; 3 sans réponse, 4 refusé.
    """
    from piste.runs.plans.play import Order
    from piste.runs.plans.progress import applied, watched
    from piste.town import declared

    town = declared.derived(environment).commune
    assert town is not None
    extra = {"firewall_confirm": list(confirm)} if confirm else {}
    order = Order(PLAYBOOK, environment, town["id"], extra, TAG)
    given: dict[str, Any] = {"piste_outside_window": outside_window} if outside_window is not None else {}
    given |= {"piste_uncommitted": uncommitted} if uncommitted is not None else {}
    given |= {"piste_forgotten": forgotten} if forgotten is not None else {}

    def judge(foreseen: Played) -> None:
        _say_foreseen(foreseen)
        if show:
            sys.exit(EXIT["changes"])
        _refuse(foreseen)
        refuse_the_moment(environment, [town["id"]], given)
        engines = agreed(len(foreseen.operations), "moteur(s)")
        leave_on_no(f"\nInstaller sur {engines} ?", "Rien n’a été installé.", yes=yes)

    say_command(order.command(check=False))
    if show:
        judge(watched(order, check=True))
    done = applied(order, judge, **given)
    _leave_on_trouble(done)
    click.echo(f"Installée sur {agreed(len(done.operations), 'moteur(s)')}, les connexions ouvertes gardées.")


def _say_foreseen(foreseen: Played) -> None:
    """Say what waits by engine; leave where nothing waits, or nothing answers."""
    _leave_on_trouble(foreseen)
    if not foreseen.operations:
        click.echo("Rien n’attend : les pare-feu appliquent la politique déclarée.")
        sys.exit()
    for described in foreseen.operations:
        before = (described["content"]["before"] or {}).get("policy")
        runs = "rien n’y tourne" if before is None else f"{_name(before)} y tourne"
        after = (described["content"]["after"] or {}).get("policy")
        click.echo(safe(f"{_name(described['key'])} : {_name(after)} à installer ({runs})"))
    # A warning of a task repeats what it withholds.
    withheld = {line.partition(" : ")[2] for line in foreseen.withheld}
    for line in foreseen.warnings:
        if line not in withheld:
            _say_waiting(line)
    for line in foreseen.withheld:
        click.echo(safe(f"! {line}"))


def _refuse(foreseen: Played) -> None:
    """Refuse to install what would leave no trace, or what waits for a word."""
    from piste.engine.converge.allowed import is_waiting

    refuse_untraced(foreseen)
    if foreseen.refused or any(map(is_waiting, foreseen.operations)):
        click.echo("Rien n’a été installé : levez d’abord ce que disent les lignes « ! ».", err=True)
        sys.exit(EXIT["refused"])


def _say_waiting(line: str) -> None:
    """Write what waits, an object a line, below its engine; another warning as it stands."""
    from piste.systems.forcepoint.installations import WAITS

    head, wait, names = line.partition(f" {WAITS} : ")
    if not wait:
        click.echo(safe(f"! {line}"))
        return
    click.echo(safe(f"  {head.partition(' : ')[2]} {WAITS} :"))
    for name in names.split(", "):
        click.echo(safe(f"    ~ {name}"))


def _name(reference: Any) -> str:
    return str(reference).partition("/")[2] or str(reference)


def _leave_on_trouble(played: Played) -> None:
    if played.troubles:
        say_troubles(played)
        click.echo("Rien n’a été installé, ou pas jusqu’au bout : la politique d’avant s’applique.", err=True)
        sys.exit(EXIT[played.outcome])
