"""The command line of the lab."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import click

from lab import converged, daemon, declared
from lab.instance import TOWN
from lab.seeds import SEEDS
from lab.state import private_folder, read_json, write_json
from piste.commands.french import Verbs
from piste.engine.words import agreed

_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Forme de la réponse."
)
_SEED = click.Choice(list(SEEDS))
_TITLES = {
    "winrm": "Windows (WinRM)",
    "smc": "Pare-feu (SMC)",
    "prism": "Prism Central",
    "zabbix": "Zabbix",
    "glpi": "Inventaire (GLPI)",
    "veeam": "Sauvegardes (Veeam)",
    "microsoft": "Microsoft 365",
}


_PARTS = {
    "simulators": "les simulateurs",
    "capture": "la capture (rien ne répond avant qu’elle soit prise)",
    "zabbix": "Zabbix (la première fois, sa base se crée : quelques minutes sur une machine occupée)",
    "ad": "l’annuaire (la première fois, son domaine se crée)",
    "radius": "RADIUS",
    "nexus": "les Nexus",
    "endpoints": "les certificats servis",
    "supplies": "les onduleurs",
    "backups": "les sauvegardes",
    "shares": "les partages",
    "collector": "le collecteur de journaux",
    "publisher": "la signature du programme des postes",
}
# The parts of `absent` that a package can make possible, and what says whether they still are not.
_OBSTACLES = {
    "zabbix": ("Zabbix", "lab.zabbix.host"),
    "ad": ("l’annuaire", "lab.ad.host"),
    "radius": ("RADIUS", "lab.radius.server"),
    "nut": ("les onduleurs", "lab.supplies"),
    "restic": ("les sauvegardes", "lab.backups"),
    "smb": ("les partages", "lab.shares"),
    "rsyslog": ("le collecteur de journaux", "lab.rsyslog.server"),
}


def _able(described: Mapping[str, Any]) -> list[str]:
    """Name the absent parts that nothing prevents any more: their packages came after the start."""
    absent = [part for part in described.get("absent", {}) if part in _OBSTACLES]
    return [part for part in absent if not import_module(_OBSTACLES[part][1]).obstacle()]


class _Refusal(click.ClickException):
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Erreur : {self.format_message()}", file=file, err=True)


class _Group(Verbs):
    """Shows an error of the lab in a line, without a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (daemon.LabError, declared.Unavailable, ValueError) as fault:
            raise _Refusal(str(fault)) from fault


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Le laboratoire : des systèmes locaux qui se comportent comme les vrais.",
)
def main() -> None:
    pass


@main.command(
    help="Démarrer le laboratoire en arrière-plan ; s’il l’est déjà, y livrer ce que la ville déclare depuis "
    "(matériel, files d’impression, secrets)."
)
@click.option("--seed", type=_SEED, default="empty", help="État de départ d’un laboratoire neuf.")
@click.option(
    "--from",
    "capture",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Faire d’un laboratoire neuf la ville d’une capture (piste capture) ou d’un sac (piste export).",
)
def up(seed: str, capture: Path | None) -> None:
    folder = daemon.lab_folder()
    if capture and (daemon.running(folder) or (folder / "state.json").exists()):
        todo = "Donnez-en un autre : PISTE_LAB_DIR=/chemin/du/dossier."
        raise daemon.LabError(f"{folder} a déjà un laboratoire, qu’une capture remplacerait. {todo}")
    bag = None
    if capture:
        from lab import replayed  # all that makes and reads a bag

        bag = replayed.checked(capture) if replayed.is_bag(capture) else None
    _refresh(folder, required=not (folder / "inventory.json").exists())
    already = daemon.running(folder)
    with replayed.filling(folder) if bag is not None else nullcontext():
        described = daemon.start(
            folder,
            seed,
            lambda part: click.echo(f"  démarre : {_PARTS.get(part, part)}", err=True),
            capture.resolve() if capture and bag is None else None,
        )
        if capture and bag is not None:
            taken = replayed.replay(capture, folder, bag, lambda part: click.echo(f"  rejoue : {part}", err=True))
            _say_taken(taken, bag)
    if bag is not None:
        described = read_json(folder / "info.json")
    if already:
        daemon.ask(folder, "deliver")
    if capture and bag is None:
        _say_taken(daemon.ask(folder, "taken"))
    click.echo("Le laboratoire était déjà démarré." if already else "Le laboratoire est démarré.")
    able = _able(described) if already else []
    absent = {part: why for part, why in described.get("absent", {}).items() if part not in able}
    _print_info(folder, {**described, "absent": absent})
    if able:
        names = ", ".join(_OBSTACLES[part][0] for part in able)
        todo = "Arrêtez d’abord le laboratoire (piste lab down), puis démarrez-le (piste lab up)."
        click.echo(f"Attention : peut démarrer maintenant, et ne l’est pas : {names}. {todo}", err=True)


@main.command(help="Arrêter le laboratoire ; son état est conservé.")
def down() -> None:
    stopped, left = daemon.stop(daemon.lab_folder())
    click.echo("Le laboratoire est arrêté." if stopped else "Le laboratoire n’était pas démarré.")
    if left:
        click.echo(f"Arrêtés aussi, d’un laboratoire interrompu : {', '.join(left)}.")


@main.command(help="Sauvegarder ce que le laboratoire sauvegarde, comme les tâches d’une ville : partages, annuaire.")
def backup() -> None:
    for line in daemon.ask(daemon.lab_folder(), "back_up"):
        click.echo(f"Sauvegardé : {line}")


@main.command(help="Repartir d’un état de départ ; les appels comptés reviennent à zéro.")
@click.option("--seed", type=click.Choice([*SEEDS, TOWN]), default="empty", help="État de départ.")
def reset(seed: str) -> None:
    folder = daemon.lab_folder()
    _refresh(folder, required=True)
    # The records of `piste adopt` and the proofs of `piste verify` belong to the former state.
    for kept in ("as_found", "computers", "eap_tests", "sobriety"):
        shutil.rmtree(folder / kept, ignore_errors=True)
    daemon.ask(folder, "reset", seed=seed)
    if seed == TOWN:
        converged.converge(folder, declared.declared_town())
    click.echo(f"Le laboratoire repart de l’état « {seed} ».")


@main.command(help="Dire où sont les systèmes et comment s’y connecter.")
@_FORMAT
def info(form: str) -> None:
    folder = daemon.lab_folder()
    if not daemon.running(folder):
        raise daemon.LabError("Le laboratoire n’est pas démarré. Démarrez-le avec « piste lab up ».")
    described = read_json(folder / "info.json")
    if form == "json":
        click.echo(json.dumps(described, ensure_ascii=False, indent=2))
    else:
        _print_info(folder, described)


@main.command(help="Compter les appels reçus depuis le dernier état de départ.")
@_FORMAT
def calls(form: str) -> None:
    counted = daemon.ask(daemon.lab_folder(), "calls")
    if form == "json":
        click.echo(json.dumps(counted, indent=2))
        return
    for system, count in counted.items():
        words = {"reads": "lecture(s)", "writes": "écriture(s)", "sessions": "session(s)"}
        click.echo(f"{system} : {', '.join(agreed(count[name], word) for name, word in words.items())}")


@main.command(help="Lire ou déplacer l’horloge du laboratoire.")
@click.option("--advance", type=float, help="Avancer de tant de secondes.")
@click.option("--freeze", is_flag=True, help="Arrêter l’horloge.")
@click.option("--release", is_flag=True, help="Laisser repartir l’horloge.")
def clock(advance: float | None, freeze: bool, release: bool) -> None:
    given: dict[str, Any] = {"freeze": freeze, "release": release}
    if advance is not None:
        given["advance"] = advance
    click.echo(daemon.ask(daemon.lab_folder(), "clock", **given))


@main.command(help="Réécrire les fichiers des postes sur leur partage, comme la veille de ce jour.")
@click.option("--day", metavar="JOUR", help="Un autre jour qu’aujourd’hui, comme 2026-12-31.")
@click.option("--sober", is_flag=True, help="Une flotte sobre, sauf quelques postes.")
def fleet(day: str | None, sober: bool) -> None:
    from lab.fleet import write
    from piste.town.model.dates import today

    town = declared.declared_town()
    measures = town.commune["computer_measures"] if town.commune else None
    place = daemon.lab_folder() / "shares" / "shares" / (measures["share"].rstrip("$").casefold() if measures else "")
    if measures is None or not place.is_dir():
        raise click.ClickException("Le partage des mesures n’est pas là : il se fait au démarrage du laboratoire.")
    at = date.fromisoformat(day) if day else today()
    machines = write(place, town, at, date.min if sober else None)
    click.echo(f"{len(machines)} postes, {sum(machine.role != 'silent' for machine in machines)} fichiers : {place}")


@main.command(
    help="Écrire les tableaux de la sobriété à leur place au laboratoire (postes, pages, électricité, incidents), "
    "comme on les fournirait ce jour."
)
@click.option("--day", metavar="JOUR", help="Un autre jour qu’aujourd’hui, comme 2026-12-31.")
@click.option("--sober", is_flag=True, help="Une ville dont les leviers sont appliqués.")
def tables(day: str | None, sober: bool) -> None:
    from lab.sobriety_samples import write
    from piste.town.model.dates import today

    place = daemon.lab_folder() / "sobriety" / "imports"
    at = date.fromisoformat(day) if day else today()
    write(place, at, at if sober else None)
    click.echo(f"Tableaux du {at:%d/%m/%Y} : {place}")


@main.command(help="Mettre un compte dans un groupe de l’annuaire.")
@click.argument("group", metavar="GROUPE")
@click.argument("account", metavar="COMPTE")
def member(group: str, account: str) -> None:
    daemon.ask(daemon.lab_folder(), "member", group=group, account=account)
    click.echo(f"{account} est membre de {group}.")


@main.command(
    help="Faire interroger par Zabbix un jumeau dressé par « piste twin up --watched », dont les équipements répondent "
    "alors en SNMP, par agent et par NUT. Il faut être root. Codes de sortie : 0 fait, 1 erreur."
)
@click.argument("identity", metavar="JUMEAU", required=False)
@click.option("--alone", is_flag=True, help="Revenir à sa propre boucle.")
def poll(identity: str | None, alone: bool) -> None:
    from piste.engine.converge.errors import PisteError
    from piste.trials.twin import machine

    if alone:
        daemon.ask(daemon.lab_folder(), "poll")
        click.echo("Zabbix n’interroge plus que sa propre boucle.")
        return
    try:
        identity = machine.only(identity)
    except PisteError as fault:
        raise daemon.LabError(str(fault)) from fault
    state = machine.state(identity)
    if not state.get("ready") or not state.get("supervision"):
        todo = "Dressez-le avec « piste twin up --watched »."
        raise daemon.LabError(f"Le jumeau {identity} est sans supervision. {todo}")
    daemon.ask(daemon.lab_folder(), "poll", twin=state)
    click.echo(f"Zabbix interroge le jumeau {identity} depuis {state['supervision']['address']}.")


@main.group(help="Provoquer des pannes.")
def fault() -> None:
    pass


@fault.command("add", help="Armer une panne : KIND, puis des options (status=429 times=5 path=/switch/ports).")
@click.argument("kind")
@click.argument("options", nargs=-1)
def fault_add(kind: str, options: tuple[str, ...]) -> None:
    armed = daemon.ask(daemon.lab_folder(), "fault", kind=kind, **_pairs(options))
    click.echo(json.dumps(armed, ensure_ascii=False))


@fault.command("list", help="Lister les pannes armées.")
def fault_list() -> None:
    for armed in daemon.ask(daemon.lab_folder(), "faults"):
        click.echo(json.dumps(armed, ensure_ascii=False))


@fault.command("clear", help="Désarmer toutes les pannes.")
def fault_clear() -> None:
    daemon.ask(daemon.lab_folder(), "clear")
    click.echo("Plus aucune panne.")


@main.command("set", help="Lire ou changer les comportements du simulateur (claim_limit=null batch_delay=5).")
@click.argument("options", nargs=-1)
def set_behaviour(options: tuple[str, ...]) -> None:
    for name, value in daemon.ask(daemon.lab_folder(), "set", **_pairs(options)).items():
        click.echo(f"{name} = {json.dumps(value, ensure_ascii=False)}")


@main.command(hidden=True)
@click.option("--seed", type=_SEED, default="empty")
@click.option("--from", "capture", type=click.Path(path_type=Path))
def serve(seed: str, capture: Path | None) -> None:
    daemon.serve(daemon.lab_folder(), seed, capture)


def _refresh(folder: Path, required: bool) -> None:
    """Update the lab's copy of the declared hardware and its secrets.

    Without a readable declaration: raises where `required`, else warns.
    """
    try:
        town = declared.declared_town()
    except (declared.Unavailable, ValueError) as fault:
        if required:
            raise
        click.echo(f"Attention : secrets et matériel inchangés. {fault}", err=True)
        return
    private_folder(folder)
    write_json(folder / "inventory.json", list(declared.declared_inventory(town)))
    # People prepare a site before it opens: its hardware is on the shelf, its secrets are in the vault.
    declared.write_secrets(folder, town.secret_paths(planned=True))


def _say_taken(taken: Mapping[str, Any], bag: list[str] | None = None) -> None:
    whence, unit = ("du sac", "objet(s) écrit(s)") if bag is not None else ("de la capture", "réponse(s)")
    counts = ", ".join(f"{system} ({agreed(count, unit)})" for system, count in taken["taken"].items())
    click.echo(f"Pris {whence} : {counts or 'rien'} ; son horloge : {taken['at']}.")
    for line in taken["left"]:
        click.echo(f"! {line}", err=True)


def _pairs(options: tuple[str, ...]) -> dict[str, Any]:
    """Read `name=value` pairs; a value that is not JSON is text."""
    given: dict[str, Any] = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not equals:
            raise click.BadParameter(f"« {option} » n’a pas la forme nom=valeur.")
        try:
            given[name] = json.loads(text)
        except ValueError:
            given[name] = text
    return given


def _print_info(folder: Path, described: dict[str, Any]) -> None:
    meraki = described["meraki"]
    click.echo(f"Dossier          {folder}")
    click.echo(f"Autorité (CA)    {described['ca_file']}")
    click.echo(f"Meraki           {meraki['url']}")
    click.echo(f"  sans TLS       {meraki['http_url']}")
    click.echo(f"  organisation   {meraki['organization_id']}")
    click.echo(f"  clé d’API      dans {folder / 'info.json'}")
    if described.get("unsaved"):
        click.echo(f"Attention : l’état du laboratoire ne s’enregistre plus ({described['unsaved']})", err=True)
    for absent in described.get("absent", {}).values():
        click.echo(f"Attention : {absent}", err=True)
    for name, title in _TITLES.items():
        if name in described:
            click.echo(f"{title:<16} {described[name]['url']}")
    if "nexus" in described:
        nexus = described["nexus"]
        ports = ", ".join(f"{name} 127.0.0.1:{there['port']}" for name, there in nexus["elsewhere"].items())
        click.echo(f"Nexus (SSH)      {ports} ; compte {nexus['username']}")
    if "smb" in described:
        shares = described["smb"]
        ports = ", ".join(f"{name} 127.0.0.1:{there['port']}" for name, there in shares["elsewhere"].items())
        click.echo(f"Partages (SMB)   {ports} ; compte {shares['username']}, lecture seule")
    if "rsyslog" in described:
        ports = ", ".join(f"{name} : {number}" for name, number in described["rsyslog"]["ports"].items())
        click.echo(f"Journaux         {ports} ; dossier {described['rsyslog']['tree']}")
    if "radius" in described:
        radius = described["radius"]
        ports = ", ".join(f"{name} {server['address']}:{server['port']}" for name, server in radius["servers"].items())
        click.echo(f"RADIUS           {ports} ; client à l’adresse {radius['source']}")
    if "ad" in described:
        directory = described["ad"]
        click.echo(f"Annuaire (AD)    {directory['host']} à l’adresse {directory['address']}, LDAPS et SMB")
        click.echo(f"  domaine        {directory['realm'].lower()}")
        click.echo(f"  compte         {directory['bind_dn']}, mot de passe dans {folder / 'info.json'}")
