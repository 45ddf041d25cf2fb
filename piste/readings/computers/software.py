"""Versions of the declared applications, as the computers have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from piste.engine.finding import Finding
from piste.engine.words import agreed, some
from piste.readings.computers import kept
from piste.readings.computers.kept import Kept
from piste.readings.computers.updates import WITHOUT, oldest_of, reports_of
from piste.town.model.derived import Derived

ID = "computers.software"
NONE = "sans version"


class Versions(NamedTuple):
    """An application, and the computers that have it, by version; `unread` gave no list."""

    id: str
    label: str
    version: str | None
    seen: Mapping[str, Sequence[str]]
    unread: int
    prerequisites: Sequence[str]
    way_back: str | None

    @property
    def behind(self) -> int:
        """The number of computers that have another version than the declared."""
        return sum(len(names) for version, names in self.seen.items() if not self.is_declared(version))

    def is_declared(self, version: str) -> bool:
        """True for the declared version and its revisions: 7.6.1 is 7.6, and 7.60 is not."""
        return version == self.version or version.startswith(f"{self.version}.")


def versions(town: Derived, environment: str, made: Kept | None = None) -> list[Versions]:
    """List the applications that say how computers name them, with what was seen of them."""
    applications = [entry for entry in (town.commune["applications"] if town.commune else []) if entry["installed_as"]]
    if not applications:
        return []
    oldest, reports = oldest_of(town), reports_of(made or kept.last(environment))
    names = [asset["name"] for asset in town.assets if asset["kind"] == "computer"
             and asset["state"] == "in_service" and asset["variant"] not in WITHOUT]  # fmt: skip
    known = {name: report for name in sorted(names)
             if (report := reports.get(name.casefold())) and report.taken_at.date() >= oldest}  # fmt: skip
    lists = {name: report.software for name, report in known.items() if report.software is not None}
    listed = []
    for entry in applications:
        begins = (entry["installed_as"] or "").casefold()
        seen: dict[str, list[str]] = defaultdict(list)
        for name, programs in lists.items():
            for program in programs:
                mine = seen[program.version or NONE] if program.name.casefold().startswith(begins) else None
                if mine is not None and name not in mine:
                    mine.append(name)
        listed.append(Versions(entry["id"], entry["label"], entry["version"], dict(sorted(seen.items())),
                             len(names) - len(lists), entry["prerequisites"], entry["way_back"]))  # fmt: skip
    return listed


def findings(town: Derived, environment: str, made: Kept | None = None) -> Iterator[Finding]:
    """Yield the applications of another version; nothing before a first list."""
    for entry in versions(town, environment, made):
        id_ = f"{ID}.{entry.id}"
        if not entry.seen:
            continue
        if entry.version is None:
            what = f"{entry.label} : aucune version déclarée, {some(list(entry.seen), 6)} sur les postes"
            yield Finding(id_, "unknown", what, "Déclarez sa version (applications, version).", gravity="minor")
        elif entry.behind:
            what = f"{entry.label} : {agreed(entry.behind, 'poste(s)')} sans la version {entry.version}"
            todo = f"Voyez lesquels : piste computers applications {entry.id}."
            yield Finding(id_, "wrong", what, todo, gravity="minor")
        else:
            count = agreed(sum(map(len, entry.seen.values())), "poste(s)")
            yield Finding(id_, "ok", f"{entry.label} : {entry.version} sur {count}")
