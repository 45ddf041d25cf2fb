"""What every figure comes from, and how those that count are made: nothing unread is ever taken for conforming."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from piste.model import Site, Town
from piste.model.schema_sobriety import Drives, Lever, SobrietyTarget
from piste.sobriety.figure import Excluded, Figure, Method
from piste.sobriety.imports import Imports, Pc
from piste.sobriety.readings import Readings

NO_HOURS = "aucune heure d'ouverture : le service est continu"


@dataclass(frozen=True, slots=True)
class Known:
    """All that the figures of a day come from; `reference` is those of the first diagnosis, None where none is kept."""

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
        return {name: one for name, one in self.town.sites.items() if one["lifecycle"] in ("open", "closing")}

    @property
    def in_service(self) -> list[Pc]:
        """The workstations in service; empty where none was imported."""
        return [pc for pc in self.imports.pcs or () if pc.status == "in_service"]

    def target(self, name: str) -> SobrietyTarget | None:
        return self.town.sobriety.targets.get(name)

    def lever(self, drives: Drives) -> tuple[str, Lever] | None:
        """The lever that turns something on, by its name; None where none is declared."""
        return next(((name, one) for name, one in self.town.sobriety.levers.items() if one.drives == drives), None)

    def spared(self, site: str, drives: Drives) -> str:
        """Why a lever does nothing at a site, for good or today; empty where it may. Hours ask for opening hours."""
        here, found = self.town.sites.get(site), self.lever(drives)
        if here is None or found is None:
            return ""
        name, lever = found
        why = lever.spared.get(site) or (here["levers"][name]["spared"] if name in here["levers"] else "")
        if not why and drives in ("shutdown", "ssid_hours", "port_hours") and here["opening_hours"] is None:
            return NO_HOURS
        return why

    def applied(self, site: str, drives: Drives) -> bool:
        """Whether the declaration asks for a lever at a site today."""
        found = self.lever(drives)
        return found is not None and self.town.sites[site]["levers"][found[0]]["state"] != "off"

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
        """A figure with its target; `on` is the day of its data, today where it was read today."""
        return Figure(
            name, title, unit, value, source, on or self.day, method,
            numerator=numerator, denominator=denominator, failing=failing, unknown=unknown, excluded=excluded,
            why=why, cctp=cctp, target=self.target(name),
        )  # fmt: skip

    def unknown(self, name: str, title: str, unit: str, source: str, why: str, cctp: str = "4.4.6") -> Figure:
        """A figure of which nothing is known."""
        return self.figure(name, title, unit, None, source, why=why, cctp=cctp)

    def share(
        self, name: str, title: str, counted: Counted, source: str, *, on: str = "", why: str = "", cctp: str = "4.4.6"
    ) -> Figure:
        """A share in per cent; unknown where nothing at all was read."""
        total = len(counted.conforming) + len(counted.failing) + len(counted.unknown)
        read = total > len(counted.unknown)
        reason = why or ("" if read else "rien n'a été relevé" if total else "personne n'est concerné")
        return self.figure(
            name, title, "%", 100 * len(counted.conforming) / total if read else None, source, on=on,
            numerator=len(counted.conforming), denominator=total, failing=counted.failing, unknown=counted.unknown,
            excluded=counted.excluded, why=reason, cctp=cctp,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counted:
    """Who conforms, who does not, who was not read, who is left out."""

    conforming: Sequence[str]
    failing: Sequence[str]
    unknown: Sequence[str]
    excluded: Sequence[Excluded] = ()


def counted[T](
    some: Iterable[T], name: Callable[[T], str], verdict: Callable[[T], bool | None], spared: Callable[[T], str]
) -> Counted:
    """Range each of `some` by its verdict (None: unread), but for those that are spared."""
    sides: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    excluded = []
    for one in some:
        if why := spared(one):
            excluded.append(Excluded(name(one), why))
        else:
            sides[verdict(one)].append(name(one))
    return Counted(sides[True], sides[False], sides[None], excluded)


def sources(some: Iterable[str]) -> str:
    """The sources of rows, each once."""
    return ", ".join(sorted(set(some)))


def because(names: Collection[str], why: str) -> str:
    """A name and its reason, as people read them: `ccas (deux bornes)`."""
    return f"{', '.join(names)} ({why})"
