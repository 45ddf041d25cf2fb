"""The findings of an environment, by every judge of the table; no system is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from piste.engine.clock import DAY, in_town
from piste.engine.figure import Figure
from piste.engine.finding import Finding, State, worst
from piste.engine.words import agreed, some
from piste.readings import store
from piste.readings.belief import FAILED, Reading, Unread
from piste.readings.file import together
from piste.readings.subject import Subject, named
from piste.readings.table import DIRECTION, OTHER_FIGURES, SUBJECTS
from piste.town.model import dates

if TYPE_CHECKING:
    from datetime import datetime

    from piste.town.model.derived import Derived
    from piste.town.model.put_off import PutOff


def findings(town: Derived, environment: str, subjects: Iterable[Subject] = SUBJECTS.values()) -> list[Finding]:
    """Give the findings of subjects, the worst first; what its judge cannot read is unknown."""
    asked = [*subjects]
    with together(environment):
        every = [finding for subject in asked for finding in _judged(subject, town, environment)]
    others = SUBJECTS.keys() - {subject.name for subject in asked}
    put_off = town.commune["put_off"] if town.commune and not town.errors else ()
    listed = {entry["finding"]: entry for entry in put_off if _subject(entry["finding"]) not in others}
    return sorted(_with_put_offs(every, listed), key=lambda finding: finding.rank)


def _subject(id_: str) -> str:
    return id_.partition(".")[0]


def _with_put_offs(every: Sequence[Finding], listed: Mapping[str, PutOff]) -> Iterator[Finding]:
    """Say of each finding who puts it off; a put-off that covers nothing is a finding."""
    ids, today = {finding.id for finding in every}, dates.today().isoformat()
    for finding in every:
        if (entry := listed.get(finding.id)) is None or finding.state == "ok":
            yield finding
            continue
        why = "il est inconnu" if finding.state == "unknown" else ""
        if not SUBJECTS[_subject(finding.id)].put_off:
            why = "ni une vérification, ni l’accès d’un invité ou d’un tiers ne se reporte"
        elif not entry["start"] <= today <= entry["until"]:
            why = f"il vaut du {entry['start']} au {entry['until']}"
        until = in_town(entry["until"], DAY)
        yield (
            finding
            if why
            else replace(finding, put_off=f"reporté jusqu’au {until} par {entry['name']} : {entry['reason']}")
        )
        if why:
            yield _vain(finding.id, why)
    yield from (_vain(id_, "rien ne s’appelle ainsi") for id_ in listed if not {id_, _subject(id_)} & ids)


def _vain(id_: str, why: str) -> Finding:
    todo = "Retirez-le de group_vars/all/put_off.yml, ou corrigez-le."
    return Finding(f"put_off.{id_}", "wrong", f"report de {id_} : {why}", todo, gravity="minor", who=DIRECTION)


def _judged(subject: Subject, town: Derived, environment: str) -> Iterator[Finding]:
    """Judge a subject; what another judges has no finding of its own but its silence."""
    if town.errors:
        todo, said = "Corrigez la déclaration : piste validate.", f"{subject.label} : la déclaration a des erreurs"
        yield from [Finding(subject.name, "unknown", said, todo, who=subject.who)] if subject.judge else ()
        return
    try:
        vain = _silence(subject, town, environment)
        for finding in named(subject.judge)(town, environment) if subject.judge else ():
            evidence = " ; ".join(filter(None, (finding.evidence, vain(finding.id.removeprefix(f"{subject.name}.")))))
            yield replace(finding, who=finding.who or subject.who, evidence=evidence)
        yield from silent(subject, town, environment)
    except FAILED as error:
        if subject.judge:
            said = f"{subject.label} : {str(error) or type(error).__name__}"
            yield Finding(subject.name, "unknown", said, subject.again, who=subject.who)


def _silence(subject: Subject, town: Derived, environment: str) -> Callable[[str], str]:
    """Give what says of a thing that it was asked in vain.

    What names no thing of the subject is judged by all of them.
    """
    silences = store.silences(subject, town, environment)
    if not silences:
        return lambda thing: ""
    known, common = store.standing(subject, town, environment), f"{some([*silences])} : {_newest(silences)}"
    return lambda thing: silences[thing].said if thing in silences else "" if thing in known else common


def _newest(silences: Mapping[str, Unread]) -> str:
    return max(silences.values(), key=lambda silence: silence.read_at).said


def silent(subject: Subject, town: Derived, environment: str) -> Iterator[Finding]:
    """Say what was asked in vain and is believed, and what is unknown and not judged.

    Raises `UnreadableReading`.
    """
    silences, unknown = store.silences(subject, town, environment), dict[str, str]()
    if not subject.judge and not subject.judged_with:
        known = store.standing(subject, town, environment)
        unknown = {thing: last.why for thing, last in known.items() if not isinstance(last, Reading)}
    if silences or unknown:
        why = next(iter(unknown.values()), "") or _newest(silences)
        said = f"{subject.label} ({some([*unknown, *silences])}) : {why}"
        yield Finding(f"{subject.name}.{SILENCE}", "unknown", said, subject.again, gravity="minor", who=subject.who)


SILENCE = "silence"
"""The name of what was asked in vain among the findings of a subject."""


def about(site: str, every: Iterable[Finding]) -> list[Finding]:
    """List the findings about a site, with what is unknown of a whole subject, and its silence."""
    return [finding for finding in every if finding.site == site or _of_every_site(finding, f".{SILENCE}")]


def _of_every_site(finding: Finding, suffix: str = "") -> bool:
    subject = SUBJECTS.get(finding.id.removesuffix(suffix))
    return bool(subject and subject.of_sites and finding.state == "unknown" and not finding.site)


def by_site(every: Iterable[Finding]) -> Mapping[str, State]:
    """Give the worst state of each site that a finding is about.

    Where a whole subject that judges sites is unknown, no site is better than unknown.
    """
    states: dict[str, list[State]] = {}
    common: list[State] = []
    for finding in every:
        states.setdefault(finding.site, []).append(finding.state)
        common += ["unknown"] if _of_every_site(finding) else []
    return {site: worst((*known, *common)) for site, known in states.items() if site}


def summary(town: Derived, environment: str, every: Iterable[Finding]) -> Iterator[Finding]:
    """Yield a line for all findings, then a line for each subject that has some."""
    by_subject: dict[str, list[Finding]] = {}
    for finding in every:
        by_subject.setdefault(_subject(finding.id), []).append(finding)
    everything = [finding for some in by_subject.values() for finding in some]
    state = worst(finding.state for finding in everything)
    yield Finding("findings", state, counted(everything), "" if state == "ok" else "piste findings les donne.")
    for name, subject in SUBJECTS.items():
        if mine := by_subject.get(name):
            made = _figures(subject.figures, (), town, environment)
            figured = ", ".join(figure.said for figure in made if figure.said)
            alone = [finding for finding in mine if finding.gravity == "critical" and finding.state == "wrong"][:1]
            said = filter(None, (counted(mine), figured, *(finding.what for finding in alone)))
            todo = "".join(finding.todo for finding in alone)
            yield Finding(name, worst(finding.state for finding in mine), " ; ".join(said), todo)


def figures(town: Derived, environment: str) -> list[Figure]:
    """Give all figures of the tender by what is known now; no system is asked.

    A figure whose source cannot be read is unknown.
    """
    places = (*((subject.figures, subject.figure_ids) for subject in SUBJECTS.values()), *OTHER_FIGURES.items())
    return [] if town.errors else [made for place, ids in places for made in _figures(place, ids, town, environment)]


def _figures(place: str, ids: Iterable[str], town: Derived, environment: str) -> list[Figure]:
    try:
        return [*named(place)(town, environment)] if place else []
    except FAILED:  # the judge of the same subject says why
        return [Figure(id_, None) for id_ in ids]


def ages_of(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each subject: read lately, or not, and what reads it again.

    A lab where it was never read has nothing to say of it.
    """
    for subject in SUBJECTS.values():
        if not subject.dated or town.errors:
            continue
        id_, label = f"readings.{subject.name}", subject.label
        try:
            known = store.standing(subject, town, environment)
        except FAILED as error:
            yield Finding(id_, "unknown", f"{label} : {error}", subject.again)
            continue
        doubted = {thing: last.why for thing, last in known.items() if not isinstance(last, Reading)}
        moments = [last.read_at for last in known.values() if isinstance(last, Reading)]
        doubted = doubted or {
            thing: last.silence.said for thing, last in known.items() if isinstance(last, Reading) and last.silence
        }
        if doubted:
            why = next(iter(doubted.values()))
            yield Finding(id_, "unknown", f"{label} ({some([*doubted])}) : {why}", subject.again)
        elif moments:
            yield Finding(id_, "ok", f"{label} : lecture du {in_town(max(moments))}")
        elif environment != "lab" and subject.judge:
            yield Finding(id_, "unknown", f"{label} : jamais de lecture", subject.again)


def read_between(town: Derived, environment: str) -> tuple[datetime, datetime] | None:
    """Give the moments of the oldest and of the newest reading that is believed, if any."""
    moments = []
    for subject in SUBJECTS.values():
        if subject.dated and not town.errors:
            with suppress(*FAILED):
                known = store.standing(subject, town, environment).values()
                moments += [last.read_at for last in known if isinstance(last, Reading)]
    return (min(moments), max(moments)) if moments else None


def counted(every: Iterable[Finding]) -> str:
    """Write the counts: `1 à corriger, 2 inconnus, 12 conformes`."""
    states: Mapping[str, int] = Counter(finding.state for finding in every)
    words = (("wrong", "à corriger"), ("unknown", "inconnu(s)"), ("ok", "conforme(s)"))
    return ", ".join(agreed(states[state], word) for state, word in words if states.get(state))
