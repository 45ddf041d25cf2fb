"""Copies in the repositories of Veeam: restore points, never what a job says of itself.

A restore point is a copy of the object that it names. It is `failed` where its session failed or where malware was
found in it, `unknown` where its session has not ended, is not known any more, or where its repository is off line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from piste.engine.clock import DAY, in_town
from piste.engine.converge.moments import ahead, zoned
from piste.engine.words import some
from piste.readings.protection.copies import Copy, Reading, State, reading, stamp

Document = Mapping[str, Any]
OBJECT = frozenset({"S3", "Azure", "Google", "Wasabi", "IBM", "Amazon", "Cloud"})
"""Beginnings or parts of the types of repositories that are object storage."""
LATE = timedelta(hours=26)
"""A restore point may be older than the last run that succeeded by a day of work."""


class NoSense(ValueError):
    """A document lacks what its reader needs, or has it in another form."""


@dataclass(frozen=True, slots=True)
class Read:
    """Answers of a server, list by list."""

    repositories: Sequence[Document]
    states: Sequence[Document]
    jobs: Sequence[Document]
    backups: Sequence[Document]
    points: Sequence[Document]
    sessions: Sequence[Document]
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Bytes that a restore point takes, by its id, where Veeam says."""


def text(document: Document, name: str) -> str:
    """Give a text of a document. Raises `NoSense`."""
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise NoSense(f"« {name} » est attendu")
    return value


def moment(document: Document, name: str) -> datetime:
    """Give a moment of a document, in UTC; it must have a zone. Raises `NoSense`."""
    try:
        return zoned(text(document, name)).astimezone(UTC)
    except ValueError as error:
        raise NoSense(f"« {name} » n’est pas un moment avec son fuseau") from error


def immutable_days(repository: Document) -> int | None:
    """Give the days for which a repository keeps what it has immutable; None: it does not say.

    A hardened repository says it in its settings, object storage in its bucket or container. That the delay counts
    from the creation of the restore point is [belief veeam.immutability]; a chain, or generations of blocks, may keep
    it longer.
    """
    inner = repository.get("repository")
    if repository.get("type") == "LinuxHardened" and isinstance(inner, Mapping):
        days = inner.get("makeRecentBackupsImmutableDays")
        return days if isinstance(days, int) and not isinstance(days, bool) and 0 < days < 100_000 else None
    for name in ("bucket", "container"):
        place = repository.get(name)
        immutability = place.get("immutability") if isinstance(place, Mapping) else None
        if isinstance(immutability, Mapping) and immutability.get("isEnabled") is True:
            days = immutability.get("daysCount")
            return days if isinstance(days, int) and not isinstance(days, bool) and 0 < days < 100_000 else None
    return None


def medium(repository: Document) -> str:
    """Give the medium of a repository by its type: `object` or `disk`."""
    kind = str(repository.get("type") or "")
    return "object" if any(part in kind for part in OBJECT) else "disk"


def readings(
    read: Read,
    stores: Mapping[str, Sequence[str]],
    mediums: Mapping[str, str],
    sets: Mapping[str, str],
    now: datetime,
    warnings: list[str],
) -> list[Reading]:
    """Make the reading of each store.

    `stores` gives its repositories by name, `mediums` its declared medium, `sets` the set of an object. What
    nobody declares is named in `warnings`. A store with a repository that is absent, off line or makes no sense is
    unknown as a whole.
    """
    named = {str(repository.get("name")): repository for repository in read.repositories}
    mapped = {name for names in stores.values() for name in names}
    if others := sorted(named.keys() - mapped):
        warnings.append(f"dépôts de Veeam qu’aucun endroit ne désigne : {', '.join(others)}")
    unknown_objects: set[str] = set()
    made = [
        _reading(read, store, names, mediums.get(store, ""), named, sets, now, warnings, unknown_objects)
        for store, names in stores.items()
    ]
    if unknown_objects:
        warnings.append(f"objets copiés que rien ne déclare : {some(sorted(unknown_objects), 20)}")
    try:
        warnings += liars(read)
    except NoSense as error:
        warnings.append(f"les tâches de Veeam ne se comparent pas à leurs points de restauration : {error}")
    return made


def _reading(
    read: Read,
    store: str,
    names: Sequence[str],
    expected: str,
    named: Mapping[str, Document],
    sets: Mapping[str, str],
    now: datetime,
    warnings: list[str],
    strangers: set[str],
) -> Reading:
    try:
        repositories = {text(named[name], "id"): named[name] for name in names}
        for repository in repositories.values():
            if expected and medium(repository) != expected and {medium(repository), expected} & {"object", "disk"}:
                kind = f"{repository['name']} ({repository.get('type')})"
                warnings.append(f"{store} : support « {expected} » déclaré, dépôt {kind}")
        if not names:
            return reading(store, [], read_at=now, unknown="aucun dépôt de Veeam n’est désigné pour cet endroit")
        offline = _offline(read.states, repositories)
        if offline:
            return reading(store, [], read_at=now, unknown=f"dépôt hors ligne : {', '.join(offline)}")
        copies = list(_copies(read, store, repositories, sets, now, strangers))
    except KeyError as error:
        return reading(store, [], read_at=now, unknown=f"Veeam n’a pas de dépôt {error}")
    except NoSense as error:
        return reading(store, [], read_at=now, unknown=f"Veeam répond autre chose que ce qui se lit : {error}")
    return reading(store, copies, read_at=now)


def _offline(states: Iterable[Document], repositories: Mapping[str, Document]) -> list[str]:
    """Name the repositories that are not on line; without a state, none is known to be."""
    online = {str(state.get("id")): state.get("isOnline") for state in states}
    return sorted(str(item["name"]) for id_, item in repositories.items() if online.get(id_) is not True)


def _copies(
    read: Read,
    store: str,
    repositories: Mapping[str, Document],
    sets: Mapping[str, str],
    now: datetime,
    strangers: set[str],
) -> Iterator[Copy]:
    backups = {text(backup, "id"): text(backup, "repositoryId") for backup in read.backups}
    results = {text(session, "id"): session for session in read.sessions}
    for point in read.points:
        id_, name, backup = text(point, "id"), text(point, "name"), text(point, "backupId")
        repository = repositories.get(backups.get(backup, ""))
        if repository is None:
            continue
        protected = sets.get(name.casefold())
        if protected is None:
            strangers.add(name)
            continue
        taken, days = moment(point, "creationTime"), immutable_days(repository)
        # A copy of the future is a clock that is wrong: nobody can tell its age.
        state: State = "unknown" if ahead(taken, now) else _state(point, results)
        yield Copy(
            set=protected, store=store, taken_at=stamp(taken), size_bytes=read.sizes.get(id_), id=id_,
            immutable_until=stamp(taken + timedelta(days=days)) if days else None, state=state,
        )  # fmt: skip


def _state(point: Document, sessions: Mapping[str, Document]) -> State:
    if point.get("malwareStatus") == "Infected":
        return "failed"
    if point.get("malwareStatus") == "Suspicious":
        return "unknown"
    session = sessions.get(str(point.get("sessionId") or ""))
    if session is None:
        # Veeam forgets sessions before restore points: the point is there, and lets itself be restored or not.
        return "complete" if point.get("allowedOperations") else "unknown"
    result = session.get("result")
    said = result.get("result") if isinstance(result, Mapping) else None
    if session.get("state") != "Stopped" or said not in ("Success", "Warning", "Failed"):
        return "unknown"
    return "failed" if said == "Failed" else "complete"


def liars(read: Read) -> Iterator[str]:
    """Tell of the jobs that are off, and of those whose success left no restore point."""
    newest: dict[str, datetime] = {}
    jobs = {str(backup.get("id")): backup.get("jobId") for backup in read.backups}
    for point in read.points:
        job = jobs.get(str(point.get("backupId")))
        if job:
            taken = moment(point, "creationTime")
            newest[str(job)] = max(newest.get(str(job), taken), taken)
    for job in read.jobs:
        name = str(job.get("name"))
        if job.get("status") == "disabled":
            yield f"la tâche « {name} » est désactivée dans Veeam : elle ne copie plus rien"
        if job.get("lastResult") == "Failed":
            yield f"la tâche « {name} » a échoué à sa dernière exécution"
        if job.get("lastResult") not in ("Success", "Warning") or not job.get("lastRun"):
            continue
        ran, left = moment(job, "lastRun"), newest.get(str(job.get("id")))
        if left is None or left < ran - LATE:
            since = f"le dernier est du {in_town(left, DAY)}" if left else "elle n’en a aucun"
            yield f"la tâche « {name} » se dit réussie le {in_town(ran, DAY)}, sans point de restauration : {since}"
