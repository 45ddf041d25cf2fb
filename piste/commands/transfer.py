"""The verb `piste transfer`: the papers of the hand-over, who signed, what lacks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb, Verbs
from piste.commands.options import environment_option, forms_option
from piste.commands.output import EXIT, say_csv, say_json
from piste.commands.signing import refuse_half, sign, signing_options
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.sites.transfer.kept import Standing

SIGNS = {"signed": "✓", "refused": "✗", "half": "½", "unsigned": "☐", "none": "☐", "unreadable": "?"}


def _complete(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.sites.transfer.form import papers

    return [name for name in papers() if name.startswith(begun)]


@click.group(cls=Verbs)
def transfer() -> None:
    """Les papiers du transfert : établir, signer, dire ce qui manque, lot par lot."""


@transfer.command("status", cls=Verb)
@environment_option
@forms_option("table", "json", "csv")
def status(environment: str, form: str) -> None:
    """Dire ce qui est signé, ce qui manque, et si chaque lot peut basculer.

    \b
    piste transfer status
    piste transfer status --environment production --format csv > index-des-pv.csv

    En csv et en json, c'est l'index : procès-verbal, jalon, clause, facture ; ceux du transfert, des sites en service,
    des lots de clients légers, des livraisons, des mesures de sobriété. Rien n’est demandé à aucun système.
    Codes de sortie : 0 tout est signé des deux parties, 2 il en manque, 3 un papier ne se lit plus.
    """
    from piste.papers.dossier.reversibility_plan import read_plan
    from piste.sites.transfer.document import frozen, lacks
    from piste.sites.transfer.form import papers
    from piste.sites.transfer.index import COLUMNS, index, strays
    from piste.sites.transfer.kept import standings
    from piste.town import declared

    town, known = declared.town(environment), standings(environment)
    if form != "table":
        rows = [*index(town, environment)]
        say_csv(COLUMNS, rows) if form == "csv" else say_json({"environment": environment, "papers": rows})
    else:
        reserved = sum(state.kept is not None and state.kept.reserved for state in known.values())
        lacking = [name for name, state in known.items() if state.state != "signed"]
        count = f"{len(known) - len(lacking)} sur {len(known)} procès-verbaux"
        verdict = f"la réversibilité n’est pas recevable : {count} signés des deux parties" if lacking else (
            f"les {len(known)} procès-verbaux sont signés des deux parties"
            f"{f', dont {reserved} avec réserves à lever' if reserved else ''}"
        )  # fmt: skip
        click.echo(f"Transfert : {verdict} (CCTP 6.6).")
        for name, state in known.items():
            said = lacks(state) or _signed(state)
            click.echo(safe(f"  {SIGNS[state.state]} {name} : {papers()[name].title} ; {said}"))
        lots = {paper.lot: known[name].state for name, paper in papers().items() if paper.lot}
        count = agreed([*lots.values()].count("signed"), "lot(s) reçu(s)")
        click.echo(f"F21 : {count} sur {len(read_plan().lots)}.")
        for lot in read_plan().lots:
            name = next((name for name, paper in papers().items() if paper.lot == lot), "")
            why = lacks(known[name]) if name else "aucun procès-verbal ne le porte"
            received = f"pas reçu, {why}" if why else f"reçu ({_signed(known[name])})"
            click.echo(safe(f"Lot {lot} : {received} ; {frozen(town, lot)}."))
        if stray := strays(town):
            click.echo(safe(f"Noms qui ne désignent rien (group_vars/all/transfer.yml) : {', '.join(stray)}."))
        if lacking:
            click.echo(f"→ piste transfer paper {lacking[0]} --to DOSSIER")
    states = {state.state for state in known.values()}
    sys.exit(EXIT["unknown" if "unreadable" in states else "ok" if states == {"signed"} else "changes"])


def _signed(state: Standing) -> str:
    assert state.kept
    return f"{state.kept.paper.number}, signé des deux parties{', avec réserves' if state.kept.reserved else ''}"


@transfer.command("paper", cls=Verb)
@click.argument("names", metavar="[PAPIER]...", nargs=-1, shell_complete=_complete)
@click.option("--to", "out", type=click.Path(file_okay=False, path_type=Path), default=Path("dossiers/transfert"),
              show_default=True, help="Dossier où écrire.")  # fmt: skip
@environment_option
def paper(names: tuple[str, ...], out: Path, environment: str) -> None:
    """Établir des procès-verbaux, les garder scellés, et les écrire à signer ; tous, sans nom.

    \b
    piste transfer paper transfert-acces lot-reseau --to transfert
    piste transfer paper --environment production

    Signé, le papier d'un jour n'est plus refait. Une case « à renseigner » se remplit à la main, ou dans la déclaration
    (group_vars/all/transfer.yml, personal_data.yml).
    """
    from piste.sites.transfer.document import gathered, write
    from piste.sites.transfer.form import papers
    from piste.sites.transfer.kept import keep
    from piste.town import declared
    from piste.town.model.wording import choose

    chosen = names or tuple(papers())
    for name in chosen:
        choose(name, papers(), "n’est pas un papier du transfert")
    town = declared.town(environment)
    for name in chosen:
        made = keep(gathered(town, environment, name))
        path = write(made, town, environment, out / name)[-1]
        state = "déjà signé, pas refait" if made.signatures else f"{agreed(made.paper.lacking, 'case(s)')} à renseigner"
        click.echo(f"{path}, .html, .json : {made.paper.number}, {state}")


@transfer.command("sign", cls=Verb)
@click.argument("name", metavar="PAPIER", shell_complete=_complete)
@click.option("--decision", required=True, type=click.Choice(["accepted", "reserved", "refused"]),
              help="Ce que la partie a décidé : sans réserve, avec réserves, refusé.")  # fmt: skip
@signing_options
@environment_option
def sign_paper(
    name: str, decision: Any, evidence: Path | None, key: Path | None, party: str | None, role: str | None,
    environment: str,
) -> None:  # fmt: skip
    """Recevoir le dernier procès-verbal d'un nom, signé et numérisé, ou le signer par une clé.

    \b
    piste transfer sign lot-reseau --receive signe.pdf --party ville --role DSI --decision accepted
    piste transfer sign lot-reseau --sign cle.pem --party titulaire --role "Directeur de projet" --decision reserved

    Signé des deux parties, et refusé d'aucune, il tient lieu de l'acte que les clauses demandent (piste conformity).
    """
    from piste.sites.transfer.form import papers
    from piste.sites.transfer.kept import every, place
    from piste.town.model.wording import choose

    choose(name, papers(), "n’est pas un papier du transfert")
    refuse_half(evidence, key, party, role)
    if not (evidence or key):
        raise Misused("rien à recevoir, ni à signer", todo="Donnez --receive ou --sign, --party et --role.")
    known = every(environment, name)
    if not known:
        raise Misused("aucun procès-verbal de ce nom n’est gardé", todo=f"Établissez-le : piste transfer paper {name}")
    sign(place(known[-1].paper), known[-1].paper, evidence, key, party, role or "", decision)
