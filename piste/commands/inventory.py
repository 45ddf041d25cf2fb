"""The verbs `piste inventory …`: the assets of the town, their figures, their gaps, imports."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verbs
from piste.commands.inventory_import import import_files
from piste.commands.options import environment_option, forms_option
from piste.commands.output import say_csv, say_json, say_table
from piste.engine.converge.errors import Missing
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.readings.protection.figures import Figure
    from piste.sites.coverage import Kept
    from piste.town.model.assets.derived import Asset
    from piste.town.model.derived import Derived

_COLUMNS = (
    "kind", "variant", "name", "serial", "maker", "model", "site", "place", "assigned_to", "state", "warranty_until",
    "end_of_life", "contract", "address", "mac", "status", "source",
)  # fmt: skip
_FORM = forms_option("text", "csv", "json")
_READ = click.option(
    "--read",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Comparer à ce qu’un export a lu (playbooks/export.yml), pour la concordance (F10) et la couverture (F11).",
)


@click.group(cls=Verbs)
def inventory() -> None:
    """L'inventaire de la ville : la liste, sa complétude (F9), sa concordance (F10), ses lacunes, ses imports.

    \b
    Exemples :
      piste inventory list --class computer --site ecole-jaures
      piste inventory figures --read lu
      piste inventory gaps --for supplier
      piste inventory import livraison.csv --class computer
    """


inventory.add_command(import_files)


def _complete_class(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town.model.assets.classes import CLASSES

    return [name for name in CLASSES if name.startswith(begun)]


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town import declared

    return [name for name in declared.derived("lab").sites if name.startswith(begun)]


_CLASS = click.option("--class", "kind", metavar="CLASSE", shell_complete=_complete_class, help="Cette classe seule.")
_SITE = click.option("--site", metavar="SITE", shell_complete=_complete_site, help="Ce site seul.")


@inventory.command("list")
@_CLASS
@_SITE
@click.option("--state", metavar="ÉTAT", help="Cet état seul : awaited, in_service, stock, reuse, leaving, retired.")
@click.option("--match", "word", metavar="MOT", help="Ce mot dans le nom, le numéro, le modèle, l’affectation.")
@environment_option
@_FORM
def list_assets(
    kind: str | None, site: str | None, state: str | None, word: str | None, environment: str, form: str
) -> None:
    """Lister les équipements et les machines, d'où qu'ils soient déclarés.

    \b
    piste inventory list
    piste inventory list --class printer --site mediatheque
    piste inventory list --match kyocera --format csv > copieurs.csv

    Codes de sortie : 0, 1 aucun ne répond au filtre, 4 la déclaration a des fautes.
    """
    from piste.town import declared

    town = declared.sound(environment)
    _refuse_unknown(town, kind, site, state)
    assets = [
        asset
        for asset in town.assets
        if kind in (None, asset["kind"])
        and site in (None, asset["site"])
        and state in (None, asset["state"])
        and (word is None or _says(asset, word))
    ]
    if form == "json":
        say_json(assets)
    elif form == "csv":
        say_csv(_COLUMNS, assets)
    else:
        _print_assets(assets)
    sys.exit(0 if assets else 1)


def _says(asset: Asset, word: str) -> bool:
    cells = (asset[name] for name in ("name", "serial", "maker", "model", "assigned_to", "mac", "address"))
    return any(word.casefold() in str(cell).casefold() for cell in cells if cell)


def _refuse_unknown(town: Derived, kind: str | None, site: str | None, state: str | None = None) -> None:
    from piste.town.model.assets.classes import CLASSES, STATES
    from piste.town.model.wording import closest

    asked = (("une classe", kind, CLASSES), ("un site", site, town.sites), ("un état", state, STATES))
    for what, value, known in asked:
        if value is not None and value not in known:
            todo = closest(value, known) or f"Connus : {', '.join(known)}."
            raise Missing(f"« {value} » n’est pas {what} de l’inventaire", todo=todo)


def _print_assets(assets: Sequence[Asset]) -> None:
    from piste.town.model.assets.classes import CLASSES, STATES

    heads = ("classe", "nom", "numéro de série", "modèle", "site", "affectation", "statut")
    rows = [
        (
            CLASSES[asset["kind"]].variants.get(asset["variant"] or "") or CLASSES[asset["kind"]].label,
            asset["name"],
            asset["serial"] or "–",
            asset["model"] or "–",
            asset["site"],
            asset["assigned_to"] or "–",
            STATES[asset["state"]],
        )
        for asset in assets
    ]
    if rows:
        say_table([heads, *rows])
    click.echo(("\n" if rows else "") + f"{agreed(len(rows), 'élément(s)')}.")


@inventory.command()
@_READ
@environment_option
@_FORM
def figures(folder: Path | None, environment: str, form: str) -> None:
    """Compter la complétude (F9) par classe, le 3-2-1 (F14) ; avec --read, la concordance (F10) et la couverture (F11).

    \b
    piste inventory figures
    ansible-playbook playbooks/export.yml -e folder=$PWD/lu ; piste inventory figures --read lu
    piste inventory figures --format json

    F9 : cellules renseignées ÷ cellules obligatoires ; ce qui tient lieu de valeur ou reste à confirmer n'est pas
    renseigné. F10 : équipements lus comme déclarés ÷ équipements qu'un système lu pouvait dire ; ce qui n'a pas été lu
    est inconnu, et dans aucun dénominateur. F11 : actifs, liaisons, certificats et applications surveillés, aux mesures
    fraîches ÷ ceux qui doivent l'être ; les autres sont nommés, et pourquoi. F14 : ensembles protégés en 3-2-1, d'après
    les dernières lectures ; « piste backups » le détaille, et en rend compte par son code de sortie.
    Codes de sortie : 0 les trois seuils sont atteints, 2 l'un ne l'est pas, 3 on ne peut pas le dire, 4 la déclaration
    a des fautes.
    """
    from piste.exports.bag.contents import Contents, read
    from piste.exports.bag.quality import completeness, concordance
    from piste.sites.coverage import figure_rows as coverage_rows
    from piste.sites.coverage import kept
    from piste.town import declared

    town = declared.town(environment)
    contents = read(folder, declared.serving(town), {}) if folder else Contents(Path())
    complete = [row for row in completeness(contents, town) if row["attribute"] == "*"]
    agreeing = list(concordance(contents, town)) if folder else []
    watched = kept(folder, town.owners.values())
    covering = coverage_rows(watched.rows)
    protected = _protected(town, environment)
    if form == "json":
        missing = [row._asdict() for row in watched.rows if row.state != "watched"]
        say_json({
            "completeness": complete, "concordance": agreeing,
            "coverage": {"figures": covering, "missing": missing, "why": watched.why}, "protection": protected,
        })  # fmt: skip
    elif form == "csv":
        names = ("figure", "class", "numerator", "denominator", "percent", "target", "reached")
        figured = (("F9", complete), ("F10", agreeing), ("F11", covering))
        rows = [{**row, "figure": figure} for figure, of_figure in figured for row in of_figure]
        rows += [{**made, "figure": made["id"], "class": "*", "percent": made["value"]} for made in protected]
        say_csv(names, rows)
    else:
        _print_figures(complete, agreeing)
        _print_coverage(covering, watched)
        _print_protected(protected)
    whole = [row for row in (*complete, *covering) if row["class"] == "*"]
    sys.exit(_verdict(whole, agreeing, known=bool(covering)))


def _protected(town: Derived, environment: str) -> list[Figure]:
    """Compute F14 and the share within the RPO; nothing where the town has no protected set."""
    from piste.readings.protection.figures import figure, last

    if town.commune is None or not town.protection:
        return []
    every, source = last(town, environment)
    return [figure("F14", every, source), figure("RPO", every, source)]


def _print_protected(protected: Sequence[Figure]) -> None:
    from piste.readings.protection.figures import written

    if protected:
        click.echo()
    for made in protected:
        click.echo(f"{written(made)}.")


def _verdict(whole: Iterable[Mapping[str, Any]], agreeing: Sequence[Mapping[str, Any]], *, known: bool) -> int:
    rows = [*whole, *agreeing]
    if not all(row["reached"] for row in rows if row["percent"] is not None):
        return 2
    return 0 if known and agreeing and all(row["percent"] is not None for row in rows) else 3


def _print_figures(complete: Sequence[Mapping[str, Any]], agreeing: Sequence[Mapping[str, Any]]) -> None:
    heads = ("classe", "F9", "renseignées", "à confirmer", "fictives", "vides")
    rows = [
        (
            _label(str(row["class"])), _percent(row), f"{row['numerator']}/{row['denominator']}",
            str(row["to_confirm"]), str(row["placeholder"]), str(row["empty"]),
        )
        for row in complete
    ]  # fmt: skip
    say_table([heads, *rows])
    if not agreeing:
        click.echo("\nF10 : inconnue, rien n’a été lu (--read DOSSIER, d’un export).")
        return
    click.echo()
    compared = [
        (
            _label(str(row["class"])), _percent(row), f"{row['numerator']}/{row['denominator']}",
            *(str(len(row[name])) if row[name] is not None else "?" for name in ("absent", "different", "undeclared")),
            str(row["unknown"]),
        )
        for row in agreeing
    ]  # fmt: skip
    say_table([("lu", "F10", "concordants", "absents", "différents", "non déclarés", "inconnus"), *compared])


def _print_coverage(covering: Sequence[Mapping[str, Any]], watched: Kept) -> None:
    click.echo()
    if watched.why:
        click.echo(f"F11 : inconnue, {watched.why} (--read DOSSIER, d’un export).")
        return
    rows = [
        (_label(str(row["class"])), _percent(row), f"{row['numerator']}/{row['denominator']}", str(row["unknown"]))
        for row in covering
    ]
    say_table([("surveillé", "F11", "surveillés", "inconnus"), *rows])
    missing = [row for row in watched.rows if row.state != "watched"]
    if missing:
        click.echo()
        say_table([("non surveillé", "pourquoi"), *((row.name, row.why) for row in missing)])


def _label(name: str) -> str:
    from piste.exports.bag.items import PLURALS
    from piste.town.model.supervision.points import LABELS

    others = {"*": "ensemble", "print_queue": "files d’impression", "radius_client": "clients RADIUS"}
    return {**PLURALS, **LABELS, **others}[name]


def _percent(row: Mapping[str, Any]) -> str:
    return "inconnu" if row["percent"] is None else f"{row['percent']} %".replace(".", ",")


@inventory.command()
@click.option(
    "--for",
    "filler",
    type=click.Choice(["system", "supplier", "site_manager", "dsi"]),
    help="Ce qu’un seul peut donner : un système lu, le fournisseur, le responsable du site, la DSI.",
)
@_CLASS
@_SITE
@environment_option
@_FORM
def gaps(filler: str | None, kind: str | None, site: str | None, environment: str, form: str) -> None:
    """Dire ce qui manque aux attributs obligatoires, par qui peut le donner.

    \b
    piste inventory gaps
    piste inventory gaps --for site_manager --site ecole-jaures
    piste inventory gaps --for supplier --format csv > a-demander.csv

    Codes de sortie : 0 rien ne manque, 2 il manque quelque chose, 4 la déclaration a des fautes.
    """
    from piste.exports.bag.inventory import by_filler
    from piste.exports.bag.inventory import gaps as missing
    from piste.town import declared

    town = declared.sound(environment)
    _refuse_unknown(town, kind, site)
    listed = [
        gap
        for gap in missing(town)
        if filler in (None, gap.filler) and kind in (None, gap.kind) and site in (None, gap.site)
    ]
    if form == "json":
        say_json([gap._asdict() for gap in listed])
    elif form == "csv":
        say_csv(("filler", "reader", "kind", "attribute", "site", "name", "filling", "source"),
                 [gap._asdict() for gap in listed])  # fmt: skip
    else:
        for title, lines in by_filler(listed):
            click.echo(title)
            for line in lines:
                click.echo(f"  {line}")
        click.echo(f"{agreed(len(listed), 'cellule(s) obligatoire(s) à renseigner')}.")
    sys.exit(2 if listed else 0)
