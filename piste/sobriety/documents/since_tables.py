"""Savings since the start month by month, and what would measure what is still estimated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Table, Text, optional
from piste.sobriety.documents.energy_tables import KWH, SHEETS, range_cell, range_text
from piste.sobriety.documents.figure_tables import share
from piste.sobriety.documents.overview import EUROS, days_text
from piste.sobriety.footprint import Footprint, Line, Total
from piste.sobriety.parts import PERIMETERS
from piste.sobriety.since import METERS, Month, Since, Unread
from piste.sobriety.value_range import Range
from piste.town.model.sobriety.reporting import EnergyPrice

WOULD_MEASURE: Mapping[str, str] = {
    "desktop_pc": "compteurs de prises d’un échantillon (electricity.csv, pc), par site",
    "laptop": "compteurs de prises d’un échantillon (electricity.csv, pc), par site",
    "mac": "compteurs de prises d’un échantillon (electricity.csv, pc), par site",
    "thin_client": "compteurs de prises (electricity.csv, thin_client)",
    "ip_phone": "puissance PoE de leur port, lue du commutateur ; leur nombre, à l’inventaire",
    "interactive_board": "compteurs de prises (electricity.csv) ; leur nombre, à l’inventaire",
    "nodes": "capteur de puissance des nœuds, lu de Prism Central, ou compteur de baie (electricity.csv, hosting)",
    "access_point": "puissance PoE, comptée par un commutateur qui donne son énergie au Dashboard",
    "copier": "compteur de prise (electricity.csv, printing), ou relevé du constructeur",
    "printer": "compteur de prise (electricity.csv, printing)",
    "room": "deux compteurs du local technique, en entrée et sur les équipements (electricity.csv, room et room_it)",
}
SWITCH = "compteur de prise ou de baie (electricity.csv, network) : ce modèle ne donne pas son énergie au Dashboard"


class Measurable(TypedDict):
    """Equipment that a factor still estimates, at least in part, and what would measure it."""

    perimeter: str
    label: str
    kwh: float | None
    measured_share: float
    by: str


def measurable(footprint: Footprint) -> list[Measurable]:
    """List what is not measured yet, the largest energy first; what nobody counts comes last."""
    lines = [line for line in footprint.lines if line.kwh is None or line.measured_share < 1]
    lines.sort(key=lambda line: -(line.kwh.value * (1 - line.measured_share) if line.kwh else -1))
    return [
        {
            "perimeter": PERIMETERS[line.perimeter],
            "label": line.label,
            "kwh": line.kwh.value * (1 - line.measured_share) if line.kwh else None,
            "measured_share": line.measured_share,
            "by": _by(line),
        }
        for line in lines
    ]


def _by(line: Line) -> str:
    return WOULD_MEASURE.get(line.key, SWITCH if line.perimeter == "reseau" else "un compteur (electricity.csv)")


class MeasuredShare(TypedDict):
    """The measured part (0 to 1) of the energy of a perimeter, in the first reading and now."""

    perimeter: str
    first: float | None
    now: float | None


def measured_shares(first: Footprint, now: Footprint) -> list[MeasuredShare]:
    """Compare the measured part of each perimeter, then of all; an unknown energy has none."""
    before = {total.perimeter: total for total in (*first.perimeters, first.total)}
    return [
        {"perimeter": total.label, "first": _share_of(before.get(total.perimeter)), "now": _share_of(total)}
        for total in (*now.perimeters, now.total)
    ]


def _share_of(total: Total | None) -> float | None:
    return total.measured_share if total and total.kwh else None


def shares_table(shares: Sequence[MeasuredShare], first: str) -> Table:
    """Table of the measured parts since the reading of the day `first`."""
    return Table.of(
        "measured",
        "Part mesurée de l’énergie, de compteur en compteur",
        shares,
        lambda row: row["perimeter"],
        (Column("perimeter", "Périmètre", 4), lambda row: row["perimeter"]),
        (Column("first", f"Le {notation.day(first)}", 2), lambda row: _share(row["first"])),
        (Column("now", "Maintenant", 2), lambda row: _share(row["now"])),
    )


def _share(part: float | None) -> Cell:
    return Cell("inconnu", "doubt") if part is None else Cell(share(part))


def measurable_table(items: Sequence[Measurable]) -> Table:
    """Table of what a factor still estimates."""
    return Table.of(
        "measurable",
        "Ce qui est encore estimé, et ce qui le mesurerait",
        items,
        lambda item: item["label"],
        (Column("label", "Équipement", 3), lambda item: Cell(f"{item['label']} ({item['perimeter']})")),
        (Column("kwh", "kWh estimés", 2), lambda item: _estimated(item["kwh"])),
        (Column("share", "Déjà mesuré"), _measured),
        (Column("by", "À mesurer par", 5), lambda item: Cell(item["by"])),
        empty="Tout est mesuré.",
    )


def _measured(item: Measurable) -> Cell:
    return optional(None if item["kwh"] is None else share(item["measured_share"]))


def _estimated(kwh: float | None) -> Cell:
    return Cell("inconnu", "doubt") if kwh is None else Cell(notation.number(kwh))


def since_blocks(since: Since | None, prices: Sequence[EnergyPrice], labels: Mapping[str, str]) -> Iterator[Block]:
    """Print the savings of each month, of each lever or meter, the prices and the rule."""
    if since is None:
        yield Text("C’est le premier relevé : les gains se comptent à partir du prochain.")
        return
    if since.unread:
        yield unread_table(since.unread, labels)
    yield Table.of(
        "since",
        "Gains de chaque mois depuis le premier diagnostic",
        since.months,
        lambda month: month.month,
        (Column("month", "Mois", 2), lambda month: Cell(notation.month(month.month))),
        (Column("days", "Jours", 1), lambda month: Cell(notation.number(month.days))),
        (Column("measured", "Mesuré (kWh)", 2), lambda month: Cell(range_text(month.measured, KWH))),
        (Column("estimated", "Estimé (kWh)", 3), lambda month: _of_read(month.estimated, month.month, since.unread)),
        (Column("sheets", "Papier", 2), lambda month: range_cell(month.sheets, SHEETS)),
        (Column("euros", "Économie", 3), _euros),
        empty="Aucun intervalle entre deux relevés n’est compté.",
    )
    yield Table.of(
        "since-parts",
        "D’où viennent les kilowattheures",
        _parts(since),
        lambda part: part[0],
        (Column("part", "Levier, ou compteurs", 4), lambda part: Cell(labels.get(part[0]) or METER_LABELS[part[0]])),
        (Column("how", "Comment", 2), lambda part: Cell("mesuré" if part[0] in METERS else "estimé")),
        (Column("kwh", "kWh", 3), lambda part: range_cell(part[1], KWH)),
        empty="Aucun gain n’est compté.",
    )
    yield Table.of(
        "prices",
        "Prix de l’énergie, hors TVA",
        prices,
        lambda price: price.start,
        (Column("start", "À partir du", 2), lambda price: Cell(notation.day(price.start))),
        (Column("kwh", "€ par kWh", 1), lambda price: _price(price.eur_per_kwh)),
        (Column("sheet", "€ par feuille", 1), lambda price: optional(_price(price.eur_per_sheet))),
        (Column("source", "Source", 5), lambda price: price.source),
        status=lambda price: price.status,
        empty="Aucun prix n’est déclaré (sobriety_energy_price) : les gains restent en kWh.",
    )
    gaps = ", ".join(f"du {notation.day(start)} au {notation.day(until)}" for start, until in since.gaps)
    unpriced = f" {agreed(since.unpriced, 'jour(s)')} sans prix." if since.unpriced else ""
    hole = f" Relevés trop éloignés, rien n’y est compté : {gaps}." if gaps else ""
    yield Text(f"{since.method}{unpriced}{hole}")


def unread_table(unread: Sequence[Unread], labels: Mapping[str, str]) -> Table:
    """Table of the levers that were not read again, with the days of the two readings."""
    return Table.of(
        "since-unread",
        "Ce qui n’a pas été relu : inconnu, ni gain ni perte",
        unread,
        lambda gap: f"{gap.lever}-{gap.start}",
        (Column("lever", "Levier", 4), lambda gap: Cell(labels.get(gap.lever, gap.lever))),
        (Column("days", "Entre deux relevés", 3), lambda gap: Cell(days_text(gap))),
        (Column("what", "Inconnu", 3), lambda gap: Cell(_silent_text(gap), "doubt")),
    )


def _silent_text(gap: Unread) -> str:
    return "tout" if gap.silent is None else f"jusqu’à {agreed(gap.silent, 'cible(s)')}"


def _of_read(estimated: Range, month: str, unread: Sequence[Unread]) -> Cell:
    """Write the savings of a month, and that something was not read again in it."""
    text = range_text(estimated, KWH)
    silent = any(gap.start[:7] <= month <= gap.until[:7] for gap in unread)
    return Cell(f"{text}, hors ce qui n’a pas été relu", "doubt") if silent else Cell(text)


def _parts(since: Since) -> list[tuple[str, Range | None]]:
    """List what each lever or meter saved; unknown for a lever that was never read twice."""
    unknown = dict.fromkeys(gap.lever for gap in since.unread if gap.lever not in since.parts and gap.silent is None)
    return [*since.parts.items(), *((lever, None) for lever in unknown)]


METER_LABELS: Mapping[str, str] = {
    "F22.kwh": "Énergie",
    "F22.metered_pc": "Postes sous compteur",
    "F22.metered_thin_client": "Clients légers sous compteur",
    "F22.metered_printing": "Impression sous compteur",
    "F22.metered_network": "Réseau sous compteur",
    "F22.metered_hosting": "Hébergement sous compteur",
    "F22.switches": "Commutateurs qui se mesurent",
}


def _price(euros: float | None) -> str | None:
    return None if euros is None else f"{euros:.4f}".rstrip("0").rstrip(".").replace(".", ",")


def _euros(month: Month) -> Cell:
    parts = [part for part in (month.euros_measured, month.euros_estimated) if part is not None]
    if not parts:
        return Cell("sans prix", "doubt")
    whole = parts[0] if len(parts) == 1 else parts[0].plus(parts[1])
    return Cell(range_text(whole, EUROS))
