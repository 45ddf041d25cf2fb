"""Use of the network by hour of the week: the drawing of the town, and its table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Drawing, Table, Text
from piste.papers.dossier.charts import Day, days
from piste.sobriety.activity import FRENCH_DAYS
from piste.sobriety.breakdown import Listing
from piste.sobriety.documents.figure_tables import UNKNOWN
from piste.sobriety.figures_usage import PROFILE
from piste.sobriety.history import Reading

HOURS = range(24)
CAPTION = "Clients Wi-Fi par heure de la semaine, en moyenne, tous sites ensemble"
_DAY = 2
"""The cells of a row before its hours: the site and the day."""


def usage_blocks(reading: Reading) -> Iterator[Block]:
    """Print the week of the town; where no week was read, say so."""
    listing = profile_of(reading)
    if listing is None or not listing.rows:
        yield Text("L’usage du réseau par heure n’a pas encore été relevé (piste sobriety network --read).")
        return
    yield activity_drawing(listing)
    yield activity_table(listing)


def profile_of(reading: Reading) -> Listing | None:
    """Find the profile that a reading keeps; a reading made before there was any has none."""
    return next((listing for listing in reading.lists if listing.key == PROFILE), None)


def activity_drawing(listing: Listing) -> Drawing:
    """Draw the clients of all sites, 7 days by 24 hours."""
    week = [Day(day, _sum(listing, day)) for day in FRENCH_DAYS]
    return Drawing.of("usage", CAPTION, _words(listing, [day.hours for day in week]), days, week)


def _sum(listing: Listing, day: str) -> list[float | None]:
    rows = [row[_DAY:] for row in listing.rows if row[1] == day]
    return [_known([row[hour] for row in rows]) for hour in HOURS]


def _known(values: Sequence[str | int | float | None]) -> float | None:
    known = [float(value) for value in values if isinstance(value, (int, float))]
    return sum(known) if known else None


def _words(listing: Listing, week: Sequence[Sequence[float | None]]) -> str:
    """Write what the drawing shows."""
    values = [(value, day, hour) for day, hours in enumerate(week) for hour, value in enumerate(hours) if value]
    sites = len({row[0] for row in listing.rows})
    if not values:
        return f"Aucun client n’a été vu sur {sites} sites."
    most, day, hour = max(values, key=lambda known: (known[0], -known[1], -known[2]))
    silent = sum(value is None for hours in week for value in hours)
    gaps = f" {silent} heures n’ont été mesurées nulle part (hachures)." if silent else ""
    return (
        f"Somme des moyennes de {sites} sites. La pointe est le {FRENCH_DAYS[day]} de {hour} h à {hour + 1} h, avec "
        f"{most:.0f} clients. Une heure qu’un site n’a pas est celle des autres.{gaps}"
    )


def activity_table(listing: Listing) -> Table:
    """Table of the same, an hour a row."""
    week = {day: _sum(listing, day) for day in FRENCH_DAYS}
    return Table.of(
        "usage",
        f"{CAPTION}, en chiffres",
        HOURS,
        str,
        (Column("hour", "Heure", 2), lambda hour: Cell(f"{hour} h à {hour + 1} h")),
        *((Column(day, day.capitalize(), 1), lambda hour, day=day: _cell(week[day][hour])) for day in FRENCH_DAYS),
    )


def _cell(value: float | None) -> Cell:
    return Cell(UNKNOWN, "doubt") if value is None else Cell(notation.number(value, 1 if 0 < value < 10 else 0))
