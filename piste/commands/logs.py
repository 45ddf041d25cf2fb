"""The verbs `piste logs …`: sources, check, seals, monthly export, deletion, anchor."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, say_json, say_table, says_yes
from piste.commands.verify import show
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.readings.logs.tree import Tree
    from piste.town.model.logs.derived import LogStream, TownLogs

_FOLDER = click.Path(file_okay=False, path_type=Path)
_KEY = click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Clé privée (PEM) qui signe."
)
_TREE = click.option("--tree", type=_FOLDER, help="Dossier des journaux, s’il n’est pas où la déclaration le dit.")
_STORE = click.option("--store", type=_FOLDER, help="Référentiel des exports, s’il n’est pas où la déclaration le dit.")
WORD = "supprimer"


@click.group(cls=Verbs)
def logs() -> None:
    """Les journaux de la ville : d'où ils viennent, s'ils sont là, scellés, exportés, supprimés à temps (F12).

    \b
    Exemples :
      piste logs sources
      piste logs check --environment production
      piste logs seal --environment production
      piste logs export --month 2026-10 --environment production

    Les journaux se lisent sur le collecteur, ou de son dossier monté ici (docs/journaux.md).
    """


@logs.command()
@environment_option
@text_or_json
def sources(environment: str, form: str) -> None:
    """Lister les sources déclarées : rythme, finalité, durée, lecteurs ; sans rien lire.

    \b
    piste logs sources
    piste logs sources --format json
    """
    from piste.town.model.logs.derived import LABELS

    declared = _declared(environment)
    if form == "json":
        say_json(declared)
        return
    head = ("source", "classe", "arrive par", "silence", "durée", "lecteurs", "finalité")
    lines = [head]
    for source, streams in _by_source(declared["streams"]).items():
        first = streams[0]
        port = f" {first['port']}" if first["port"] else ""
        name = f"{source} ({agreed(len(streams), 'site(s)')})" if first["site"] else source
        lines.append((
            name, LABELS[first["log_class"]], f"{first['transport']}{port}", f"{first['silence_hours']} h",
            f"{first['least_days']} à {first['most_days']} j", ", ".join(first["readers"]), first["purpose"],
        ))  # fmt: skip
    say_table(lines)


@logs.command()
@environment_option
@text_or_json
def configuration(environment: str, form: str) -> None:
    """Écrire la configuration de rsyslog pour le collecteur, d'après les sources déclarées.

    \b
    piste logs configuration > 60-piste.conf
    piste logs configuration --format json

    playbooks/collector.yml la pose, avec les comptes, les droits et la validation (rsyslogd -N1).
    """
    from piste.readings.logs.collector import configuration as written
    from piste.readings.logs.collector import described

    declared = _declared(environment)
    if form == "json":
        say_json(described(declared))
    else:
        click.echo(written(declared), nl=False)


@logs.command()
@environment_option
@text_or_json
@_TREE
@_STORE
@click.option("--quick", is_flag=True, help="Croire les sceaux : comparer les longueurs, ne rien relire en entier.")
@click.option("--anchor", "anchors", type=_FOLDER, multiple=True, help="Mois ancré à comparer (ANCRES/2026-10).")
@click.option(
    "--public-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Clé publique (PEM) qui doit avoir signé les ancres.",
)
def check(
    environment: str,
    form: str,
    tree: Path | None,
    store: Path | None,
    quick: bool,
    anchors: tuple[Path, ...],
    public_key: Path | None,
) -> None:
    """Contrôler chaque source : âge, trous, silence, sceaux, durée ; calculer F12.

    \b
    piste logs check
    piste logs check --environment production --quick
    piste logs check --anchor ancres/2026-10 --public-key ancre.pub

    Un octet changé, un jour qui manque, une source qui se tait sont nommés. Ce qui n'est pas lu est inconnu.
    Codes de sortie : 0 conforme, 1 non conforme, 3 quelque chose n'a pas été lu.
    """
    from piste.engine.finding import Finding
    from piste.readings.logs import kept, places
    from piste.readings.logs.anchors import verify_anchor
    from piste.readings.logs.check import check as checked
    from piste.readings.logs.judgment import written

    declared = _declared(environment)
    folder = places.tree_folder(environment, declared, tree)
    now = places.now(environment)
    made, findings = checked(
        environment, declared, folder, places.store_folder(environment, declared, store), now, whole=not quick
    )
    for anchor in anchors:
        faults = list(verify_anchor(environment, anchor, public_key))
        todo = "La chaîne a été réécrite depuis : gardez-la en l’état, et cherchez qui." if faults else ""
        what = " ; ".join(faults) or "la chaîne mène toujours où cette ancre le dit"
        findings.append(Finding(f"logs.anchor.{anchor.name}", "wrong" if faults else "ok", what, todo))
    kept.keep(environment, made)
    states = {finding.state for finding in findings} | {made["figure"]["state"]}
    outcome = "error" if "wrong" in states else "unknown" if "unknown" in states else "ok"
    if form == "json":
        listed = [finding.to_json() for finding in findings]
        say_json({"outcome": outcome, "figure": made["figure"], "findings": listed, "streams": made["streams"]})
    else:
        for finding in findings:
            show(finding)
        click.echo(f"\n{written(made['figure'])}.")
    sys.exit(EXIT[outcome])


@logs.command()
@environment_option
@_TREE
def seal(environment: str, tree: Path | None) -> None:
    """Sceller chaque jour fini : son empreinte entre dans la chaîne, et n'en sort plus.

    \b
    piste logs seal
    piste logs seal --environment production

    Un jour scellé ne se scelle pas deux fois : changé depuis, piste logs check le nomme.
    Codes de sortie : 0 fait, 1 un jour ne se lit pas.
    """
    from piste.readings.logs import places
    from piste.readings.logs.seals import seal_days

    made = seal_days(environment, _read(environment, tree)[2], places.now(environment))
    days = {entry["day"] for entry in made.sealed}
    click.echo(f"{agreed(len(made.sealed), 'fichier(s) scellé(s)')}, {agreed(len(days), 'jour(s)')}.")
    _refuse([f"{name} : {why}" for name, why in made.unread.items()])


def _complete_month(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.readings.logs.exports import expected_months
    from piste.town.model.dates import today

    return [month for month in expected_months(today()) if month.startswith(begun)]


@logs.command()
@click.option("--month", required=True, shell_complete=_complete_month, help="Mois fini à exporter, comme 2026-10.")
@click.option("--to", "store", type=_FOLDER, help="Référentiel ; à défaut, celui de la déclaration.")
@environment_option
@_TREE
def export(month: str, store: Path | None, environment: str, tree: Path | None) -> None:
    """Exporter un mois de journaux de réseau et d'authentification vers le référentiel de la Ville.

    \b
    piste logs export --month 2026-10 --environment production
    piste logs export --month 2026-10 --to /media/referentiel

    JSON par lignes, un fichier par source et par jour, days.csv, SHA256SUMS (sha256sum -c). Un export coupé reprend ;
    un mois déjà là n'est jamais remplacé. Seul ce qui est scellé et inchangé s'exporte.
    """
    from piste.readings.logs import exports, places
    from piste.readings.logs.judgment import MONTHS

    declared, streams, read = _read(environment, tree)
    to = places.store_folder(environment, declared, store)
    now = places.now(environment)
    made = exports.export(environment, streams, read, month, to, now)
    if made.was_there:
        click.echo(f"{month} est déjà exporté, intact : {made.folder} ({agreed(made.files, 'fichier(s)')}).")
    else:
        click.echo(f"{month} est exporté : {made.folder} ({agreed(made.files, 'fichier(s)')}, et {exports.SUMS}).")
    files = exports.owed(environment, streams)
    there = exports.sound_months(to, exports.expected_months(now.date()), files, whole=False) or []
    click.echo(f"{len(there)} mois exportés sur {MONTHS}.")


@logs.command()
@environment_option
@_TREE
@_STORE
@click.option("--to", "folder", type=_FOLDER, required=True, help="Dossier des attestations.")
@_KEY
@click.option("--confirm", metavar=WORD, help=f"Le mot « {WORD} », pour ne pas être questionné.")
@click.option("--unexported", is_flag=True, help="Supprimer aussi ce que le référentiel n’a pas.")
def purge(
    environment: str,
    tree: Path | None,
    store: Path | None,
    folder: Path,
    key: Path | None,
    confirm: str | None,
    unexported: bool,
) -> None:
    """Supprimer ce qui dépasse la durée déclarée, et l'attester : jours, lignes, empreintes de ce qui était scellé.

    \b
    piste logs purge --environment production --to attestations --key ancre.pem

    Rien ne se supprime sans le mot de confirmation, ni ce qui n'a pas été scellé, ni ce qui a changé depuis. La chaîne
    des sceaux reste vérifiable. Codes de sortie : 0 fait ou rien à faire, 4 refusé.
    """
    from piste.readings.logs import deletion, exports, places
    from piste.runs.records.signature import SigningFailed

    declared, streams, read = _read(environment, tree)
    wanted = deletion.going(streams, read, places.now(environment).date())
    if not wanted:
        click.echo("Rien à supprimer : aucun jour ne dépasse la durée déclarée.")
        return
    for entry in wanted:
        first, last = entry.files[0].day, entry.files[-1].day
        click.echo(f"{entry.stream['name']} : {agreed(len(entry.files), 'jour(s)')}, du {first} au {last}")
    if confirm is None and says_yes("Supprimer ces jours, qui dépassent leur durée ?"):
        confirm = WORD
    if confirm != WORD:
        raise Misused("rien n’a été supprimé", todo=f"Confirmez : --confirm {WORD}")
    months = sorted({str(file.day)[:7] for entry in wanted for file in entry.files})
    files = exports.owed(environment, streams)
    # The copy of the store is about to be the only copy: it is read whole.
    exported = exports.sound_months(places.store_folder(environment, declared, store), months, files, whole=True)
    record = deletion.delete(environment, wanted, exported, unexported=unexported)
    if record is None:
        click.echo("Une suppression déjà attestée est finie.")
        return
    try:
        path = deletion.attest(record, folder, key)
    except SigningFailed as failed:
        raise Misused(f"c’est supprimé et scellé, mais openssl n’a pas signé avec {key}", why=str(failed)) from None
    days, lines, size = deletion.counted(record)
    signed = "signée" if key else "non signée (--key)"
    click.echo(f"{agreed(days, 'jour(s) supprimé(s)')}, {lines} lignes, {size} octets. Attestation {signed} : {path}")


@logs.command()
@click.option("--month", required=True, shell_complete=_complete_month, help="Mois à ancrer, comme 2026-10.")
@click.option("--to", "folder", type=_FOLDER, required=True, help="Dossier des ancres ; le mois y a son sous-dossier.")
@_KEY
@environment_option
def anchor(month: str, folder: Path, key: Path | None, environment: str) -> None:
    """Ancrer la chaîne des sceaux à la fin d'un mois : une ancre gardée ailleurs rend toute réécriture visible.

    \b
    piste logs anchor --month 2026-10 --to ancres --key ancre.pem
    piste logs check --anchor ancres/2026-10 --public-key ancre.pub
    """
    from piste.readings.logs import anchors
    from piste.readings.logs.exports import MONTH
    from piste.runs.records.signature import SigningFailed

    if not MONTH.fullmatch(month):
        raise Misused(f"« {month} » n’est pas un mois de la forme 2026-11")
    try:
        target = anchors.anchor(environment, month, folder, key)
    except SigningFailed as failed:
        raise Misused(f"openssl n’a pas signé l’ancre avec {key}", why=str(failed)) from None
    click.echo(f"{month} est ancré dans {target}" + (", signé." if key else ", non signé (--key)."))


def _declared(environment: str) -> TownLogs:
    from piste.readings.logs.places import town_logs
    from piste.town import declared

    return town_logs(declared.sound(environment))


def _read(environment: str, given: Path | None) -> tuple[TownLogs, list[LogStream], Tree]:
    """Read the tree, with the streams that it keeps: declared, and of sites out of service."""
    from piste.readings.logs import places
    from piste.readings.logs.seals import read_seals
    from piste.readings.logs.tree import read_tree

    declared = _declared(environment)
    streams = [*places.kept_in_tree(declared), *places.former(declared, read_seals(environment))]
    folder = places.tree_folder(environment, declared, given)
    return declared, streams, read_tree(folder, [stream["name"] for stream in streams])


def _by_source(streams: Sequence[LogStream]) -> dict[str, list[LogStream]]:
    by_source: dict[str, list[LogStream]] = {}
    for stream in streams:
        by_source.setdefault(stream["source"], []).append(stream)
    return by_source


def _refuse(faults: Sequence[str]) -> None:
    for fault in faults:
        click.echo(safe(fault), err=True)
    if faults:
        sys.exit(1)
