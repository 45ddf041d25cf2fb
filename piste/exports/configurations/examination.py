"""The examination of the repositories: integrity, sequence, age, copies, retention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

from piste.engine.converge.text import on_one_line
from piste.engine.finding import Finding
from piste.engine.git import GitFailed
from piste.engine.words import agreed
from piste.exports.configurations.copies import NotSent, present
from piste.exports.configurations.home import Home
from piste.exports.configurations.repository import FOLLOWS, Altered, Repository
from piste.systems.kinds import DOMAINS, TITLES
from piste.town.model.configurations import DerivedCopy, TownConfigurations
from piste.town.model.dates import now

LATE_HOURS = 26
"""The age of a reading beyond which a night was missed: a day, and the time that a night takes."""


def examine(home: Home, declared: TownConfigurations) -> Iterator[Finding]:
    """Examine the repositories of an environment and their copies."""
    if not home.years():
        yield Finding("configurations.repository", "unknown", "aucune nuit n’est gardée", "piste configurations keep")
        return
    examined = [_repository(repository) for repository in home.years()]
    yield from examined
    if any(finding.state != "ok" for finding in examined):
        return
    yield from _sequence(home)
    yield from _readings(home)
    for copy in declared["copies"]:
        for repository in home.years():
            yield _copy(repository, copy)
    yield from _retention(home, declared)


def _repository(repository: Repository) -> Finding:
    name = "configurations.repository"
    try:
        repository.examine()
        count = len(repository.commits)
    except Altered as error:
        return Finding(name, "wrong", f"{repository.year} : {on_one_line(error.why)}", error.todo)
    return Finding(name, "ok", f"{repository.year} : {agreed(count, 'nuit(s)')}, chaque objet relu")


def _sequence(home: Home) -> Iterator[Finding]:
    """Check that each year follows the last night of the year before it."""
    for before, year in pairwise(home.years()):
        follows = year.commits[0].trailers.get(FOLLOWS, [""])[0]
        if follows != f"{before.year} {before.head()}":
            what = f"{year.year} ne suit pas la dernière nuit de {before.year}"
            yield Finding("configurations.sequence", "wrong", what, "Reprenez l’année d’une de ses copies.")
        else:
            yield Finding("configurations.sequence", "ok", f"{year.year} suit {before.year}")


def _readings(home: Home) -> Iterator[Finding]:
    note = home.note()
    for domain in DOMAINS:
        read_at, why = note["read_at"].get(domain), note["unread"].get(domain)
        if not read_at:
            what = f"{TITLES[domain]} : jamais lu en entier"
            yield Finding("configurations.age", "unknown", what, on_one_line(why or "piste configurations keep"))
            continue
        hours = (now() - datetime.fromisoformat(read_at).astimezone(UTC)).total_seconds() / 3600
        state = f"{TITLES[domain]} : lu il y a {agreed(round(hours), 'heure(s)')}"
        if hours > LATE_HOURS:
            missed = "La nuit a manqué : journalctl -u piste-configurations."
            yield Finding("configurations.age", "wrong", state, on_one_line(why or missed))
        else:
            yield Finding("configurations.age", "ok", state)


def _copy(repository: Repository, copy: DerivedCopy) -> Finding:
    name, place = "configurations.copies", f"{copy['store']}, {repository.year}"
    try:
        there = present(repository, copy)
    except (GitFailed, OSError, NotSent) as error:
        return Finding(name, "unknown", f"{place} : {on_one_line(str(error))}", "Voyez si ce support répond.")
    if not there:
        return Finding(name, "wrong", f"{place} : la copie n’y est pas", "piste configurations keep")
    if there != repository.head():
        return Finding(name, "wrong", f"{place} : la copie n’a pas la dernière nuit", "piste configurations keep")
    return Finding(name, "ok", f"{place} : la copie est entière")


def _retention(home: Home, declared: TownConfigurations) -> Iterator[Finding]:
    if old := [repository.year for repository in beyond(home, declared["keep_years"])]:
        what = f"{', '.join(old)} : au-delà de {agreed(declared['keep_years'], 'année(s)')}"
        yield Finding("configurations.retention", "wrong", what, "piste configurations prune")


def beyond(home: Home, keep_years: int) -> list[Repository]:
    """List the years beyond the retention, which counts whole years beside the current."""
    return [repository for repository in home.years() if int(repository.year) < now().year - keep_years]
