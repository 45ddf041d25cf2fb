"""Packets that a probe sent at the places of a site: its last results, with their age."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from piste.probe.results import latest, pv_tests
from piste.sites.living.seen import Seen

if TYPE_CHECKING:
    from piste.model import Site

UNTRIED = "untried.packets"
_TITLE = "Des paquets passent comme déclaré, et pas autrement"
_REQUIREMENTS = ("R053", "R149", "R067")


def packets(site: Site, environment: str) -> Iterator[Seen]:
    """Judge by the last results of each place that the site still has."""
    names = {*site["segments"], *(ssid["name"] for ssid in site["ssids"])}
    known = [last for last in latest(environment, site["id"]) if last.place.name in names]
    for test in pv_tests(known):
        yield Seen(**{**test, "requirements": tuple(dict.fromkeys([*test["requirements"], "R067"]))})
    if not known:
        why = f"aucune sonde n’y est passée : piste probe {site['id']} (docs/recette-sur-place.md)"
        yield Seen(UNTRIED, "Recette sur place", _TITLE, _REQUIREMENTS, "essayé", "pas essayé", "untested", why)
