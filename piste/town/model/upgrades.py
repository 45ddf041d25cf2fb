"""Upgrades of firmware: a product, a version, waves of sites; the first wave is the pilot.

An upgrade names an approved version. A wave stops the waves after it as long as its sites have not taken the version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import TYPE_CHECKING, Annotated, Literal, NotRequired, TypedDict
from zoneinfo import ZoneInfo

from pydantic import Field

from .changes import inside
from .firmware import Version, class_of
from .forms import Date, Form, SiteName, Time, Title
from .layer2.carried import FIREWALL
from .wording import closest

if TYPE_CHECKING:
    from .declaration import Declaration, DeclaredSite
    from .site import Site
    from .variables import TownLevel
    from .view import View

KINDS: Mapping[str, str] = {"switch": "switch", "wireless": "access_point"}
ReasonOfReturn = Literal[
    "broke old features", "other", "performance", "stability", "testing", "unifying networks versions"
]
"""The categories of the Dashboard."""
BETWEEN = timedelta(days=1)
"""Least time from a wave to the next: its sites have worked a day on the version."""


class WayBack(Form):
    """The return of the sites of a wave to the version before, at a moment of the town."""

    to: Version
    category: ReasonOfReturn
    reason: Title
    day: Date
    at: Time


class UpgradeWave(Form):
    """Sites whose devices restart at the same moment, in the town's local time.

    `together` says why switches that each carry other sites or the firewall may restart together.
    """

    sites: Annotated[list[SiteName], Field(min_length=1)]
    day: Date
    at: Time
    together: Title | None = None
    rollback: WayBack | None = None


class Upgrade(Form):
    """An upgrade of the switches or of the access points of some sites."""

    product: Literal["switch", "wireless"]
    version: Version
    waves: Annotated[list[UpgradeWave], Field(min_length=1)]


class Reason(TypedDict):
    category: str
    comment: str


class PlannedUpgrade(TypedDict):
    """The upgrade of a product of a site; `time` in UTC, `pilots` the networks of earlier waves.

    With a `rollback`, the way back to the version.
    """

    product: str
    version: str
    time: str
    pilots: list[str]
    rollback: NotRequired[Reason]


def derive_upgrades(
    declaration: Declaration, sites: Mapping[str, Site], declared: DeclaredSite
) -> list[PlannedUpgrade]:
    """Derive the upgrades of a site: the last declared of each product."""
    town, planned = declaration.town.variables, dict[str, PlannedUpgrade]()
    networks = {name: site["network_name"] for name, site in sites.items()}
    for upgrade in town.upgrades.values():
        for rank, wave in enumerate(upgrade.waves):
            if declared.id in wave.sites:
                pilots = [name for earlier in upgrade.waves[:rank] for name in earlier.sites if name in networks]
                back, moment = wave.rollback, _moment(wave.rollback or wave, town.network.timezone)
                item = planned[upgrade.product] = PlannedUpgrade(
                    product=upgrade.product,
                    version=back.to if back else upgrade.version,
                    time=f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                    pilots=[] if back else [networks[name] for name in pilots],
                )
                if back:
                    item["rollback"] = Reason(category=back.category, comment=back.reason)
    return list(planned.values())


def upgrading(town: TownLevel, sites: Mapping[str, Site]) -> list[str]:
    """List the networks whose switches an upgrade concerns."""
    waves = [wave for upgrade in town.upgrades.values() if upgrade.product == "switch" for wave in upgrade.waves]
    return sorted({sites[name]["network_name"] for wave in waves for name in wave.sites if name in sites})


def check_upgrades(view: View) -> None:
    """M242 to M244: approved versions, known sites, the core alone, waves in their windows."""
    town = view.declared.town
    for name, upgrade in town.variables.upgrades.items():
        whole = [("M242", None, message) for message in _unapproved(view, upgrade)]
        unfit = [("M243", rank, message) for rank, message in _unfit(view, upgrade)]
        timed = [("M244", rank, message) for rank, message in _badly_timed(view, upgrade)]
        for rule, rank, message in (*whole, *unfit, *timed):
            key = ("upgrades", name, *(() if rank is None else ("waves", rank)))
            where = f"upgrades[{name}]" + ("" if rank is None else f".waves[{rank + 1}]")
            view.faults.add(f"PISTE-{rule}", where, town.where(key, key[:2]), message)


def _unapproved(view: View, upgrade: Upgrade) -> Iterator[str]:
    """Name the models of the sites for which nobody has approved the version."""
    approved = view.declared.town.variables.firmware
    models = {
        device["model"]
        for wave in upgrade.waves
        for site in wave.sites
        if site in view.sites
        for device in view.sites[site]["devices"]
        if device["kind"] == KINDS[upgrade.product]
    }
    versions = dict.fromkeys((upgrade.version, *(wave.rollback.to for wave in upgrade.waves if wave.rollback)))
    for model, version in product(sorted(models), versions):
        followed = class_of(model, approved)
        entry = approved[followed] if followed else None
        if entry is None or version not in entry.versions:
            yield f"{version} n’est pas une version approuvée pour {model}"
        elif not entry.approved or not entry.by:
            yield f"{version} est proposée pour {model} ({followed}), sans le jour et l’auteur de la décision"


def _unfit(view: View, upgrade: Upgrade) -> Iterator[tuple[int, str]]:
    """Name the sites that are unknown, lack the product, come twice, join the core or have two."""
    seen: set[str] = set()
    for rank, wave in enumerate(upgrade.waves):
        for name in wave.sites:
            if name not in view.sites:
                yield rank, f"site « {name} » inconnu. {closest(name, view.sites)}".rstrip()
            elif not any(device["kind"] == KINDS[upgrade.product] for device in view.sites[name]["devices"]):
                yield rank, f"{name} n’a aucun équipement de ce type"
            if name in seen:
                yield rank, f"{name} est déjà dans une vague"
            seen.add(name)
            if upgrade.product == "switch" and not wave.together and len(pair := _carriers(view, name)) > 1:
                both = f"{name} : {', '.join(pair)} portent chacun le pare-feu ou d’autres sites"
                yield rank, f"{both}, et le Dashboard redémarre tout un réseau dans la même fenêtre"
        core = view.core["site"] if view.core and upgrade.product == "switch" else None
        if core in wave.sites and len(wave.sites) > 1:
            yield rank, f"{core} porte le cœur : ses commutateurs redémarrent seuls, jamais avec ceux d’un autre site"


def _carriers(view: View, name: str) -> list[str]:
    """Name the switches and stacks of a site that carry the firewall, other sites or routes.

    A stack is a single thing: its members restart together.
    """
    site, core = view.sites.get(name), view.core
    if site is None:
        return []
    stacks = {member["name"]: stack["name"] for stack in site["stacks"] for member in stack["members"]}
    ways: dict[str, set[str]] = {}
    for device in site["devices"]:
        unit = stacks.get(device["name"], device["name"])
        ends = {port["far_end"] for port in device["ports"] if port["far_end"]}
        ways.setdefault(unit, set()).update(ends & {*view.sites, FIREWALL})
        if core and device["serial"] in core["serials"]:
            ways[unit] |= {*view.sites}
    return sorted(unit for unit, ends in ways.items() if FIREWALL in ends or len(ends) > 1)


def _badly_timed(view: View, upgrade: Upgrade) -> Iterator[tuple[int, str]]:
    """Name the waves too near the one before, outside the change windows, or in a freeze."""
    zone = view.declared.town.variables.network.timezone
    moments = [_moment(wave, zone) for wave in upgrade.waves]
    for rank, (earlier, later) in enumerate(pairwise(moments), start=1):
        if later - earlier < BETWEEN:
            yield rank, "une vague suit la précédente d’un jour au moins : ce qu’elle a cassé se voit à l’ouverture"
    for rank, wave in enumerate(upgrade.waves):
        if wave.rollback and _moment(wave.rollback, zone) <= moments[rank]:
            yield rank, "le retour (rollback) suit la mise à niveau de la vague"
    for declared in view.declared.sites:
        mine = [(rank, wave) for rank, wave in enumerate(upgrade.waves) if declared.id in wave.sites]
        for rank, at in ((rank, at) for rank, wave in mine for at in (wave, wave.rollback) if at):
            moment = _moment(at, zone).replace(tzinfo=None)
            if not any(inside(window, moment) for window in declared.variables.change_windows.windows):
                yield rank, f"le {at.day} à {at.at} est hors des fenêtres de changement de {declared.id}"
            for freeze in view.declared.town.variables.freezes:
                if freeze.start <= f"{moment:%Y-%m-%dT%H:%M}" <= freeze.until and declared.id not in freeze.spared:
                    yield rank, f"le {at.day} à {at.at} est dans un gel : {freeze.why}"


def _moment(wave: UpgradeWave | WayBack, zone: str) -> datetime:
    hours, minutes = map(int, wave.at.split(":"))
    day = date.fromisoformat(wave.day)
    return datetime(day.year, day.month, day.day, hours % 24, minutes, tzinfo=ZoneInfo(zone)) + timedelta(
        days=hours // 24
    )
