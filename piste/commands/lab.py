"""The verb `piste lab`, which is that of `python -m lab`: the product never imports the lab."""

from __future__ import annotations

import os
import sys

import click

from piste.commands.french import Verb
from piste.engine.repository import ROOT


@click.command(
    cls=Verb, add_help_option=False, context_settings={"ignore_unknown_options": True, "help_option_names": []}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> None:
    """Faire vivre le laboratoire : up, down, reset, info, calls (piste lab --help)."""
    if not (ROOT / "lab").is_dir():
        raise click.ClickException(f"le lab n’est pas là ({ROOT / 'lab'}) : lancez depuis un clone du dépôt")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    os.execv(sys.executable, [sys.executable, "-P", "-m", "lab", *arguments])
