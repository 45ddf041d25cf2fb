"""The verbs `piste configurations …`: the nightly export of every system, kept in Git."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, say_command, say_json, say_table
from piste.commands.verify import show
from piste.engine.clock import in_town
from piste.engine.converge.errors import Missing, Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.exports.configurations.authors import Authors
    from piste.exports.configurations.changes import Change, Changed
    from piste.exports.configurations.keep import Export
    from piste.town.model import Commune
    from piste.town.model.configurations import TownConfigurations

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(cls=Verbs)
def configurations() -> None:
    """Les configurations de chaque nuit, dans un dépôt Git à elles : celles de tous les systèmes.

    \b
    Exemples :
      piste configurations keep --environment production
      piste configurations changes
      piste configurations changes --since 2026-11-20
      piste configurations extract --to /srv/configurations

    Rien de ces dépôts n'est exécuté, et un secret n'y est qu'une référence (docs/configurations.md).
    """


@configurations.command()
@environment_option
def keep(environment: str) -> None:
    """Exporter tous les systèmes, et garder ce qui a changé : un commit, ou aucun.

    \b
    piste configurations keep
    piste configurations keep --environment production

    Un système qui ne répond pas garde ses derniers fichiers, et le commit le nomme. Les copies partent ensuite.
    Codes de sortie : 0 gardé, 1 erreur, 3 un système ou une copie n'a pas répondu, 4 un fichier écarté (un secret).
    """
    from piste.exports.configurations.copies import send
    from piste.exports.configurations.home import home
    from piste.exports.configurations.keep import counted
    from piste.exports.configurations.keep import keep as keep_night
    from piste.systems.kinds import TITLES

    declared = _declared(environment)
    place = home(environment)
    export = _exported(environment)
    kept = keep_night(place, export)
    click.echo(
        f"{place.folder} : {counted(kept.differences)}, {
            f'commit {kept.commit[:12]}' if kept.commit else 'rien n’a changé, aucun commit'
        }."
    )
    for domain, why in export.answers.failed.items():
        click.echo(f"! {TITLES[domain]} : inconnu, derniers fichiers gardés. {safe(why)}", err=True)
    for name, why in export.left_out.items():
        click.echo(f"! {safe(name)} : écarté, {safe(why)}", err=True)
    failed = send(place, declared["copies"])
    for store, why in failed.items():
        click.echo(f"! {store} : la copie n’y est pas allée. {safe(why)}", err=True)
    _note_copies(environment)
    outcome = "refused" if export.left_out else "unknown" if failed or export.answers.failed else "ok"
    sys.exit(EXIT[outcome])


@configurations.command()
@environment_option
@click.option("--since", type=_DAY, help="Depuis la fin de ce jour ; par défaut, la veille de la dernière nuit.")
@text_or_json
def changes(environment: str, since: datetime | None, form: str) -> None:
    """Dire ce qui a changé, objet par objet, et par qui : une exécution de Piste, ou quelqu'un d'autre.

    \b
    piste configurations changes
    piste configurations changes --since 2026-11-20 --format json

    Rien n'est demandé à aucun système. « hors de Piste » : aucune exécution du journal ne l'explique.
    """
    from piste.exports.configurations.changes import changed
    from piste.exports.configurations.home import home
    from piste.runs.records.chain import journal_folder

    nights = changed(home(environment), environment, journal_folder(), since.date() if since else None)
    if form == "json":
        say_json([_as_data(night) for night in nights])
        return
    for night in nights:
        _say_night(night)
    if not nights:
        click.echo("Rien n’a changé.")


@configurations.command("list")
@environment_option
@text_or_json
def list_nights(environment: str, form: str) -> None:
    """Lister les nuits gardées, la plus récente d'abord, puis la dernière lecture de chaque domaine.

    \b
    piste configurations list
    """
    from piste.exports.configurations.home import home
    from piste.systems.kinds import DOMAINS, TITLES

    place = home(environment)
    nights, note = place.nights(), place.note()
    if form == "json":
        kept = [{"commit": n.commit.id, "read_at": n.commit.read_at, "subject": n.commit.subject} for n in nights]
        say_json({"nights": kept, **note})
        return
    say_table([[night.commit.id[:12], night.repository.year, night.commit.subject] for night in reversed(nights)])
    click.echo(f"{agreed(len(nights), 'nuit(s)')} où quelque chose a changé.")
    for domain in DOMAINS if nights else ():
        read_at = note["read_at"].get(domain)
        read = f"lu le {in_town(read_at)}" if read_at else "jamais lu en entier"
        click.echo(f"  {TITLES[domain]} : {read}{', inconnu depuis' if domain in note['unread'] else ''}")


@configurations.command()
@environment_option
def check(environment: str) -> None:
    """Vérifier les dépôts (chaque objet, chaque année à la suite), leurs copies, leur âge et leur durée.

    \b
    piste configurations check
    piste configurations check --environment production

    Codes de sortie : 0 conforme, 1 non conforme, 3 quelque chose n'a pas répondu.
    """
    from piste.exports.configurations.examination import examine
    from piste.exports.configurations.home import home

    declared = _declared(environment)
    findings = list(examine(home(environment), declared))
    for finding in findings:
        show(finding)
    states = {finding.state for finding in findings}
    sys.exit(EXIT["error" if "wrong" in states else "unknown" if "unknown" in states else "ok"])


@configurations.command()
@environment_option
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="Dossier neuf, à vous seul.")
@click.option("--at", "day", type=_DAY, help="Les configurations à la fin de ce jour ; par défaut, les dernières.")
def extract(environment: str, folder: Path, day: datetime | None) -> None:
    """Écrire les configurations d'une nuit dans un dossier, que les playbooks « replay » redisent.

    \b
    piste configurations extract --to /srv/configurations
    piste configurations extract --to /srv/configurations --at 2026-11-20

    Rien n'est écrit sur aucun système.
    """
    from piste.engine.converge.private import private_folder
    from piste.exports.configurations.changes import at, tree
    from piste.exports.configurations.home import home
    from piste.exports.configurations.repository import written

    if folder.exists():
        raise Misused(f"{folder} existe déjà", todo="Donnez un dossier neuf.")
    night = at(home(environment).nights(), day.date() if day else None)
    if night is None:
        raise Missing("aucune nuit n’est gardée à cette date", todo="piste configurations list les donne.")
    contents = tree(night)
    private_folder(folder.resolve())
    written(folder, {name: contents.content(name) for name in night.files})
    click.echo(
        f"{folder} : {agreed(len(night.files), 'fichier(s)')}, lus le "
        f"{in_town(night.commit.read_at)} (commit {night.commit.id[:12]})."
    )


@configurations.command()
@environment_option
@click.option("--yes", is_flag=True, help="Retirer sans demander.")
def prune(environment: str, yes: bool) -> None:
    """Retirer les années au-delà de la durée déclarée (configurations.keep_years), entières.

    \b
    piste configurations prune

    L'histoire d'une année n'est jamais réécrite. Les copies suivent la durée de leur support.
    Codes de sortie : 0 retiré, ou rien à retirer, 4 refus.
    """
    import shutil

    from piste.commands.output import says_yes
    from piste.exports.configurations.examination import beyond
    from piste.exports.configurations.home import home

    place = home(environment)
    old = beyond(place, _declared(environment)["keep_years"])
    if not old:
        click.echo("Rien à retirer.")
        return
    names = ", ".join(repository.year for repository in old)
    if not yes and not says_yes(f"Retirer {names} de {place.folder}, sans retour ?"):
        sys.exit(EXIT["refused"])
    with place.lock():
        for repository in old:
            shutil.rmtree(repository.folder)
    click.echo(f"{names} : retiré.")


def _declared(environment: str) -> TownConfigurations:
    return _commune(environment)["configurations"]


def _commune(environment: str) -> Commune:
    from piste.town import declared

    town = declared.sound(environment)
    assert town.commune
    return town.commune


def _exported(environment: str) -> Export:
    """Export every system to a folder that goes away, and look for secrets in it."""
    from piste.exports.bag.reading import read_systems
    from piste.exports.bag.scan import Admitted
    from piste.exports.configurations.keep import collected
    from piste.runs.records.chain import stamp

    with tempfile.TemporaryDirectory(prefix="piste-configurations-") as name:
        folder = Path(name)
        read_at = stamp(datetime.now(UTC))
        answers = read_systems(folder, environment, say_command)
        admitted = Admitted(_declared(environment)["admitted"])
        return collected(folder, answers, read_at, _secrets(folder, environment), admitted)


def _secrets(folder: Path, environment: str) -> Mapping[str, str]:
    """Find the files with the value of a secret of the environment; Ansible alone opens them."""
    from piste.engine.finding import Finding
    from piste.exports.bag.scan import CONTAINS
    from piste.runs.plans.play import Order, play

    played = play(Order("playbooks/scan_bag.yml", environment, extra={"folder": str(folder)}), check=True)
    findings = [Finding.from_json(content) for content in played.findings]
    wrong = [finding.what for finding in findings if finding.state != "ok"]
    files = {what.partition(CONTAINS)[0]: f"valeur du secret {what.partition(CONTAINS)[2]}" for what in wrong}
    lost = [what for what in files if not (folder / what).is_file()]
    if played.troubles or lost or not findings:
        why = " ".join([*(trouble.message for trouble in played.troubles), *lost])
        raise Misused("les secrets connus n’ont pas pu être cherchés, rien n’est gardé", why=why)
    return files


def _by(authors: Authors) -> str:
    runs = [f"{run.user or 'compte inconnu'}, {run.id}" for run in authors.runs]
    fields = "" if authors.outside == ("*",) else f" ({', '.join(authors.outside)})"
    return " ; ".join([*runs, *([f"hors de Piste{fields}"] if authors.outside else [])])


def _say_night(night: Changed) -> None:
    from piste.exports.configurations.keep import SIGNS, counted
    from piste.systems.kinds import TITLES

    click.echo(f"{night.night.commit.subject} (depuis le {in_town(night.before.commit.read_at)})")
    domain = ""
    for change in night.changes:
        each = change.difference
        if each.thing.domain != domain:
            domain = each.thing.domain
            own = [other.difference for other in night.changes if other.difference.thing.domain == domain]
            click.echo(f"  {TITLES[domain]} : {counted(own)}")
        fields = f" : {', '.join(each.fields)}" if each.fields else ""
        owner = f" ({each.thing.owner})" if each.thing.owner else ""
        doubt = " ; lecture incomplète : peut-être seulement non lu" if change.doubtful else ""
        line = f"{SIGNS[each.action]} {each.thing.kind} {each.thing.key}{owner}{fields} – {_by(change.authors)}{doubt}"
        click.echo(f"    {safe(line)}")


def _as_data(night: Changed) -> dict[str, object]:
    return {
        "commit": night.night.commit.id,
        "read_at": night.night.commit.read_at,
        "since": night.before.commit.read_at,
        "changes": [_change(change) for change in night.changes],
    }


def _change(change: Change) -> dict[str, object]:
    each = change.difference
    return {
        **each.thing._asdict(),
        "action": each.action,
        "fields": list(each.fields),
        "runs": [run._asdict() for run in change.authors.runs],
        "outside": list(change.authors.outside),
        "doubtful": change.doubtful,
    }


def _note_copies(environment: str) -> None:
    """Keep the readings of the copies, by which protected sets are judged."""
    from piste.exports.configurations.home import home
    from piste.exports.configurations.reader import readings
    from piste.readings.protection import kept

    kept.keep(environment, readings(home(environment), _commune(environment)))
