"""The verb `piste asset`: the life of an asset, from its delivery to its exit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.asset_papers import complete_name, complete_site, label, report
from piste.commands.french import Verb, Verbs
from piste.commands.output import leave_on_no

if TYPE_CHECKING:
    from piste.sites.life.changes import Made
    from piste.town.model import Town


@click.group(cls=Verbs)
def asset() -> None:
    """La vie d'un équipement : réception, étiquette, affectation, effacement, sortie, et leurs documents."""


def _complete_class(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town.model.assets.classes import CLASSES

    return [name for name, entry in CLASSES.items() if entry.table == "lines" and name.startswith(begun)]


def _changing[F: Callable[..., Any]](command: F) -> F:
    """Add the options of every change."""
    for option in (
        click.option("--yes", is_flag=True, help="Ne pas demander."),
        click.option("--dry-run", is_flag=True, help="Montrer les lignes sans les écrire."),
        click.option("--date", metavar="JOUR", help="Jour de l’acte (AAAA-MM-JJ), si ce n’est pas aujourd’hui."),
        click.option("--role", required=True, metavar="RÔLE", help="Qui le fait, par son rôle ; jamais une personne."),
    ):
        command = option(command)
    return command


names_argument = click.argument("names", metavar="NOM...", nargs=-1, required=True, shell_complete=complete_name)
_site = click.option("--site", metavar="SITE", shell_complete=complete_site, help="Le site.")
_place = click.option("--place", metavar="LIEU", help="La salle ou la baie.")
_port = click.option("--port", metavar="PORT", help="Le port où il est branché, comme sw-jau-02/8.")
_labelled = click.option("--labelled", is_flag=True, help="Son étiquette est posée.")
_reference = click.option("--reference", metavar="TEXTE", help="La demande ou la décision.")


@asset.command("receive", cls=Verb)
@click.argument("serials", metavar="SÉRIE...", nargs=-1)
@click.option("--order", required=True, metavar="TEXTE", help="Commande, ou bon de livraison.")
@click.option("--class", "kind", required=True, metavar="CLASSE", shell_complete=_complete_class, help="computer…")
@click.option("--list", "listed", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Liste : une série par ligne, ou CSV avec en-tête.")  # fmt: skip
@click.option("--variant", metavar="VARIANTE", help="desktop, laptop, thin_client…")
@click.option("--maker", metavar="TEXTE", help="Le fabricant.")
@click.option("--model", metavar="TEXTE", help="Le modèle.")
@click.option("--contract", metavar="TEXTE", help="Le marché, par son identifiant (contracts).")
@click.option("--warranty", "warranty_until", metavar="JOUR", help="Fin de garantie.")
@click.option("--end-of-life", metavar="JOUR", help="Fin de vie prévue.")
@click.option("--prefix", default="", metavar="TEXTE", help="Début du nom des nouveaux, numérotés : pc-jau-.")
@_site
@_changing
def receive(
    serials: tuple[str, ...],
    order: str,
    kind: str,
    listed: Path | None,
    prefix: str,
    role: str,
    date: str | None,
    dry_run: bool,
    yes: bool,
    **shared: str | None,
) -> None:
    """Recevoir une livraison : ceux qu'on attendait prennent leur numéro de série, les autres entrent au stock.

    \b
    piste asset receive --order BC-2026-014 --class computer --variant desktop --site ccas --prefix pc-ccas- \\
        --contract materiel --role magasinier 5CD1234ABC 5CD1234ABD
    piste asset receive --order BC-2026-014 --class computer --list livraison.csv --role magasinier

    La même commande refaite ne change rien, et finit une écriture interrompue.
    Codes de sortie : 0 écrit, ou déjà là, 1 erreur, 4 refusé.
    """
    from piste.engine.repository import ROOT
    from piste.sites.life.receiving import Delivery, make, read_list

    items: list[dict[str, str]] = [{"serial": serial} for serial in serials] + (read_list(listed) if listed else [])
    if not items:
        raise click.UsageError("il faut des numéros de série, ou une liste (--list)")
    given = {column: value for column, value in shared.items() if value}
    delivery = Delivery(order, kind, items, role, _day(date), given, prefix)
    made = make(delivery, _town(), ROOT)
    _write(made, dry_run=dry_run, yes=yes)
    _say_next(made, f"piste asset label {' '.join(_names(made)[:3])}…", f'piste asset report delivery "{order}"')


@asset.command("assign", cls=Verb)
@names_argument
@click.option("--to", "assigned_to", required=True, metavar="SERVICE", help="Le service ou le rôle.")
@_site
@_place
@_port
@_labelled
@_changing
def assign(names: tuple[str, ...], assigned_to: str, site: str | None, place: str | None, **rest: Any) -> None:
    """Affecter à un service : l'équipement entre en service, à un lieu.

    \b
    piste asset assign pc-ccas-009 --to CCAS --place "Accueil" --port sw-ccas-01/3 --labelled --role technicien

    Ce qui a servi à un autre service, et garde des données, est d'abord effacé (piste asset erase).
    Codes de sortie : 0 écrit, ou déjà là, 1 erreur, 4 refusé.
    """
    _change("assign", names, {"assigned_to": assigned_to, **_given(site=site, place=place)}, **rest)


@asset.command("move", cls=Verb)
@names_argument
@_site
@_place
@_port
@_labelled
@_changing
def move(names: tuple[str, ...], site: str | None, place: str | None, **rest: Any) -> None:
    """Déplacer vers un site ou un lieu ; le service reste le même.

    \b
    piste asset move pc-ccas-009 --place "Bureau 12" --port sw-ccas-01/5 --role technicien
    piste asset move tbi-jau-03 --site ecole-mermoz --place "Salle 2" --role technicien

    Un commutateur, une borne, une machine virtuelle viennent d'ailleurs : la réponse dit de quel fichier.
    Codes de sortie : 0 écrit, ou déjà là, 1 erreur, 4 refusé.
    """
    cells = _given(site=site, place=place)
    if not cells:
        raise click.UsageError("il faut un site (--site) ou un lieu (--place)")
    # A place is that of a site: at another site it is not known yet.
    _change("move", names, cells if place or not site else {**cells, "place": None}, **rest)


@asset.command("reuse", cls=Verb)
@names_argument
@_reference
@_changing
def reuse(names: tuple[str, ...], **rest: Any) -> None:
    """Rendre au réemploi interne : plus de service, en attente d'un autre.

    \b
    piste asset reuse pc-hdv-012 --role technicien

    Avant un autre service, ce qui garde des données est effacé (piste asset erase).
    Codes de sortie : 0 écrit, ou déjà là, 1 erreur, 4 refusé.
    """
    _change("reuse", names, {"assigned_to": None, "place": None}, **rest)


@asset.command("erase", cls=Verb)
@names_argument
@click.option("--method", required=True, metavar="TEXTE", help="La méthode, et l’outil.")
@click.option("--evidence", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Le rapport de l’outil : son empreinte est inscrite, il reste où il est.")  # fmt: skip
@_reference
@_changing
def erase(names: tuple[str, ...], method: str, evidence: Path, **rest: Any) -> None:
    """Inscrire un effacement sécurisé, et la preuve qu'il a eu lieu ; son certificat s'établit ensuite.

    \b
    piste asset erase pc-hdv-012 --method "NIST SP 800-88 purge, outil X 7.2" --evidence rapport.pdf --role technicien
    piste asset report erasure pc-hdv-012

    Codes de sortie : 0 écrit, ou déjà là, 1 erreur, 4 refusé.
    """
    from piste.sites.life.changes import digest_of

    proof = {"method": method, "evidence": evidence.name, "sha256": digest_of(evidence)}
    made = _change("erase", names, {}, proof, **rest)
    _say_next(made, *(f"piste asset report erasure {name}" for name in _names(made)))


@asset.command("exit", cls=Verb)
@names_argument
@_reference
@_changing
def exit_(names: tuple[str, ...], **rest: Any) -> None:
    """Sortir de l'inventaire : la ligne reste, « sorti », et son histoire aussi.

    \b
    piste asset exit pc-hdv-012 --reference "PV de don 2026-31" --role "gestionnaire du parc"

    Refusé à ce qui garde des données et n'a pas son certificat d'effacement.
    Codes de sortie : 0 écrit, ou déjà là, 1 erreur, 4 refusé.
    """
    _change("exit", names, {"assigned_to": None, "place": None}, **rest)


@asset.command("off", cls=Verb)
@names_argument
@click.option("--reference", required=True, metavar="TEXTE", help="La décision de la DSI.")
@_changing
def off(names: tuple[str, ...], **rest: Any) -> None:
    """Inscrire la décision d'éteindre un serveur ou un équipement pivot : il entre à la liste des moins-values.

    \b
    piste asset off hdv-ag1 --reference "Décision DSI 2026-07" --role "responsable d'exploitation"
    piste asset report off

    Rien n'est éteint ici : la machine s'arrête par sa déclaration (hosting_machines, power).
    Codes de sortie : 0 écrit, ou déjà là, 1 erreur, 4 refusé.
    """
    _change("switch_off", names, {}, **rest)


@asset.command("check", cls=Verb)
@names_argument
@click.option("--step", required=True, metavar="ÉTAPE", help="L’étape (computer_steps), ou le contrôle (rack_checks).")
@click.option("--reference", required=True, metavar="TEXTE", help="Ce qui le prouve : version, fiche, ticket.")
@_changing
def check(names: tuple[str, ...], step: str, **rest: Any) -> None:
    """Inscrire une étape d'un poste que seul un acte prouve, ou un contrôle d'une baie (rack_checks).

    \b
    piste asset check pc-ccas-009 --step master --reference "master 2026-11" --role technicien
    piste asset check baie-ccas-1 --step locked --reference "fiche 12" --role technicien

    Un effacement remet à faire les étapes d'avant lui.
    Codes de sortie : 0 écrit, ou déjà là, 1 erreur, 4 refusé.
    """
    _change("check", names, {}, {"method": step}, **rest)


asset.add_command(label)
asset.add_command(report)


def _given(**cells: str | None) -> dict[str, str | None]:
    return {column: value for column, value in cells.items() if value is not None}


def _change(
    action: Any,
    names: tuple[str, ...],
    cells: dict[str, str | None],
    proof: Mapping[str, str | None] | None = None,
    *,
    role: str,
    date: str | None,
    dry_run: bool,
    yes: bool,
    labelled: bool = False,
    **more: str | None,
) -> Made:
    """Make a change, show it, ask, write it."""
    from piste.engine.repository import ROOT
    from piste.sites.life.changes import Wanted, make

    known = {**(proof or {}), **more, "labelled": "yes" if labelled else None}
    made = make(Wanted(action, names, role, _day(date), cells, known), _town(), ROOT)
    _write(made, dry_run=dry_run, yes=yes)
    return made


def _write(made: Made, *, dry_run: bool, yes: bool) -> None:
    from piste.engine.repository import ROOT
    from piste.sites.declaring import write_files
    from piste.sites.life.changes import shown

    if not made.files:
        click.echo("Tout est déjà inscrit ainsi.")
        return
    for line in (*made.lines, *shown(made.files, ROOT)):
        click.echo(line)
    if dry_run:
        click.echo("\nRien n’a été écrit.")
        sys.exit(0)
    leave_on_no("\nÉcrire ces lignes ?", yes=yes)
    write_files(made.files, ROOT, made.before)
    for path in made.files:
        click.echo(f"Écrit : {path}")


def _names(made: Made) -> list[str]:
    return [line.partition(" : ")[0] for line in made.lines]


def _say_next(made: Made, *commands: str) -> None:
    if made.files:
        for command in commands:
            click.echo(f"Ensuite : {command}")


def _day(given: str | None) -> str:
    from datetime import date

    from piste.town.model.dates import today

    try:
        day = date.fromisoformat(given) if given else today()
    except ValueError:
        raise click.UsageError(f"« {given} » n’est pas un jour, par exemple 2026-11-20") from None
    if day > today():
        raise click.UsageError(f"le {day} n’est pas venu : un acte s’inscrit quand il est fait")
    return day.isoformat()


def _town() -> Town:
    from piste.commands.validate import INVENTORY
    from piste.town.town import load_town, refuse_faults

    return refuse_faults(load_town(INVENTORY))
