"""The ``piste`` command: comfort over plain Ansible, never a condition of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from piste.bag.commands import bag, export
from piste.bag.commands_vault import vault
from piste.runs import commands
from piste.runs.commands_adopt import adopt
from piste.runs.commands_dossier import dossier
from piste.runs.commands_flows import flows
from piste.runs.commands_journal import journal
from piste.runs.commands_site import site
from piste.runs.commands_sobriety import sobriety
from piste.runs.commands_undo import undo
from piste.runs.doctor_command import doctor
from piste.runs.french import Verbs
from piste.runs.validate import validate
from piste.runs.verify import verify

ROOT = Path(__file__).resolve().parent.parent


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Piste : l'informatique de la Ville du Bourget, déclarée, planifiée, appliquée."""


@main.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> None:
    """Le lab : up, down, reset, info, calls (piste lab --help)."""
    if not (ROOT / "lab").is_dir():
        raise click.ClickException(f"le lab n'est pas là ({ROOT / 'lab'}) : lancez depuis un clone du dépôt")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    os.execv(sys.executable, [sys.executable, "-P", "-m", "lab", *arguments])


VERBS = (
    validate,
    flows,
    commands.plan,
    commands.apply,
    undo,
    commands.drift,
    adopt,
    site,
    verify,
    doctor,
    journal,
    dossier,
    export,
    bag,
    vault,
    sobriety,
)
for verb in VERBS:
    main.add_command(verb)


if __name__ == "__main__":
    main()
