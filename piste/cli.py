"""The `piste` command: comfort over plain Ansible, never a condition of it."""

from __future__ import annotations

import os
import sys

import click

from piste.commands.adopt import adopt
from piste.commands.asset import asset
from piste.commands.backups import backups
from piste.commands.bag import bag, export
from piste.commands.certificates import certificates
from piste.commands.check import check
from piste.commands.computers import computers
from piste.commands.configurations import configurations
from piste.commands.doctor import doctor
from piste.commands.dossier import dossier
from piste.commands.find import find
from piste.commands.findings import findings
from piste.commands.flows import flows
from piste.commands.french import Verbs
from piste.commands.glpi import glpi
from piste.commands.init import init
from piste.commands.install import install
from piste.commands.inventory import inventory
from piste.commands.journal import journal
from piste.commands.links import links
from piste.commands.living import living
from piste.commands.logs import logs
from piste.commands.plan import apply, drift, plan
from piste.commands.portal import portal
from piste.commands.printing import printing
from piste.commands.probe import probe
from piste.commands.read import read
from piste.commands.replace import replace
from piste.commands.restore import restore
from piste.commands.runbook import runbook
from piste.commands.schema import schema
from piste.commands.site import site
from piste.commands.sobriety import sobriety
from piste.commands.status import status
from piste.commands.storage import storage
from piste.commands.supervision import supervision
from piste.commands.twin import twin
from piste.commands.undo import undo
from piste.commands.validate import validate
from piste.commands.vault import vault
from piste.commands.verify import verify
from piste.converge.private import close_mask
from piste.repository import ROOT


def _say_version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    from piste.repository import commit

    head, clean = commit()
    state = (
        f"commit {head[:12]}{'' if clean else ', avec des changements non enregistrés'}" if head else "hors d’un dépôt"
    )
    try:
        number = version("piste")
    except PackageNotFoundError:  # A clone beside its packages, as a successor has it.
        number = "sans paquet installé"
    click.echo(f"piste {number}, {state} ({ROOT})")
    ctx.exit()


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_say_version, help="Montrer la version."
)
def main() -> None:
    """Piste : l'informatique d'une ville, déclarée, planifiée, appliquée."""
    close_mask()


@main.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> None:
    """Le lab : up, down, reset, info, calls (piste lab --help)."""
    if not (ROOT / "lab").is_dir():
        raise click.ClickException(f"le lab n’est pas là ({ROOT / 'lab'}) : lancez depuis un clone du dépôt")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    os.execv(sys.executable, [sys.executable, "-P", "-m", "lab", *arguments])


VERBS = (
    validate,
    find,
    inventory,
    status,
    findings,
    read,
    schema,
    flows,
    plan,
    check,
    apply,
    install,
    undo,
    drift,
    adopt,
    site,
    replace,
    asset,
    verify,
    living,
    twin,
    portal,
    probe,
    init,
    doctor,
    journal,
    certificates,
    backups,
    restore,
    links,
    logs,
    dossier,
    export,
    bag,
    vault,
    configurations,
    runbook,
    sobriety,
    storage,
    printing,
    computers,
    glpi,
    supervision,
)
for verb in VERBS:
    main.add_command(verb)


if __name__ == "__main__":
    main()
