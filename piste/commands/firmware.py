"""The verb `piste firmware`: one list of versions, approved or not, and of what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import complete_target, environment_option, forms_option
from piste.commands.output import EXIT, say_csv, say_json, say_table
from piste.engine.clock import in_town
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.sites.living.versions import Row
    from piste.sites.living.waves import Stage

COLUMNS = (
    "site", "name", "model", "version", "read_at", "state", "why", "approved_versions", "approved_on", "planned_at",
    "planned_version", "stage", "launched_by", "before", "way_back",
)  # fmt: skip
_HEADS = ("site", "équipement", "version", "lu le", "état", "prévu", "lancé par", "avant", "retour")
WORDS: Mapping[Stage, str] = {
    "done": "faite", "planned": "prévue", "waits": "attend son pilote", "stopped": "arrêtée par son pilote",
    "missed": "fenêtre manquée", "unknown": "inconnue",
}  # fmt: skip
"""The stages of a wave; `piste findings --subject upgrades` says the whole."""
_STATES = {"ok": "approuvée", "wrong": "en écart", "unknown": "inconnu"}


@click.command(cls=Verb)
@click.argument("site", metavar="[SITE]", required=False, shell_complete=complete_target)
@click.option("--late", is_flag=True, help="Seulement ce qui est en écart, ou inconnu.")
@environment_option
@forms_option("text", "csv", "json")
def firmware(site: str | None, environment: str, form: str, *, late: bool) -> None:
    """Dire la version de chaque équipement, face à la liste approuvée, et qui lance la suivante.

    \b
    piste firmware
    piste firmware ecole-jaures
    piste firmware --late --format csv > versions.csv

    Rien n'est demandé à aucun système : piste living read relève. Le nom de la ville donne la grappe.
    Codes de sortie : 0 tout est approuvé, 1 un équipement est en écart, 3 une version est inconnue.
    """
    import sys

    from piste.sites.living.versions import rows
    from piste.town import declared

    town = declared.sound(environment)
    if site is not None and not (town.commune and site == town.commune["id"]):
        declared.refuse_stranger(site, town)
    every = [*rows(town, environment, site)]
    chosen = [row for row in every if row.compared.state != "ok" or not late]
    if form == "json":
        say_json([_data(row) for row in chosen])
    elif form == "csv":
        say_csv(COLUMNS, [_data(row) for row in chosen])
    else:
        if chosen:
            say_table([_HEADS, *map(_line, chosen)])
        counts = Counter(row.compared.state for row in every)
        click.echo(f"{agreed(len(every), 'équipement(s)')} : {agreed(counts['ok'], 'approuvé(s)')}, "
                   f"{counts['wrong']} en écart, {agreed(counts['unknown'], 'inconnu(s)')}.")  # fmt: skip
    states = {row.compared.state for row in every}
    sys.exit(EXIT["error" if "wrong" in states else "unknown" if "unknown" in states else "ok"])


def _line(row: Row) -> tuple[str, ...]:
    thing, judged = row.compared.thing, row.compared
    said = f"{_STATES[judged.state]} : {judged.said}" if judged.said else _STATES[judged.state]
    planned = f"{row.wave.version} le {in_town(row.wave.time)}, {WORDS[row.wave.stage]}" if row.wave else "–"
    read_at = in_town(row.read_at) if row.read_at and thing.version else "–"
    launch = (cell or "inconnu" for cell in row.launch)
    return row.site, thing.name, thing.version or "inconnue", read_at, said, planned, *launch


def _data(row: Row) -> dict[str, object]:
    thing, judged = row.compared.thing, row.compared
    entry = judged.entry
    moment, version, stage = (row.wave.time, row.wave.version, row.wave.stage) if row.wave else (None, None, None)
    cells = (
        row.site, thing.name, thing.model, thing.version, row.read_at if thing.version else None, judged.state,
        judged.said or None, ", ".join(entry["versions"]) if entry else None, entry and entry["approved"], moment,
        version, stage, row.launch.who, row.launch.before or None, row.launch.back or None,
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))
