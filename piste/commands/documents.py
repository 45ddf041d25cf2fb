"""The verbs `piste documents …`: sign the papers of a folder, verify who signed them."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb, Verbs
from piste.commands.options import text_or_json
from piste.commands.output import EXIT, say_json
from piste.commands.signing import refuse_half, sign, signing_options
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.sites.signed import Examined, State

SIGNS: dict[State, str] = {"altered": "✗", "unknown": "?", "by_hand": "✎", "unsigned": "☐", "signed": "✓"}
NAMES: dict[State, str] = {
    "altered": "altéré(s)", "unknown": "de signataire inconnu", "by_hand": "signé(s) à la main, à regarder",
    "unsigned": "sans toutes les signatures", "signed": "signé(s) des deux parties",
}  # fmt: skip
CODES: dict[State, str] = {
    "altered": "error", "unknown": "unknown", "by_hand": "unknown", "unsigned": "changes", "signed": "ok",
}  # fmt: skip


@click.group(cls=Verbs)
def documents() -> None:
    """Les papiers établis : les signer par une clé, vérifier leurs signatures."""


@documents.command("sign", cls=Verb)
@click.argument("folder", metavar="DOSSIER", type=click.Path(exists=True, file_okay=False, path_type=Path))
@signing_options
def sign_papers(folder: Path, evidence: Path | None, key: Path | None, party: str | None, role: str | None) -> None:
    """Signer tous les papiers d'un dossier à la fois, une partie après l'autre.

    \b
    piste documents sign dossiers --sign cle.pem --party titulaire --role "Directeur de projet"
    piste documents sign dossiers --receive bordereau.pdf --party ville --role DSI

    L'empreinte de chaque PDF est écrite dans « result.json », et c'est ce fichier qui est signé, par openssl.
    """
    from piste.sites.signed import gather

    refuse_half(evidence, key, party, role)
    if not (evidence or key):
        raise Misused("rien à recevoir, ni à signer", todo="Donnez --receive ou --sign, --party et --role.")
    made = gather(folder)
    sign(folder, made, evidence, key, party, role or "")
    click.echo(f"{agreed(len(made.papers), 'papier(s)')} dans {folder}.")


@documents.command("verify", cls=Verb)
@click.argument("asked", metavar="DOSSIER|PDF...", nargs=-1, required=True,
                type=click.Path(exists=True, path_type=Path))  # fmt: skip
@click.option("--public-key", "keys", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Clé publique (PEM) d’un signataire, à répéter. Sans elle, un signataire est inconnu.")  # fmt: skip
@text_or_json
def verify(asked: tuple[Path, ...], keys: tuple[Path, ...], form: str) -> None:
    """Dire de chaque papier qui l'a signé, quel jour, et s'il a changé depuis.

    \b
    piste documents verify dossiers --public-key ville.pub --public-key titulaire.pub
    piste documents verify dossiers/ecole-jaures/pv-recette.pdf --public-key ville.pub

    Sans réseau ni système. La clé prouve le contenu ; le jour et la fonction sont ce que le dossier en dit.
    Codes de sortie : 0 tous signés des deux parties, 1 un papier altéré, 2 une signature manque, 3 un signataire
    inconnu, ou une signature à la main, que vous seul pouvez regarder, 4 refus (aucun papier).
    """
    from piste.runs.records.signature import SigningFailed, fingerprint
    from piste.sites.signed import WORST, examine

    try:
        known = {fingerprint(key) for key in keys}
    except SigningFailed as failed:
        raise Misused("openssl ne lit pas une clé publique", why=str(failed)) from None
    every: dict[Path, Examined] = {}
    for each in (each for path in asked for each in examine(path.resolve(), known)):
        every[each.paper] = min(each, every.get(each.paper, each), key=lambda it: WORST.index(it.state))
    if not every:
        raise Misused("aucun papier là", where=", ".join(map(str, asked)), todo="Donnez un PDF, ou son dossier.")
    counts = Counter(each.state for each in every.values())
    if form == "json":
        say_json([{"paper": str(each.paper), "state": each.state, "says": each.says} for each in every.values()])
    else:
        said = [agreed(counts[state], f"papier(s) {NAMES[state]}") for state in WORST if counts[state]]
        click.echo(f"{', '.join(said)}.")
        for each in every.values():
            click.echo(safe(f"  {SIGNS[each.state]} {_shown(each.paper)} : {each.says}"))
    sys.exit(EXIT[CODES[next(state for state in WORST if counts[state])]])


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
