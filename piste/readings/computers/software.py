"""Versions of the declared applications, as the computers have them."""

from __future__ import annotations

from collections import Counter
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
    seen: Mapping[str, int]
    unread: int
    prerequisites: Sequence[str]
    way_back: str | None

    @property
    def behind(self) -> int:
        """The number of computers that have another version than the declared."""
        return sum(count for version, count in self.seen.items() if not _is(version, self.version or ""))


def versions(town: Derived, environment: str, made: Kept | None = None) -> list[Versions]:
    """List the applications that say how computers name them, with what was seen of them."""
    applications = [entry for entry in (town.commune["applications"] if town.commune else []) if entry["installed_as"]]
    if not applications:
        return []
    oldest, reports = oldest_of(town), reports_of(made or kept.last(environment))
    names = [asset["name"].casefold() for asset in town.assets if asset["kind"] == "computer"
             and asset["state"] == "in_service" and asset["variant"] not in WITHOUT]  # fmt: skip
    known = [report for name in names if (report := reports.get(name)) and report.taken_at.date() >= oldest]
    lists = [report.software for report in known if report.software is not None]
    listed = []
    for entry in applications:
        begins = (entry["installed_as"] or "").casefold()
        seen = Counter(
            program.version or NONE for programs in lists for program in programs
            if program.name.casefold().startswith(begins)
        )  # fmt: skip
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
            yield Finding(id_, "wrong", what, "Voyez lesquelles : piste computers applications.", gravity="minor")
        else:
            count = agreed(sum(entry.seen.values()), "poste(s)")
            yield Finding(id_, "ok", f"{entry.label} : {entry.version} sur {count}")


def _is(version: str, declared: str) -> bool:
    """True for the version itself and its revisions: 7.6.1 is 7.6, and 7.60 is not."""
    return version == declared or version.startswith(f"{declared}.")
