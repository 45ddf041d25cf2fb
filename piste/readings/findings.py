"""The findings of an environment, by every judge of the table; no system is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from piste.clock import in_town
from piste.converge.errors import PisteError
from piste.converge.reading import FAULTS
from piste.finding import Finding, State, worst
from piste.model.freshness import ages
from piste.readings import store
from piste.readings.belief import Doubted
from piste.readings.table import SUBJECTS, Subject, named
from piste.words import agreed, some

if TYPE_CHECKING:
    from piste.model.derived import Derived


def findings(town: Derived, environment: str, subjects: Iterable[Subject] = SUBJECTS.values()) -> list[Finding]:
    """Give the findings of subjects, the worst first; what its judge cannot read is unknown."""
    every = [finding for subject in subjects if subject.judge for finding in _judged(subject, town, environment)]
    return sorted(every, key=lambda finding: finding.rank)


def _judged(subject: Subject, town: Derived, environment: str) -> Iterator[Finding]:
    if town.errors:
        todo = "Corrigez la déclaration : piste validate."
        yield Finding(subject.name, "unknown", f"{subject.label} : la déclaration a des erreurs", todo, who=subject.who)
        return
    try:
        for finding in named(subject.judge)(town, environment):
            yield finding if finding.who else replace(finding, who=subject.who)
    except (PisteError, OSError, *FAULTS) as error:
        said = str(error) or type(error).__name__
        yield Finding(subject.name, "unknown", f"{subject.label} : {said}", subject.again, who=subject.who)


def by_site(every: Iterable[Finding]) -> Mapping[str, State]:
    """Give the worst state of each site that a finding is about."""
    states: dict[str, list[State]] = {}
    for finding in every:
        states.setdefault(finding.site, []).append(finding.state)
    return {site: worst(known) for site, known in states.items() if site}


def summary(town: Derived, environment: str, every: Iterable[Finding]) -> Iterator[Finding]:
    """Yield a line for all findings, then a line for each subject that has some."""
    by_subject: dict[str, list[Finding]] = {}
    for finding in every:
        by_subject.setdefault(finding.id.partition(".")[0], []).append(finding)
    everything = [finding for some in by_subject.values() for finding in some]
    state = worst(finding.state for finding in everything)
    yield Finding("findings", state, counted(everything), "" if state == "ok" else "piste findings les donne.")
    for name, subject in SUBJECTS.items():
        if mine := by_subject.get(name):
            said = filter(None, (counted(mine), _figure(subject, town, environment)))
            yield Finding(name, worst(finding.state for finding in mine), " ; ".join(said))


def _figure(subject: Subject, town: Derived, environment: str) -> str:
    try:
        return str(named(subject.figure)(town, environment)) if subject.figure else ""
    except (PisteError, OSError, *FAULTS):  # the judge of the same subject says why
        return ""


def ages_of(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each subject: read lately, or not, and what reads it again.

    A lab where it was never read has nothing to say of it.
    """
    for subject in SUBJECTS.values():
        if subject.kept == "chain" or town.errors:
            continue
        id_, label = f"readings.{subject.name}", subject.label
        try:
            known = store.last(subject, environment, ages(town))
        except PisteError as error:
            yield Finding(id_, "unknown", f"{label} : {error}", error.todo)
            continue
        doubted = {thing: last for thing, last in known.items() if isinstance(last, Doubted)}
        moments = [last.read_at for last in known.values() if last.read_at]
        if doubted:
            first = next(iter(doubted.values()))
            yield Finding(id_, "unknown", f"{label} ({some([*doubted])}) : {first.why}", subject.again)
        elif moments:
            yield Finding(id_, "ok", f"{label} : lecture du {in_town(max(moments))}")
        elif environment != "lab" and subject.judge:
            yield Finding(id_, "unknown", f"{label} : jamais lus", subject.again)


def counted(every: Iterable[Finding]) -> str:
    """Write the counts: `1 à corriger, 2 inconnus, 12 conformes`."""
    states: Mapping[str, int] = Counter(finding.state for finding in every)
    words = (("wrong", "à corriger"), ("unknown", "inconnu(s)"), ("ok", "conforme(s)"))
    return ", ".join(agreed(states[state], word) for state, word in words if states.get(state))
