"""The verbs `piste capture …`: keep the answers of the systems, masked; verify them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, say_command, say_json
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.exports.capture.verify import Examined

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Captures(Verbs):
    """The verbs, and what they do without a name: to capture."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0].startswith("-") and args[0] not in ("-h", "--help"):
            args = [take.name or "", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Captures)
def capture() -> None:
    """Garder, masqué, ce que les systèmes répondent aux lectures de Piste ; rien n'est écrit sur aucun système.

    \b
    Exemples :
      piste capture --to /srv/captures/premier-jour --environment production
      piste capture --to /srv/captures/pour-la-ville --keep-names --key ancre.pem
      piste capture verify /srv/captures/premier-jour

    « piste capture --to » abrège « piste capture take --to » ; docs/capture.md dit quels systèmes se capturent.
    """


@capture.command()
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Dossier de la capture, neuf.",
)
@click.option("--system", "systems", multiple=True, metavar="SYSTÈME", help="Ce système seul (répétable) : meraki…")
@environment_option
@click.option("--keep-names", is_flag=True, help="Garder personnes et adresses : pour l’usage de la ville seule.")
@click.option("--key", type=_FILE, help="Clé privée (PEM) qui signe la capture, par openssl.")
def take(folder: Path, systems: tuple[str, ...], environment: str, keep_names: bool, key: Path | None) -> None:
    """Faire une capture : chaque lecture de Piste, sa réponse masquée avant d'être écrite.

    \b
    piste capture --to /srv/captures/premier-jour --environment production
    piste capture --to /srv/captures/meraki --system meraki

    Les secrets n'y sont jamais ; personnes et adresses y portent d'autres noms, toujours les mêmes. Interrompue, elle
    se reprend par la même commande.
    Codes de sortie : 0 faite, 1 erreur, 3 une lecture n'a pas répondu, 4 refus.
    """
    from piste.engine.converge.locks import exclusive
    from piste.exports.bag import bagit
    from piste.exports.capture import make
    from piste.exports.capture.kept import never_checked
    from piste.exports.capture.verify import read
    from piste.runs.plans.play import Order, Played
    from piste.runs.plans.progress import watched
    from piste.runs.records.signature import SigningFailed, fingerprint
    from piste.systems.beliefs.kept import versions_of
    from piste.town import declared

    folder = folder.resolve()
    if folder.exists():
        raise Misused(f"{folder} existe déjà", todo="Donnez un dossier neuf : une capture ne se complète pas.")
    try:
        signer = fingerprint(key, private=True) if key else ""
    except SigningFailed as failed:
        raise Misused(f"openssl ne lit pas de clé dans {key}", why=str(failed)) from None
    town = declared.sound(environment)
    draft = make.draft_of(folder)
    if unknown := [name for name in systems if name not in make.SYSTEMS]:
        raise Misused(f"« {unknown[0]} » ne se capture pas", todo=f"Ceux qui se capturent : {', '.join(make.SYSTEMS)}.")
    wanted = [name for name in make.SYSTEMS if name in systems] if systems else make.SYSTEMS

    if unread := never_checked(wanted, versions_of(environment)):
        click.echo(
            f"? Jamais fait dans « {environment} » pour {', '.join(unread)} : piste beliefs --check. Sans lui, « piste "
            "capture verify --keep » ne gardera rien de ce que cette capture en montre : faites-le d’abord.",
            err=True,
        )

    def play(order: Order) -> Played:
        played = watched(order, check=True)
        for trouble in played.troubles:
            said = " ".join(f"{trouble.host} : {trouble.task} : {trouble.message}".split("\n"))
            if make.refuses_a_plan(order, trouble):
                said = f"{said} Ce n’est que le plan, que l’adoption lèvera : la capture lit tout quand même."
            click.echo(f"{'!' if make.refuses_a_plan(order, trouble) else '?'} {safe(said)}", err=True)
        return played

    with exclusive(f"capture {folder}", wait=0):
        about = make.opened(
            draft, environment, keep_names, wanted, make.masks_key(environment), versions_of(environment)
        )
        if about.steps:
            click.echo(f"Reprise de {draft} : {agreed(len(about.steps), 'étape(s)')} déjà faite(s).")
        with make.witnessed(draft / bagit.PAYLOAD, about, town):
            about = make.run(draft / bagit.PAYLOAD, about, play, say_command, town)
        about = make.ended(draft / bagit.PAYLOAD, about, versions_of(environment))
        named = {"Source-Organization": environment, "Bagging-Date": about.ended[:10], "Piste": about.version}
        bagit.seal(draft, named)
        if key:
            bagit.sign(draft, key)
        draft.rename(folder)
    faults = [finding for finding in read(folder)[0] if finding.state != "ok"]
    for finding in faults:
        click.echo(f"? {safe(finding.what)}\n  → {safe(finding.todo)}", err=True)
    counts = ", ".join(f"{system} {count}" for system, count in about.answers.items())
    click.echo(f"{folder} : {agreed(sum(about.answers.values()), 'réponse(s)')} ({counts or 'aucune'}).")
    click.echo(f"Signée par la clé {signer}." if key else "Non signée : rien ne dit de qui elle vient.")
    if keep_names:
        click.echo("Personnes et adresses y sont : cette capture ne sort pas de la ville.")
    click.echo(f"À faire : piste capture verify {folder}")
    wrong = any(finding.state == "wrong" for finding in faults)
    sys.exit(EXIT["error" if wrong else "unknown" if faults else "ok"])


@capture.command()
@click.argument("folder", metavar="DOSSIER", type=click.Path(exists=True, path_type=Path))
@click.option("--public-key", type=_FILE, help="Clé publique (PEM) qui doit avoir signé la capture.")
@click.option("--keep", is_flag=True, help="Garder ce qu’elle dit des croyances, pour l’environnement dont elle vient.")
@text_or_json
def verify(folder: Path, public_key: Path | None, keep: bool, form: str) -> None:
    """Vérifier une capture : son sceau, sa forme, ce que ses réponses ont d'inconnu, les croyances qu'elles jugent.

    \b
    piste capture verify /srv/captures/premier-jour
    piste capture verify essai.json   (d'un serveur Windows, par contrib/windows/essai-serveur.ps1)
    piste capture verify /srv/captures/premier-jour --public-key ancre.pub --keep

    --keep demande une capture saine, signée par la clé que vous donnez ; celle d'un laboratoire ne vaut que pour lui.
    Sans réseau ni système. Codes de sortie : 0 conforme, 1 non, 2 quelque chose d'inconnu de Piste ou une croyance
    réfutée, 3 une lecture n'avait pas répondu.
    """
    from piste.engine.converge.errors import Misused
    from piste.engine.finding import Finding
    from piste.exports.bag import bagit
    from piste.exports.capture.servers import examined
    from piste.exports.capture.verify import examine

    if keep and not (public_key and folder.is_dir()):
        raise Misused(
            "rien n’est gardé de ce que personne n’a signé",
            where=str(folder),
            todo="Donnez la clé publique de la ville (--public-key) et une capture signée par elle (--key). Un essai "
            "de serveur ne se signe pas : notez son issue par « piste beliefs --confirm ».",
        )

    def say(step: str) -> None:
        if form != "json":
            click.echo(f"{safe(step)}…", err=True)

    seen = examine(folder.resolve(), say) if folder.is_dir() else examined(folder)
    if public_key and folder.is_dir():
        signed = bagit.is_signed(folder, public_key)
        what = "signée par cette clé" if signed else "n’est pas signée par cette clé"
        todo = "" if signed else "Redemandez-la, signée."
        seen.findings.append(Finding("capture.signature", "ok" if signed else "wrong", what, todo))
    elif form != "json":
        click.echo("Signature non vérifiée : donnez --public-key pour savoir de qui vient cette capture.")
    _say(seen, form)
    if keep and public_key:
        _keep(folder.resolve(), seen, public_key, form)
    states = {finding.state for finding in seen.findings}
    refuted = any(verdict.state == "refuted" for verdict in seen.verdicts.values())
    outcome = "changes" if seen.odd or refuted else "ok"
    sys.exit(EXIT["error" if "wrong" in states else "unknown" if "unknown" in states else outcome])


def _keep(folder: Path, seen: Examined, public_key: Path, form: str) -> None:
    from piste.exports.capture.kept import keep
    from piste.runs.records.signature import fingerprint

    kept, left = keep(folder, seen, fingerprint(public_key))
    for id_, why in left.items():
        click.echo(safe(f"? {id_} : non gardée, {why}"), err=form == "json")
    environment = seen.about.environment if seen.about else ""
    said = f"{agreed(len(kept), 'croyance(s) gardée(s)')} pour « {environment} » : piste beliefs -e {environment}"
    click.echo(safe(said), err=form == "json")


def _say(seen: Examined, form: str) -> None:
    from piste.commands.doctor import show
    from piste.engine.clock import in_town
    from piste.systems.beliefs.form import beliefs

    if form == "json":
        said = seen.about.model_dump() if seen.about else None
        verdicts = {name: verdict._asdict() for name, verdict in seen.verdicts.items()}
        findings = [finding.to_json() for finding in seen.findings]
        unknown = [each._asdict() for each in seen.odd]
        more = {"odd": unknown, "beliefs": verdicts, "lacking": dict(seen.lacking)}
        say_json({"findings": findings, "about": said, **more})
        return
    for finding in seen.findings:
        show(finding)
    if seen.about:
        about = seen.about
        parts = (in_town(about.begun), *(f"reprise le {in_town(moment)}" for moment in about.resumed))
        click.echo(safe(f"\nCapture de « {about.environment} », du {', '.join(parts)}, Piste {about.version}.", "\n"))
    for odd in seen.odd:
        click.echo(f"? {safe(odd.said)}")
    for name, verdict in sorted(seen.verdicts.items()):
        sign, word = ("✗", "réfutée") if verdict.state == "refuted" else ("✓", "confirmée")
        click.echo(f"{sign} {name}, {word} : {safe(beliefs()[name].belief)} ({safe(verdict.evidence)})")
    for name, why in sorted(seen.lacking.items()):
        click.echo(f"? {name}, inconnue : {safe(why)}")
    click.echo(
        f"{agreed(len(seen.odd), 'chose(s)')} que Piste ne connaît pas, {agreed(len(seen.verdicts), 'croyance(s)')} "
        "que ces réponses confirment ou réfutent."
    )
