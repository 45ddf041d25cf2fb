"""The verb `piste flows`: accesses and their rules, isolation of the segments."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from piste.commands.french import Verb
from piste.commands.options import forms_option
from piste.commands.output import say_json
from piste.commands.validate import INVENTORY
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.sites.flows import Judged, Row, Rules
    from piste.town.model.derived import Derived
    from piste.town.model.routing.load import FirewallLoad

_HEADINGS = {
    "site": "site",
    "segment": "segment",
    "zone": "zone",
    "accesses": "accès",
    "sources": "depuis",
    "destinations": "vers",
    "services": "services",
    "rules": "règles",
    "exact": "exact",
}
_VERDICTS = {"isolated": "isolé", "violated": "NON ISOLÉ", "unknown": "inconnu"}
_ANSWERS = {"passes": ("✓ passe", 0), "partly": ("~ passe en partie", 2), "stopped": ("✗ arrêté", 2),
            "unknown": ("? inconnu", 3)}  # fmt: skip
_EXIT = {"isolated": 0, "violated": 2, "unknown": 3}


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town.derived import derivation
    from piste.town.kept import Inputs

    return [name for name in derivation(Inputs(INVENTORY)).sites if name.startswith(begun)]


def _complete_end(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Complete an end: the segments of each site, the servers."""
    from piste.town.derived import derivation
    from piste.town.kept import Inputs

    sites = derivation(Inputs(INVENTORY)).sites
    segments = [f"{key}@{name}" for name, site in sites.items() for key in site["segments"]]
    servers = [
        server for site in sites.values() for part in site["segments"].values() for server in part["reservations"]
    ]
    return [name for name in dict.fromkeys((*segments, *servers)) if name.startswith(begun)]


@click.command(cls=Verb)
@click.argument("site", metavar="[SITE]", required=False, shell_complete=_complete_site)
@click.option(
    "--from",
    "origin",
    metavar="BOUT",
    shell_complete=_complete_end,
    help="D’où : un segment, un serveur, un lieu, une adresse.",
)
@click.option("--to", "target", metavar="BOUT", shell_complete=_complete_end, help="Vers où, de même.")
@click.option("--service", metavar="SERVICE", help="Avec --from et --to : dire si ce service passe, et sinon par quoi.")
@forms_option("text", "csv", "json")
@click.option(
    "--read",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Calculer sur les règles lues (playbooks/read_filtering.yml), non sur la déclaration.",
)
@click.option("--policy", metavar="NOM", help="Avec --read, la politique à juger, si ce n’est celle de la déclaration.")
@click.option(
    "--compare", is_flag=True, help="Avec --read, seulement les écarts : de plus (+), de moins (-) que la matrice."
)
@click.option("--inventory", type=click.Path(path_type=Path), default=INVENTORY, hidden=True)
def flows(
    site: str | None,
    origin: str | None,
    target: str | None,
    service: str | None,
    form: str,
    folder: Path | None,
    policy: str | None,
    compare: bool,
    inventory: Path,
) -> None:
    """Dire qui atteint quoi, par quelle règle : pare-feu, Wi-Fi et cœur ensemble ; et si les isolés le sont.

    \b
    piste flows
    piste flows ecole-jaures
    piste flows --from invites@mediatheque --to hdv-dc1
    piste flows --from utilisateurs@ccas --to telephonie@ccas --service https
    piste flows --format csv > flux.csv
    piste flows --read lu --compare

    Codes de sortie : 0 tout est isolé, sans écart, ou le service passe ; 2 un segment ne l'est pas, un écart, un
    service arrêté ; 3 on ne peut pas le dire ; 1 erreur ; 4 la déclaration a d'autres fautes.
    """
    from piste.sites.flows import Picture, declared_rules
    from piste.town.derived import derivation
    from piste.town.kept import Inputs
    from piste.town.model.routing.load import say_load

    town = _usable(derivation(Inputs(inventory)), site)
    if (policy or compare) and not folder:
        raise click.UsageError("--policy et --compare vont avec --read : ils parlent de ce qui a été lu")
    if service:
        if not (origin and target) or site or compare or policy:
            raise click.UsageError("--service va avec --from et --to seuls : il parle d’un point à un autre")
        _answer(town, _read(folder, town) if folder else None, (origin, target, service), form)
    declared = Picture(town, declared_rules(town))
    picture = Picture(town, _read(folder, town), policy) if folder else declared
    ends = (picture.range(origin) if origin else None), (picture.range(target) if target else None)
    asked = site or origin or target or compare
    shown = picture.rows(site, *ends, beyond=declared if compare else None) if asked or form != "text" else []
    rows = [("+" if compare else "", row) for row in shown]
    rows += [("-", row) for row in declared.rows(site, *ends, beyond=picture)] if compare else []
    judged = picture.judged(site)
    load = town.commune["firewall_load"] if town.commune else None
    if form == "text":
        nothing = "Aucun écart." if compare else "Aucun flux."
        _print(rows if asked else None, judged, whole=not (origin or target), nothing=nothing)
        if load and not asked:
            click.echo(f"Pare-feu {say_load(load)}")
    else:
        whole = _csv(rows, compare=compare) if form == "csv" else _json(rows, judged, load, compare=compare)
        click.echo(whole, nl=False)
    codes = [_EXIT[entry.verdict] for entry in judged] + ([2] if compare and rows else [])
    sys.exit(max(codes, default=0, key=lambda code: (code == 2, code)))


def _json(
    rows: Sequence[tuple[str, Row]], judged: Sequence[Judged], load: FirewallLoad | None, *, compare: bool
) -> str:
    listed = [{**({"gap": sign} if compare else {}), **row._asdict()} for sign, row in rows]
    answer = {"flows": listed, "isolation": [_judged(entry) for entry in judged], "firewall": load}
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"


def _answer(town: Derived, rules: Rules | None, asked: tuple[str, str, str], form: str) -> NoReturn:
    """Say what becomes of a service between two places, and exit with its code."""
    from piste.sites.verdict import Verdicts

    answer = Verdicts(town, rules).of(*asked)
    if form == "json":
        say_json(answer._asdict())
    else:
        click.echo(f"{_ANSWERS[answer.state][0]} : {asked[0]} → {asked[1]}, {asked[2]}")
        lines = [("par", ", ".join(answer.by)), ("chemin", " puis ".join(answer.hops)), ("raison", answer.why)]
        _table([(name, text) for name, text in lines if text], "  ")
    sys.exit(_ANSWERS[answer.state][1])


def _read(folder: Path, town: Derived) -> Rules:
    # Imported here: the rules of the declaration need no vendor.
    from piste.sites.flows_read import read_rules

    return read_rules(folder, town)


def _usable(town: Derived, site: str | None) -> Derived:
    """Load the town; faults of isolation are allowed, being the question. Raises for others."""
    from dataclasses import replace

    from piste.town.declared import refuse_stranger
    from piste.town.town import refuse_faults

    refuse_faults(replace(town, faults=[fault for fault in town.faults if fault.rule != "PISTE-M107"]))
    if site:
        refuse_stranger(site, town)
    return town


def _judged(judged: Judged) -> dict[str, Any]:
    return {**judged._asdict(), "wrong": [row._asdict() for row in judged.wrong]}


def _csv(rows: Iterable[tuple[str, Row]], *, compare: bool) -> str:
    """Write CSV (RFC 4180), with the semicolon that French spreadsheets expect.

    The values of a cell are separated by a comma.
    """
    from piste.engine.cells import as_csv

    lines = [[*(["écart"] if compare else []), *_HEADINGS.values()]]
    for sign, row in rows:
        lines.append([*([sign] if compare else []), *(_cell(name, value) for name, value in row._asdict().items())])
    return as_csv(lines, ";")


def _cell(name: str, value: Any) -> str:
    if name == "exact":
        return "oui" if value else "au plus"
    # Imported here: the help of a command need not pay for the writer of YAML.
    from piste.engine.converge.text import as_cell

    return as_cell(", ".join(value) if isinstance(value, tuple) else str(value))


def _print(rows: Sequence[tuple[str, Row]] | None, judged: Sequence[Judged], *, whole: bool, nothing: str) -> None:
    """Write the destinations reached, if asked for; then all verdicts, or the wrong only."""
    if rows == []:
        click.echo(f"{nothing}\n")
    for title, some in groupby(rows or (), key=lambda entry: _from(entry[1])):
        click.echo(title)
        lines = [
            (f"{sign} {_towards(row)}".lstrip(), ", ".join(row.services), ", ".join(row.rules)) for sign, row in some
        ]
        _table(lines, "  ")
        click.echo()
    heads = ("site", "segment", "zone", "accès", "isolation")
    if whole:
        _table(
            [heads, *((access.site, access.segment, access.zone, access.access, _verdict(access)) for access in judged)]
        )
    for access in judged:
        for row in access.wrong:
            reach = f"{', '.join(row.destinations)} ({', '.join(row.services)})"
            most = "" if row.exact else ", au plus : une règle n’a pas pu être calculée"
            click.echo(f"! {row.segment}@{row.site} ({access.access}) atteint {reach} par {', '.join(row.rules)}{most}")
    wrong = sum(1 for access in judged if access.verdict != "isolated")
    click.echo(("\n" if whole else "") + f"{agreed(len(judged), 'accès examiné(s)')}, {wrong} en défaut.")


def _from(row: Row) -> str:
    return f"{row.segment}@{row.site} ({', '.join(row.accesses)})"


def _towards(row: Row) -> str:
    origin = f"{', '.join(row.sources)} " if row.sources else ""
    return f"{origin}→ {', '.join(row.destinations)}"


def _verdict(judged: Judged) -> str:
    said = _VERDICTS[judged.verdict]
    return f"{said}, sauf : {', '.join(judged.excepted)}" if judged.excepted else said


def _table(lines: Sequence[Sequence[str]], margin: str = "") -> None:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo(f"{margin}{text}".rstrip())
