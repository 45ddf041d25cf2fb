"""One list of versions: read, approved, planned, and who launches the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from piste.sites.living import kept
from piste.sites.living.firmware import Compared, Running, compared, of_cluster, of_site
from piste.sites.living.seen import Reading
from piste.sites.living.waves import Wave, waves
from piste.town.declared import serving
from piste.town.model.firmware import ENGINE, HYPERVISOR, NEXUS, STORAGE
from piste.town.model.upgrades import KINDS

if TYPE_CHECKING:
    from piste.town.model import Site
    from piste.town.model.derived import Derived


class Launch(NamedTuple):
    """The launch of an upgrade: by whom, after which copies, with which way back.

    What no public document is known to give is empty.
    """

    who: str
    before: str = ""
    back: str = ""


_PLANNED = Launch("piste plan, piste apply", "piste configurations keep", "retour déclaré de la vague (rollback)")
LAUNCHES: Mapping[str, Launch] = {
    "switch": _PLANNED,
    "access_point": _PLANNED,
    ENGINE: Launch("une personne, au SMC", "piste backups read"),
    STORAGE: Launch("une personne, à Prism (LCM)", "piste backups read"),
    HYPERVISOR: Launch("une personne, à Prism (LCM)", "piste backups read"),
    NEXUS: Launch("une personne, sur le Nexus", "piste configurations keep"),
}
"""By class of the approved list, or kind of device."""
_READ_BY: Mapping[str, str] = {STORAGE: "prism", HYPERVISOR: "prism", NEXUS: "nexus", ENGINE: "smc"}
UNKEPT = Reading(why="lu par piste verify seulement")
"""The engines are read at a verification, which keeps its own proof."""


class Row(NamedTuple):
    """A thing of the list.

    `wave` is its declared upgrade, until its version runs.
    """

    site: str
    compared: Compared
    launch: Launch
    wave: Wave | None
    read_at: str | None


def rows(town: Derived, environment: str, only: str | None = None) -> Iterator[Row]:
    """Yield what runs a version at the sites in service, or at a site.

    The engines, which filter for several sites, and the cluster belong to the town.

    Raises `UnreadableReading`.
    """
    ahead = {(wave.site, KINDS[wave.product]): wave for wave in waves(town, environment)}
    readings = {**kept.readings(kept.known(town, environment), town), "smc": UNKEPT}
    own, shared = town.commune["id"] if town.commune else "", dict[str, Running]()
    for name, site in serving(town).items():
        for thing in of_site(town, site, readings):
            if thing.model == ENGINE and only != name:
                shared[thing.name] = thing
            elif only in (None, name):
                kind = thing.model if thing.model in _READ_BY else _kind(site, thing)
                yield _row(town, name, kind, thing, readings, ahead.get((name, kind)))
    if only in (None, own):
        for thing in (*shared.values(), *of_cluster(town, readings["prism"])):
            yield _row(town, own, thing.model, thing, readings)


def _kind(site: Site, thing: Running) -> str:
    return next(device["kind"] for device in site["devices"] if device["name"] == thing.name)


def _row(
    town: Derived, name: str, kind: str, thing: Running, readings: Mapping[str, Reading], wave: Wave | None = None
) -> Row:
    launch, read_at = LAUNCHES.get(kind, Launch("une personne")), readings[_READ_BY.get(kind, "meraki")].read_at
    ahead = wave if wave and wave.version != thing.version else None
    return Row(name, compared(thing, town.firmware), launch, ahead, read_at)
