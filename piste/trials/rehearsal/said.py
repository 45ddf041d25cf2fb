"""The words of a rehearsal: losses, gains, changes, cuts on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from piste.engine.words import agreed, some
from piste.trials.probe.trials import OUTSIDE
from piste.trials.probe.ways import Ways
from piste.trials.rehearsal.asked import Computer, Target
from piste.trials.rehearsal.compared import Change, Turn, changes, cuts, moments
from piste.trials.rehearsal.course import Course
from piste.trials.rehearsal.measured import Measure

TITLES: Mapping[Turn, str] = {"lost": "Ne passe plus", "gained": "Passe désormais", "changed": "Change"}
_MOST = 6


class Words:
    """The names of targets."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._names = {address: name for name, address in ways.hosts.items()}

    def end(self, target: Target) -> str:
        if target.computer:
            return " ".join(target.computer)
        return self._address(target.address)

    def _address(self, address: str) -> str:
        if address == OUTSIDE:
            return "Internet"
        if address in self._names:
            return self._names[address]
        where = self._ways.place_of(address)
        return f"{address} ({where})" if where else address

    def lines(self, listed: Sequence[Change]) -> Iterator[str]:
        """Yield a line for each change.

        Computers of the same line are together, and ends of the same services.
        """
        whose: dict[str, list[Computer]] = {}
        for computer in dict.fromkeys(change.computer for change in listed):
            for line in self._of([change for change in listed if change.computer == computer]):
                whose.setdefault(line, []).append(computer)
        for line, computers in whose.items():
            names = {site: some([name for of, name in computers if of == site], _MOST) for site, _ in computers}
            yield ", ".join(f"{site} {listing}" for site, listing in names.items()) + line

    def _of(self, mine: Sequence[Change]) -> Iterator[str]:
        """Yield what changes at a computer, to be put after its name."""
        servers: dict[tuple[str, str, str], list[str]] = {}
        for change in mine:
            if change.target is None:
                yield f" : {change.what} {change.was or 'aucun'} → {change.becomes or 'aucun'}"
            elif change.target.name:
                by = servers.setdefault((change.target.name, change.was, change.becomes), [])
                by.append(self._address(change.target.address))
        for (name, was, becomes), by in servers.items():
            yield f" : nom {name} {was} → {becomes} (selon {some(by)})"
        yield from (f" → {line}" for line in self._reached(mine))

    def _reached(self, mine: Iterable[Change]) -> Iterator[str]:
        by_end: dict[str, dict[str, None]] = {}
        for change in mine:
            if change.target is not None and not change.target.name:
                by_end.setdefault(self.end(change.target), {})[change.target.service] = None
        same: dict[tuple[str, ...], list[str]] = {}
        for end, services in by_end.items():
            same.setdefault(tuple(services), []).append(end)
        yield from (f"{some(ends, _MOST)} : {some(services, _MOST)}" for services, ends in same.items())


class Rehearsed:
    """A rehearsal that has been measured, state by state."""

    def __init__(self, course: Course, measures: Sequence[Measure], ways: Ways) -> None:
        self.course, self.measures, self.words = course, measures, Words(ways)
        self.changes = changes(measures[0], measures[-1])
        self.cuts = cuts(measures)

    @property
    def tried(self) -> int:
        return max(sum(len(seen.reached) for seen in measure.values()) for measure in self.measures)

    @property
    def untried(self) -> bool:
        """True where no packet has tried the plan: no trial at all, or nothing of it in the twin."""
        return not self.tried or bool(self.course.outside and not self.course.touched)

    @property
    def whole(self) -> bool:
        """True where the twin did all of the plan, and a computer was measured wherever it acts."""
        return not (self.untried or self.errors or self.course.outside or self.course.bare)

    @property
    def errors(self) -> list[str]:
        """The computers that could not be measured, each with its reason."""
        return list(dict.fromkeys(
            f"{' '.join(computer)} : {seen.error}" for measure in self.measures
            for computer, seen in measure.items() if seen.error
        ))  # fmt: skip

    def by_turn(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each title with its lines, what is lost first."""
        for turn, title in TITLES.items():
            if listed := [change for change in self.changes if change.turn == turn]:
                yield title, list(self.words.lines(listed))

    def by_step(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each step with what it cuts, takes and gives."""
        for rank, stage in enumerate(self.course.stages):
            lines: list[str] = []
            for title, listed in self._at(rank):
                lines += [f"{title} : {line}" for line in self.words.lines(listed)]
            if rank:
                yield stage.title, lines

    def _at(self, rank: int) -> Iterator[tuple[str, list[Change]]]:
        for back in dict.fromkeys(cut.back for cut in self.cuts if cut.first == rank):
            until = f"coupe, jusqu’à « {self.course.stages[back].title} »"
            yield until, [cut.change for cut in self.cuts if cut.first == rank and cut.back == back]
        for turn, title in TITLES.items():
            listed = [change for change in self.changes if change.turn == turn]
            if known := [change for change in listed if moments(self.measures, change) == rank]:
                yield title.lower(), known

    def verdict(self) -> str:
        """Say in a line what the rehearsal has seen."""
        counted = {turn: [change for change in self.changes if change.turn == turn] for turn in TITLES}
        words = {"lost": "accès perdu(s)", "gained": "accès gagné(s)", "changed": "changement(s)"}
        parts = [agreed(len(counted[turn]), words[turn]) for turn in TITLES if counted[turn]]
        parts += [agreed(len(self.cuts), "coupure(s) en route")] if self.cuts else []
        if not parts and self.untried:
            return "rien n’a été éprouvé"
        nothing = "rien ne change pour personne" if self.whole else "rien de ce qui a été éprouvé ne change"
        return f"{', '.join(parts) or nothing}, sur {agreed(self.tried, 'essai(s)')}"
