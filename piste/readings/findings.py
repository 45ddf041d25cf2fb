"""The findings of an environment, by every judge of the table; no system is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from piste.converge.errors import PisteError
from piste.converge.reading import FAULTS
from piste.finding import Finding, State, worst
from piste.readings.table import SUBJECTS, Subject, named

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
