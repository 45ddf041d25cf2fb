"""Supervision of a site: assets and links are watched, enabled, and their data is fresh."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from piste.plans.play import Played
from piste.sites.living.seen import Faults, Reading, Seen
from piste.words import agreed
from piste.zabbix.coverage import covered

if TYPE_CHECKING:
    from piste.model import Site

DOMAIN = "Supervision"
_ID, _TITLE, _REQUIREMENTS = "living.supervision", "Le site est vu de la supervision", ("R055", "R067")


def supervision(site: Site, reading: Reading, played: Played) -> Iterator[Seen]:
    """Judge the share of the site's assets and links that are watched (F11), and what they say.

    Yield nothing where nobody asked: no supervision is declared, or the lab has none.
    """
    asked = reading.parts or any("ce qui vit (supervision)" in trouble.task for trouble in played.troubles)
    if site["supervision"] is None or not asked:
        return
    expected, at = "chaque actif, chaque liaison surveillés, aux mesures fraîches", reading.read_at
    if why := reading.unread("hosts", "problems"):
        yield Seen(_ID, DOMAIN, _TITLE, _REQUIREMENTS, expected, "pas lu", "unknown", why, None, at)
        return
    rows = covered([site], reading.parts)
    faults = Faults()
    for row in rows:
        lines = faults.unknown if row.state == "unknown" else faults.wrong
        if row.state != "watched":
            lines.append(f"{row.name} : {row.why}")
    problems = {row.name: count for row in rows if (count := reading.parts["problems"].get(row.name))}
    faults.wrong += [f"{name} : {agreed(count, 'problème(s)')} en cours" for name, count in problems.items()]
    well = f"{agreed(len(rows), 'élément(s) surveillé(s)')}, sans problème en cours"
    proof = {"coverage": [row._asdict() for row in rows], "problems": problems, "read_at": at}
    yield Seen(_ID, DOMAIN, _TITLE, _REQUIREMENTS, expected, faults.said(well), faults.verdict, "", proof, at)
