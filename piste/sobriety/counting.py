"""The data of figures, and the making of shares: what was not read never conforms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from piste.sobriety.figure import Excluded, Figure, Method
from piste.sobriety.imports import Imports, Pc
from piste.sobriety.readings import Readings
from piste.sobriety.workstations import workstations
from piste.town.model import Site, Town
from piste.town.model.sobriety.form import Drives, Lever, SobrietyTarget

NO_HOURS = "aucune heure d’ouverture : le service est continu"


@dataclass(frozen=True, slots=True)
class Known:
    """The data of the figures of a day.

    `reference` are the figures of the first diagnosis; None if there is none.
    """

    town: Town
    readings: Readings
    imports: Imports
    today: date
    reference: Mapping[str, Figure] | None = None

    @property
    def day(self) -> str:
        return self.today.isoformat()

    @property
    def sites(self) -> dict[str, Site]:
        """The sites in service, by name."""
        return {name: site for name, site in self.town.sites.items() if site["lifecycle"] in ("open", "closing")}

    @property
    def pcs(self) -> Sequence[Pc] | None:
        """The workstations of the inventory, else of `pcs.csv`; None if nothing lists them."""
        return workstations(self.readings.computers, self.imports.pcs)

    @property
    def in_service(self) -> list[Pc]:
        """The workstations in service; empty if nothing lists them."""
        return [pc for pc in self.pcs or () if pc.status == "in_service"]

    def target(self, name: str) -> SobrietyTarget | None:
        return self.town.sobriety.targets.get(name)

    def lever(self, drives: Drives) -> tuple[str, Lever] | None:
        """Find the lever that drives something, with its name; None if none is declared."""
        levers = self.town.sobriety.levers.items()
        return next(((name, lever) for name, lever in levers if lever.drives == drives), None)

    def spared(self, site: str, drives: Drives) -> str:
        """Give the reason why a lever does nothing at a site, for good or today; empty if it acts.

        Levers of hours do nothing at a site without opening hours.
        """
        here, declared = self.town.sites.get(site), self.lever(drives)
        if here is None or declared is None:
            return ""
        name, lever = declared
        why = lever.spared.get(site) or (here["levers"][name]["spared"] if name in here["levers"] else "")
        if not why and drives in ("shutdown", "ssid_hours", "port_hours") and here["opening_hours"] is None:
            return NO_HOURS
        return why

    def applied(self, site: str, drives: Drives) -> bool:
        """Check that the declaration asks for a lever at a site today."""
        declared = self.lever(drives)
        return declared is not None and self.town.sites[site]["levers"][declared[0]]["state"] != "off"

    def figure(
        self,
        name: str,
        title: str,
        unit: str,
        value: float | None,
        source: str,
        *,
        on: str = "",
        method: Method = "measured",
        numerator: float | None = None,
        denominator: float | None = None,
        failing: Sequence[str] = (),
        unknown: Sequence[str] = (),
        excluded: Sequence[Excluded] = (),
        why: str = "",
        cctp: str = "4.4.6",
    ) -> Figure:
        """Make a figure with its target; `on` is the day of its data, by default today."""
        return Figure(
            name, title, unit, value, source, on or self.day, method,
            numerator=numerator, denominator=denominator, failing=failing, unknown=unknown, excluded=excluded,
            why=why, cctp=cctp, target=self.target(name),
        )  # fmt: skip

    def unknown(self, name: str, title: str, unit: str, source: str, why: str, cctp: str = "4.4.6") -> Figure:
        """Make a figure without a value."""
        return self.figure(name, title, unit, None, source, why=why, cctp=cctp)

    def share(
        self, name: str, title: str, counted: Counted, source: str, *, on: str = "", why: str = "", cctp: str = "4.4.6"
    ) -> Figure:
        """Make a share in per cent; unknown if nothing at all was read."""
        total = len(counted.conforming) + len(counted.failing) + len(counted.unknown)
        read = total > len(counted.unknown)
        reason = why or ("" if read else "rien n’a été relevé" if total else "personne n’est concerné")
        return self.figure(
            name, title, "%", 100 * len(counted.conforming) / total if read else None, source, on=on,
            numerator=len(counted.conforming), denominator=total, failing=counted.failing, unknown=counted.unknown,
            excluded=counted.excluded, why=reason, cctp=cctp,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counted:
    """Names by verdict; `unknown` were not read, `excluded` are left out."""

    conforming: Sequence[str]
    failing: Sequence[str]
    unknown: Sequence[str]
    excluded: Sequence[Excluded] = ()


def counted[T](
    items: Iterable[T], name: Callable[[T], str], verdict: Callable[[T], bool | None], spared: Callable[[T], str]
) -> Counted:
    """Sort items by their verdict (None: not read); an item that is spared is excluded."""
    sides: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    excluded = []
    for item in items:
        if why := spared(item):
            excluded.append(Excluded(name(item), why))
        else:
            sides[verdict(item)].append(name(item))
    return Counted(sides[True], sides[False], sides[None], excluded)


def sources(names: Iterable[str]) -> str:
    """List the sources of rows, each once."""
    return ", ".join(sorted(set(names)))


def because(names: Collection[str], why: str) -> str:
    """Write names and their reason: `ccas (deux bornes)`."""
    return f"{', '.join(names)} ({why})"
