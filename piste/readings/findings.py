"""The findings of an environment, by every judge of the table; no system is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from piste.engine.clock import DAY, in_town
from piste.engine.figure import Figure
from piste.engine.finding import Finding, State, worst
from piste.engine.words import agreed, some
from piste.readings import store
from piste.readings.belief import FAILED, Reading
from piste.readings.table import DIRECTION, OTHER_FIGURES, SUBJECTS, Subject, named
from piste.town.model import dates
from piste.town.model.freshness import ages

if TYPE_CHECKING:
    from piste.town.model.derived import Derived
    from piste.town.model.put_off import PutOff


def findings(town: Derived, environment: str, subjects: Iterable[Subject] = SUBJECTS.values()) -> list[Finding]:
    """Give the findings of subjects, the worst first; what its judge cannot read is unknown."""
    asked = [*subjects]
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
        silences = store.silences(subject, environment, ages(town))
        for finding in named(subject.judge)(town, environment) if subject.judge else ():
            silence = silences.get(finding.id.removeprefix(f"{subject.name}."))
            evidence = " ; ".join(filter(None, (finding.evidence, silence and silence.said)))
            yield replace(finding, who=finding.who or subject.who, evidence=evidence)
        yield from silent(subject, town, environment)
    except FAILED as error:
        if subject.judge:
            said = f"{subject.label} : {str(error) or type(error).__name__}"
            yield Finding(subject.name, "unknown", said, subject.again, who=subject.who)


def silent(subject: Subject, town: Derived, environment: str) -> Iterator[Finding]:
    """Say what is believed still, and was asked in vain since. Raises `UnreadableReading`."""
    if silences := store.silences(subject, environment, ages(town)):
        newest = max(silences.values(), key=lambda silence: silence.read_at)
        said = f"{subject.label} ({some([*silences])}), dont la lecture d’avant vaut encore : {newest.said}"
        yield Finding(f"{subject.name}.{SILENCE}", "unknown", said, subject.again, gravity="minor", who=subject.who)


SILENCE = "silence"
"""The name of what was asked in vain among the findings of a subject."""


def about(site: str, every: Iterable[Finding]) -> list[Finding]:
    """List the findings about a site, with what is unknown of a whole subject."""
    return [finding for finding in every if finding.site == site or _of_every_site(finding)]


def _of_every_site(finding: Finding) -> bool:
    subject = SUBJECTS.get(finding.id)
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
            figured = ", ".join(figure.said for figure in _figures(subject.figures, town, environment) if figure.said)
            said = filter(None, (counted(mine), figured))
            yield Finding(name, worst(finding.state for finding in mine), " ; ".join(said))


def figures(town: Derived, environment: str) -> list[Figure]:
    """Give all figures of the tender that can be made of what is known now; no system is asked."""
    places = (*(subject.figures for subject in SUBJECTS.values()), *OTHER_FIGURES)
    return [] if town.errors else [figure for place in places for figure in _figures(place, town, environment)]


def _figures(place: str, town: Derived, environment: str) -> list[Figure]:
    try:
        return [*named(place)(town, environment)] if place else []
    except FAILED:  # the judge of the same subject says why
        return []


def ages_of(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each subject: read lately, or not, and what reads it again.

    A lab where it was never read has nothing to say of it.
    """
    for subject in SUBJECTS.values():
        if subject.kept == "chain" or town.errors:
            continue
        id_, label = f"readings.{subject.name}", subject.label
        try:
            stands = named(subject.stands) if subject.stands else lambda town, thing: True
            every = store.last(subject, environment, ages(town))
            known = {thing: last for thing, last in every.items() if stands(town, thing)}
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


def counted(every: Iterable[Finding]) -> str:
    """Write the counts: `1 à corriger, 2 inconnus, 12 conformes`."""
    states: Mapping[str, int] = Counter(finding.state for finding in every)
    words = (("wrong", "à corriger"), ("unknown", "inconnu(s)"), ("ok", "conforme(s)"))
    return ", ".join(agreed(states[state], word) for state, word in words if states.get(state))
