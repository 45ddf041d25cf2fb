"""The `piste` command: comfort over plain Ansible, never a condition of it."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from typing import NamedTuple

import click
from click.shell_completion import CompletionItem

from piste.commands.french import Verbs
from piste.engine.converge.private import close_mask
from piste.engine.repository import ROOT


class Place(NamedTuple):
    """The module of a verb, and its first sentence: the help imports none."""

    verb: str
    sentence: str
    module: str = ""


GROUPS = {
    "Commencer": (
        Place("doctor", "Examiner ce poste et l’environnement, sans rien écrire"),
        Place("init", "Préparer la production"),
        Place("capture", "Garder, masqué, ce que les systèmes répondent aux lectures de Piste"),
        Place("lab", "Faire vivre le laboratoire"),
        Place("schema", "Écrire les schémas de la déclaration"),
    ),
    "Voir": (
        Place("status", "Dire où en est un environnement"),
        Place("findings", "Lister les constats, le pire d’abord"),
        Place("read", "Relire ce qui est dû, ou les sujets nommés, et le garder"),
        Place("find", "Trouver ce que désigne un mot"),
        Place("inventory", "L’inventaire de la ville"),
        Place("flows", "Dire qui atteint quoi, par quelle règle"),
        Place("drift", "Dire ce que quelqu’un a changé derrière la déclaration", "plan"),
        Place("configurations", "Les configurations de chaque nuit, dans un dépôt Git à elles"),
        Place("living", "Relever ce qui vit"),
        Place("firmware", "Dire la version de chaque équipement, face à la liste approuvée, et qui lance la suivante"),
        Place("links", "Dire comment chaque liaison a tenu, un mois donné"),
        Place("accounts", "Qui administre quoi"),
        Place("certificates", "Les certificats de la ville"),
        Place("computers", "Les postes mesurés par eux-mêmes"),
        Place("printing", "Ce que les copieurs impriment vraiment"),
        Place("storage", "Les partages de fichiers visés"),
        Place("portal", "Faire de la ville des pages pour un navigateur"),
    ),
    "Changer": (
        Place("validate", "Contrôler la déclaration, sans rien demander à aucun système"),
        Place("plan", "Dire ce qui changerait, sans rien écrire"),
        Place("check", "Contrôler un plan enregistré par les règles de relecture"),
        Place("apply", "Faire exactement ce que dit un plan enregistré", "plan"),
        Place("install", "Installer la politique de pare-feu"),
        Place("adopt", "Reprendre l’existant"),
        Place("site", "Déclarer un nouveau site, l’ouvrir, le fermer"),
        Place("replace", "Mettre un équipement à la place d’un autre, mort"),
        Place("asset", "La vie d’un équipement"),
    ),
    "Prouver": (
        Place("verify", "Vérifier un site"),
        Place("twin", "Dresser le jumeau de quelques sites"),
        Place("beliefs", "Dire ce que Piste croit des systèmes sans preuve publique"),
        Place("probe", "Éprouver un site par de vrais paquets"),
        Place("logs", "Les journaux de la ville"),
    ),
    "Remettre en état": (
        Place("undo", "Planifier l’inverse de ce qu’un plan ou une exécution a fait"),
        Place("backups", "Les sauvegardes"),
        Place("restore", "Prouver que la ville revient"),
        Place("runbook", "Reprise, continuité (PRA, PCA), incidents"),
        Place("export", "Exporter tous les systèmes dans un sac", "bag"),
        Place("bag", "Le sac de réversibilité"),
        Place("vault", "Le coffre remis à part du sac"),
    ),
    "Rendre compte": (
        Place("audit", "Conclure l’audit initial"),
        Place("decisions", "Lister ce qui attend une décision"),
        Place("conformity", "Dire si chaque clause est tenue"),
        Place("transfer", "Les papiers du transfert"),
        Place("month", "Établir le rapport d’un mois, d’un trimestre ou d’une année"),
        Place("journal", "Le journal des exécutions"),
        Place("dossier", "Établir les documents d’un site"),
        Place("documents", "Les papiers établis"),
        Place("proposals", "Écrire ce que Piste propose à la DSI pour Microsoft 365"),
        Place("sobriety", "La sobriété numérique"),
        Place("glpi", "Ce que Piste donne à GLPI et en tire"),
        Place("supervision", "Ce que Piste dit à la supervision"),
    ),
}
"""Every verb, in the group of what people want; `docs/README.md` has the same words."""
_PLACES = {place.verb: place for group in GROUPS.values() for place in group}


class _Command(Verbs):
    """The command itself, which imports a verb only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if place := _PLACES.get(cmd_name):
            verb: click.Command = getattr(import_module(f"piste.commands.{place.module or place.verb}"), place.verb)
            return verb
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, _PLACES))
        for title, places in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(place.verb.ljust(width), place.sentence) for place in places])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        verbs = [CompletionItem(name, help=place.sentence) for name, place in sorted(_PLACES.items())]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [verb for verb in verbs if verb.value.startswith(incomplete)] + options


def _say_version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    from piste.engine.repository import commit

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


@click.group(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_say_version, help="Montrer la version."
)
@click.option("--read-only", is_flag=True, help="Ne rien pouvoir écrire, sur aucun système (PISTE_READ_ONLY).")
@click.option("--as", "person", metavar="NOM", help="Qui agit : « Prénom Nom, fonction » (PISTE_OPERATOR).")
def main(read_only: bool, person: str | None) -> None:
    """Piste : l'informatique d'une ville, déclarée, planifiée, appliquée."""
    close_mask()
    # What a command imports and reads lives until it ends: frequent collections walk it for nothing.
    gc.set_threshold(50_000, 20, 20)
    if read_only:
        from piste.engine.transport.witness import READ_ONLY

        os.environ[READ_ONLY] = "1"
    if person is not None:
        from piste.runs.records.operator import OPERATOR

        os.environ[OPERATOR] = person


if __name__ == "__main__":
    main()
