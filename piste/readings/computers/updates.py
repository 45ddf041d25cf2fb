"""Updates of the computers, as Windows says them: late, failing, silent; by ring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.figure import Figure, share
from piste.engine.finding import Finding, State
from piste.engine.words import agreed
from piste.readings.computers import kept
from piste.readings.computers.kept import Kept
from piste.readings.computers.report import Report, plain
from piste.town.model.assets.derived import Asset
from piste.town.model.computer_updates import TownUpdates
from piste.town.model.dates import today
from piste.town.model.derived import Derived

ID = "computers.updates"
WITHOUT = ("mac", "thin_client")
"""Variants that Windows Update does not keep."""
SILENT_DAYS = 14
"""Age of a report beyond which it says nothing of now, where nothing is declared."""


class Updated(NamedTuple):
    """A computer in service: its updates, the ring that it applies, when it said so."""

    asset: Asset
    state: State
    said: str
    ring: str = ""
    pending: int | None = None
    restart: bool | None = None
    read_at: datetime | None = None


def updated(town: Derived, environment: str, site: str | None = None, made: Kept | None = None) -> list[Updated]:
    """List the computers in service that Windows updates, by name; those of `site` alone.

    `made` are the measures, where they are loaded already.
    """
    if (rules := _rules(town)) is None:
        return []
    oldest, reports = oldest_of(town), reports_of(made or kept.last(environment))
    return [
        _judged(asset, reports.get(asset["name"].casefold()), rules, oldest)
        for asset in sorted(town.assets, key=lambda asset: asset["name"].casefold())
        if asset["kind"] == "computer" and asset["state"] == "in_service" and asset["variant"] not in WITHOUT
        and site in (None, asset["site"])
    ]  # fmt: skip


def oldest_of(town: Derived) -> date:
    """Give the day before which a report says nothing of now."""
    declared = town.commune["computer_measures"] if town.commune else None
    return today() - timedelta(days=declared["silent_days"] if declared else SILENT_DAYS)


def reports_of(made: Kept) -> dict[str, Report]:
    """Give the last report of each computer, by its name in small letters."""
    return {name.casefold(): measure.report for name, measure in made.measures.items()}


def _judged(asset: Asset, report: Report | None, rules: TownUpdates, oldest: date) -> Updated:
    if report is None or report.taken_at.date() < oldest:
        why = f"muet depuis le {_day(report.taken_at)}" if report else "aucune mesure de lui"
        return Updated(asset, "unknown", why)
    if (updates := report.updates) is None:
        return Updated(asset, "unknown", "son programme de mesure ne le dit pas", read_at=report.taken_at)
    applied = {plain(name) for name in report.policies or ()}
    ring = next((name for name, policy in rules["rings"].items() if plain(policy) in applied), "")
    state, said = _verdict(report.taken_at, updates.installed, updates.searched, updates.failed, rules)
    return Updated(asset, state, said, ring, updates.pending, updates.restart, report.taken_at)


def _verdict(
    at: datetime, installed: datetime | None, searched: datetime | None, failed: int | None, rules: TownUpdates
) -> tuple[State, str]:
    if failed:
        return "wrong", agreed(failed, "mise(s) à jour en échec")
    if searched and at - searched > timedelta(days=rules["search_days"]):
        return "wrong", f"ne cherche plus de mises à jour depuis le {_day(searched)}"
    if installed is None:
        return "unknown", "aucune mise à jour de sécurité dans son historique"
    if at - installed > timedelta(days=rules["late_days"]):
        return "wrong", f"dernière mise à jour de sécurité le {_day(installed)}"
    return "ok", f"mise à jour de sécurité du {_day(installed)}"


def findings(town: Derived, environment: str, made: Kept | None = None) -> Iterator[Finding]:
    """Yield the sites that are late, the rings that fail, and what is unknown.

    Nothing is said where no computer says what it is.
    """
    every, rules = updated(town, environment, made=made), _rules(town)
    if rules is None or not any(entry.read_at for entry in every):
        return
    for site in town.sites:
        wrong = [entry for entry in every if entry.asset["site"] == site and entry.state == "wrong"]
        if wrong:
            what = f"{site} : {agreed(len(wrong), 'poste(s)')} aux mises à jour de Windows en retard ou en échec"
            todo = f"Voyez lesquels : piste computers updates --site {site} --late."
            yield Finding(f"{ID}.{site}", "wrong", what, todo, site=site)
    yield from _rings(every, list(rules["rings"]))
    states = Counter(entry.state for entry in every)
    if unknown := states["unknown"]:
        what = f"mises à jour de Windows inconnues de {agreed(unknown, 'poste(s)')} sur {len(every)}"
        yield Finding(ID, "unknown", what, "Voyez lesquels : piste computers updates.", gravity="minor")
    elif not states["wrong"]:
        yield Finding(ID, "ok", f"{agreed(len(every), 'poste(s)')} à jour")


def _rings(every: Sequence[Updated], rings: Sequence[str]) -> Iterator[Finding]:
    """Yield the rings that fail; the last holds nobody back."""
    for ring in rings[:-1]:
        own = [entry for entry in every if entry.ring == ring]
        failed = [entry for entry in own if entry.state == "wrong"]
        if failed:
            what = f"anneau {ring} : {len(failed)} de ses {agreed(len(own), 'poste(s)')} en échec ou en retard"
            todo = "Différez les anneaux d’après (windows_update.defer_quality_days) avant qu’ils ne reçoivent la même."
            yield Finding(f"{ID}.ring.{ring}", "wrong", what, todo)


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield the share of the computers in service that are up to date; what is unknown is not."""
    every = updated(town, environment)
    if not every:
        return
    states: Mapping[str, int] = Counter(entry.state for entry in every)
    read = bool(len(every) - states["unknown"])
    value = share(states["ok"], len(every)) if read else None
    yield Figure("MAJ", value, "%", states["ok"] if read else None, len(every), states["unknown"])


def _rules(town: Derived) -> TownUpdates | None:
    return town.commune["computer_updates"] if town.commune else None


def _day(moment: datetime) -> str:
    return in_town(moment, DAY)
