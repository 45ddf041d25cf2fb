"""All that a verification says of what lives at a site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from piste.engine.converge.reading import FAULTS
from piste.runs.plans.play import Played
from piste.sites.living.firewall import firewall
from piste.sites.living.firmware import firmware
from piste.sites.living.hosting import hosting
from piste.sites.living.network import network
from piste.sites.living.seen import Seen, readings
from piste.sites.living.supervision import supervision

if TYPE_CHECKING:
    from piste.town.model import Site, Town

UNTRIED = "untried.supervision"
"""The test that the *PV de recette* asks for (CCTP 3.6.7) where no supervision was read."""


def lives(town: Town, site: Site, hosted: list[str], played: Played, read: Path) -> Iterator[Seen]:
    """Judge what lives at a site.

    `hosted` names the machines on its segments, `read` is the folder of readings.
    """
    known = readings(read, played)
    yield from judged("network", "Réseau", lambda: list(network(site, known["meraki"])))
    yield from judged("firewall", "Pare-feu", lambda: list(firewall(town, site, known["smc"])))
    yield from judged("hosting", "Hébergement", lambda: list(hosting(town, hosted, known["prism"])))
    yield from judged("firmware", "Versions", lambda: [firmware(town, site, bool(hosted), known)])
    watched = list(judged("supervision", "Supervision", lambda: list(supervision(site, known["zabbix"], played))))
    yield from watched
    if not watched:
        why = "Piste ne l’essaie pas encore : essayez-le à la main, et joignez-en la preuve"
        title = "Le site est vu de la supervision"
        yield Seen(UNTRIED, "Supervision", title, ("R067",), "essayé", "pas essayé", "untested", why)


def judged(name: str, domain: str, judge: Callable[[], list[Seen]]) -> Iterator[Seen]:
    """Make the judgements of a domain; a reading that makes no sense is unknown."""
    try:
        yield from judge()
    except FAULTS as error:
        title, why = "Ce qui vit", f"ce qui a été lu ne se comprend pas ({type(error).__name__} : {error})"
        yield Seen(f"living.{name}", domain, title, ("R067",), "lu", "pas compris", "unknown", why)
