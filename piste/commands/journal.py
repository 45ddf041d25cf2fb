"""The verbs `piste journal …`, which import what they need when they run: help is instant."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from piste.commands.french import Verbs
from piste.engine.repository import ROOT
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from piste.runs.records.journal import Finding

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_INVENTORY = ROOT / "inventories" / "town"
_JSON = click.option("--json", "as_json", is_flag=True, help="Répondre en JSON.")
_PUBLIC_KEY = click.option("--public-key", type=_FILE, help="Clé publique (PEM) qui doit avoir signé les ancres.")


class _Refusal(click.ClickException):
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Erreur : {self.format_message()}", file=file, err=True)


def _month(context: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        return f"{datetime.strptime(value, '%Y-%m'):%Y-%m}"
    except ValueError:
        raise click.BadParameter(f"« {value} » n’est pas un mois de la forme 2026-11.") from None


@click.group(cls=Verbs)
def journal() -> None:
    """Le journal des exécutions : qui a fait quoi, quand, sur quelle déclaration, et avec quel résultat.

    \b
    Exemples :
      piste journal list --environment production
      piste journal show 20261124T165500Z-1a2b3c
      piste journal verify
      piste journal export --month 2026-11 --to exports --key ancre.pem
      piste journal import retour/artifacts/42/journal
    """


@journal.command("list")
@click.option("--environment", help="Seulement cet environnement (lab, production).")
@click.option(
    "-n", "--last", type=click.IntRange(min=0), default=30, show_default=True, help="Les dernières ; 0 : tout."
)
@_JSON
def list_runs(environment: str | None, last: int, as_json: bool) -> None:
    """Lister les exécutions, de la plus ancienne à la plus récente."""
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.journal import in_progress, latest
    from piste.runs.records.readable import line

    root = journal_folder()
    records = latest(root, environment, last)
    if as_json:
        _print_json([{name: value for name, value in record.items() if name != "tasks"} for record in records])
        return
    for record in records:
        click.echo(line(record))
    for header in in_progress(root):
        if environment in (None, header.get("environment")):
            click.echo(f"{header['id']}  en cours, ou interrompue et à clore par la prochaine exécution")
    if not records:
        click.echo(f"Aucune exécution au journal ({root}).", err=True)


def _complete_run(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.journal import latest

    return [str(record["id"]) for record in latest(journal_folder(), last=100) if record["id"].startswith(begun)]


@journal.command()
@click.argument("run", metavar="EXÉCUTION", shell_complete=_complete_run)
@_JSON
def show(run: str, as_json: bool) -> None:
    """Montrer une exécution, par site, module et objet. Le début de son nom suffit."""
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.journal import UnknownRun, find
    from piste.runs.records.readable import text

    try:
        record = find(journal_folder(), run)
    except UnknownRun as unknown:
        raise _Refusal(str(unknown)) from None
    if as_json:
        _print_json(record)
    else:
        click.echo("\n".join(text(record)))


@journal.command()
@click.option(
    "--export", "exports", type=_FOLDER, multiple=True, help="Mois exporté à vérifier aussi (EXPORTS/2026-11)."
)
@_PUBLIC_KEY
@click.option("--alone", is_flag=True, help="Vérifier les exports seuls, là où le journal n’est pas.")
def verify(exports: tuple[Path, ...], public_key: Path | None, alone: bool) -> None:
    """Recalculer toutes les empreintes et tous les maillons ; nommer chaque fichier altéré, manquant ou étranger."""
    from piste.runs.records.archive import verify_exports
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.journal import chains, in_progress
    from piste.runs.records.journal import verify as verify_journal

    if public_key and not exports:
        raise click.UsageError("--public-key vérifie la signature d’un export : ajoutez --export DOSSIER.")
    if alone and not exports:
        raise click.UsageError("--alone vérifie des exports : ajoutez --export DOSSIER.")
    root = journal_folder()
    _refuse([*([] if alone else verify_journal(root)), *verify_exports(exports, root, public_key, alone=alone)])
    names = [] if alone else [chain.name for chain in chains(root)]
    if names:
        click.echo(f"Le journal est intact : {agreed(len(names), 'chaîne(s)')}, {', '.join(names)}.")
    elif not alone:
        click.echo(f"Aucune exécution au journal ({root}).")
    if unsealed := [] if alone else [str(header["id"]) for header in in_progress(root)]:
        click.echo(f"Pas encore scellées, en cours ou interrompues : {', '.join(unsealed)}.")
    for folder in exports:
        beside = ", sans journal à comparer" if alone else ""
        if public_key:
            click.echo(f"L’export {folder} est intact : ancre signée par cette clé{beside}.")
        else:
            click.echo(f"L’export {folder} est cohérent{beside}, mais rien ne prouve qui l’a fait (--public-key).")


@journal.command("import")
@click.argument("folder", metavar="JOURNAL", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--close", is_flag=True, help="Clore, comme interrompues, celles que leur machine ne clora plus.")
def import_(folder: Path, close: bool) -> None:
    """Faire entrer au journal les traces d'une autre machine, telles qu'elle les a scellées.

    Rien n'entre d'un dossier altéré, ni d'une chaîne qui a pris une autre suite que celle du journal (code 1).

    \b
    Exemples :
      piste journal import retour/artifacts/42/journal
      piste journal import --close retour/artifacts/43/journal
    """
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.imported import NotImported, bring
    from piste.runs.records.recorder import node_name

    try:
        arrived = bring(journal_folder(), folder, node_name(), close=close)
    except NotImported as refusal:
        for finding in refusal.findings:
            click.echo(safe(str(finding)), err=True)
        raise _Refusal(f"rien n’entre au journal. Ces exécutions ont eu lieu : gardez {folder}.") from None
    for chain in arrived:
        gained = agreed(len(chain.runs), "exécution(s) reçue(s)") if chain.runs else "rien de nouveau"
        click.echo(f"{chain.chain} : {gained}")
        for run in chain.unsealed:
            click.echo(f"{run} : pas encore scellée là-bas (--close, si sa machine n’est plus)")
    if not arrived:
        click.echo("Aucune exécution à recevoir.", err=True)


@journal.command()
@click.option("--month", required=True, callback=_month, help="Mois à exporter, par exemple 2026-11.")
@click.option("--to", "folder", type=_FOLDER, required=True, help="Dossier des exports ; le mois y a son sous-dossier.")
@click.option("--key", type=_FILE, help="Clé privée (PEM) qui signe l’ancre, par openssl.")
def export(month: str, folder: Path, key: Path | None) -> None:
    """Exporter un mois : JSON par lignes, CSV, et l'ancre qui fixe la tête de toutes les chaînes."""
    from piste.runs.records.archive import export as export_month
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.journal import verify as verify_journal
    from piste.runs.records.signature import SigningFailed

    root = journal_folder()
    try:
        target = export_month(root, month, folder, key)
    except SigningFailed as failed:
        raise _Refusal(f"openssl n’a pas signé l’ancre avec {key} : {failed}") from None
    click.echo(f"{month} est exporté dans {target}" + (", ancre signée." if key else ", ancre non signée (--key)."))
    if month >= f"{datetime.now(UTC):%Y-%m}":
        click.echo("Ce mois n’est pas fini : exportez-le de nouveau ensuite.", err=True)
    faults = verify_journal(root)
    if month < f"{datetime.now(UTC):%Y-%m}":
        _keep_anchor(root, month, signed=key is not None, faults=[fault.file for fault in faults])
    _refuse(faults)


def _keep_anchor(root: Path, month: str, *, signed: bool, faults: Sequence[str]) -> None:
    """Keep what an anchored month proves; where it cannot be kept, the export stands."""
    from piste.readings.belief import FAILED
    from piste.runs.records.journal import chains
    from piste.sites.anchors import note

    try:
        note(chains(root), month, signed=signed, faults=faults)
    except FAILED as error:
        click.echo(f"L’ancre est faite, mais rien n’en est gardé pour piste conformity : {error}", err=True)


@journal.command()
@click.option("--exports", type=_FOLDER, required=True, help="Dossier où les mois ont été exportés.")
@_PUBLIC_KEY
@click.option("--inventory", type=_FOLDER, default=_INVENTORY, help="Déclaration qui fixe la durée de conservation.")
@click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
def prune(exports: Path, public_key: Path | None, inventory: Path, yes: bool) -> None:
    """Retirer les mois plus anciens que la durée de conservation, s'ils sont exportés intacts."""
    from piste.runs.records import archive
    from piste.runs.records import journal as journals
    from piste.runs.records.chain import journal_folder

    root, beyond = journal_folder(), journals.limit(_retention(inventory), journals.today())
    try:
        foreseen = archive.prune(root, beyond, exports, public_key, write=False)
        if not foreseen:
            click.echo(f"Rien à retirer : aucun mois jusqu’à {beyond} au journal.")
            return
        for part in foreseen:
            click.echo(f"{part.chain} : {', '.join(part.months)} ({agreed(part.records, 'exécution(s)')})")
        if not yes:
            click.confirm("Retirer ces mois du journal ?", abort=True)
        archive.prune(root, beyond, exports, public_key)
    except archive.NotPrunable as refusal:
        raise _Refusal(f"rien n’a été retiré : {refusal}") from None
    click.echo("C’est retiré ; la chaîne reste vérifiable depuis le premier mois gardé.")


def _retention(inventory: Path) -> int:
    from piste.town.derived import derivation
    from piste.town.kept import Inputs

    retention = derivation(Inputs(inventory)).retention_months
    if retention is None:
        raise _Refusal(f"la durée de conservation n’est pas lisible : piste validate {inventory}")
    return retention


def _refuse(findings: list[Finding]) -> None:
    if findings:
        for finding in findings:
            click.echo(safe(str(finding)), err=True)
        raise _Refusal(f"le journal n’est pas intact : {agreed(len(findings), 'fichier(s)')} en cause.")


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
