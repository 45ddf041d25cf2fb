"""Supervision of a site: assets and links are watched, enabled, and their data is fresh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from piste.engine.clock import in_town
from piste.engine.finding import Gravity
from piste.engine.words import agreed
from piste.runs.plans.play import Played
from piste.sites.living.seen import Faults, Reading, Seen
from piste.systems.zabbix.coverage import covered

if TYPE_CHECKING:
    from piste.town.model import Site

DOMAIN = "Supervision"
ID, _TITLE, _REQUIREMENTS = "living.supervision", "Le site est vu de la supervision", ("R055", "R067")


def supervision(site: Site, reading: Reading, played: Played) -> Iterator[Seen]:
    """Judge the share of the site's assets and links that are watched (F11), and what they say.

    Yield nothing where nobody asked: no supervision is declared, or the lab has none.
    """
    asked = reading.parts or any("ce qui vit (supervision)" in trouble.task for trouble in played.troubles)
    if site["supervision"] is None or not asked:
        return
    expected, at = "chaque actif, chaque liaison surveillés, aux mesures fraîches", reading.read_at
    if why := reading.unread("hosts", "problems"):
        yield Seen(ID, DOMAIN, _TITLE, _REQUIREMENTS, expected, "pas lu", "unknown", why, None, at)
        return
    rows = covered([site], reading.parts)
    faults = Faults()
    for row in rows:
        if row.state != "watched":
            faults.add(row.name, f" : {row.why}", "unknown" if row.state == "unknown" else "wrong", "minor")
    problems = {row.name: here for row in rows if (here := reading.parts["problems"].get(row.name))}
    for name, here in problems.items():
        for problem in here:
            faults.add(name, f" : {problem_text(problem)}", gravity=GRAVITY[problem["severity"]])
    well = f"{agreed(len(rows), 'élément(s) surveillé(s)')}, sans problème en cours"
    proof = {"coverage": [row._asdict() for row in rows], "problems": problems, "read_at": at}
    observed = faults.said(well)
    yield Seen(
        ID, DOMAIN, _TITLE, _REQUIREMENTS, expected, observed, faults.verdict, "", proof, at, faults.each,
        wrong=faults.lines,
    )  # fmt: skip


SEVERITIES = ("non classé", "information", "avertissement", "moyen", "haut", "désastre")
GRAVITY: Sequence[Gravity] = ("minor", "minor", "minor", "major", "critical", "critical")
"""The gravity of each severity of Zabbix."""


def problem_text(problem: Mapping[str, Any]) -> str:
    """Write a problem of Zabbix: name, severity, since when, acknowledged or not."""
    acknowledged = "acquitté" if problem["acknowledged"] else "pas acquitté"
    since = in_town(problem["since"])
    return f"{problem['name']} ({SEVERITIES[problem['severity']]}, depuis le {since}, {acknowledged})"
