"""The state of each belief in an environment, in the store of its readings.

It is unknown until an answer, a write that was read back, or a person settles it; and again once the system has another
version than the version that settled it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, TypedDict

from pydantic import StringConstraints

from piste.engine.clock import in_town
from piste.engine.finding import Finding, Gravity
from piste.engine.finding import State as FindingState
from piste.engine.words import agreed
from piste.readings import store
from piste.readings.belief import Doubted, Last, Reading, Tried, Unread
from piste.readings.table import SUBJECTS, Answer
from piste.systems.beliefs.answers import Verdict
from piste.systems.beliefs.form import GRAVE, Belief, beliefs, systems
from piste.town.model.dates import now
from piste.town.model.derived import Derived

SUBJECT, VERSIONS = SUBJECTS["beliefs"], SUBJECTS["versions"]
By = Literal["read", "capture", "pilot", "person"]
_LONGEST = 1000
_Said = Annotated[str, StringConstraints(max_length=_LONGEST)]
BY: Mapping[By, str] = {"read": "une réponse", "capture": "une capture", "pilot": "une écriture", "person": "quelqu’un"}


class Settled(TypedDict):
    """A belief that something has settled, and for which version of the system."""

    state: Literal["confirmed", "refuted"]
    by: By
    evidence: _Said
    version: _Said


class Version(TypedDict):
    """The version of a system, as it says it; empty where it says none."""

    version: _Said


class State(NamedTuple):
    """The state of a belief: settled, when and by what; or why nothing is known.

    Where it is `doubted`, something settled it, and nobody can read what.
    """

    state: Literal["confirmed", "refuted", "unknown"]
    said: str = ""
    at: datetime | None = None
    settled: Settled | None = None
    doubted: bool = False


def states(environment: str) -> dict[str, State]:
    """Give the state of every belief. Raises `UnreadableReading`."""
    known = _settled(environment)
    return {id_: known.get(id_, State("unknown")) for id_ in beliefs()}


def _settled(environment: str) -> dict[str, State]:
    """Give the state of what has a reading, or a silence; no belief is read for it."""
    known, versions = store.last(SUBJECT, environment), versions_of(environment)
    return {id_: _state(last, versions.get(id_.partition(".")[0], "")) for id_, last in known.items()}


def versions_of(environment: str) -> dict[str, str]:
    """Give the versions of the systems, as last read. Raises `UnreadableReading`."""
    every = store.last(VERSIONS, environment).items()
    return {system: last.value["version"] for system, last in every if isinstance(last, Reading)}


def _state(last: Last[Settled], version: str) -> State:
    if not isinstance(last, Reading):
        return State("unknown", last.why, doubted=isinstance(last, Doubted))
    settled, at = last.value, last.read_at
    when = f"le {in_town(at)}, par {BY[settled['by']]} : {settled['evidence']}"
    if settled["version"] != version:
        before = f"{settled['version'] or 'sans version'}, aujourd’hui {version or 'sans version'}"
        return State("unknown", f"à revoir, le système a changé de version ({before}) ; {when}", at, settled)
    return State(settled["state"], when, at, settled)


def settle(
    environment: str,
    given: Mapping[str, Verdict],
    by: By,
    at: datetime | None = None,
    versions: Mapping[str, str] | None = None,
) -> list[str]:
    """Keep what settles beliefs, for the version given or last read; name those left out.

    A person alone lifts the refutation of a person, or settles again what does not read.

    Raises `UnreadableReading`, `MisplacedStore`, `NotWritten`.
    """
    versions, moment = versions_of(environment) if versions is None else versions, at or now()
    before = {} if by == "person" else store.last(SUBJECT, environment)
    stays = [id_ for id_ in given if _of_a_person(before.get(id_))]
    tried: dict[str, Tried[Settled]] = {}
    for id_, (state, evidence) in given.items():
        if id_ not in stays and state != "unknown" and id_ in beliefs():
            version = versions.get(id_.partition(".")[0], "")
            tried[id_] = Reading(Settled(state=state, by=by, evidence=evidence[:_LONGEST], version=version), moment)
    return [*stays, *store.keep(SUBJECT, environment, tried)]


def _of_a_person(last: Last[Settled] | None) -> bool:
    if not isinstance(last, Reading):
        return isinstance(last, Doubted)
    return (last.value["by"], last.value["state"]) == ("person", "refuted")


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep the versions of the systems, and what their answers show; tell whether all answered.

    A question without an answer is the silence of its system, and of the beliefs that it would settle.
    """
    whole = True
    read = {name: given for name, given in (answer.content or {}).items() if given.get("read_at")}
    for name, given in read.items():
        at = datetime.fromisoformat(given["read_at"])
        store.keep(VERSIONS, environment, {name: Reading(Version(version=given["version"]), at)})
        settle(environment, {id_: Verdict(**said) for id_, said in given["verdicts"].items()}, "read", at)
        if unanswered := given.get("unanswered"):
            whole = False
            why = " ; ".join(f"{question} : {said}" for question, said in unanswered.items())
            store.keep(VERSIONS, environment, {name: Unread(why[:500], now())})
            store.keep(SUBJECT, environment, dict(_silent(name, unanswered, given["verdicts"])))
    silence, asked = store.unanswered(answer), answer.content or answer.asked.get("of") or systems()
    every = [asked] if isinstance(asked, str) else asked
    store.keep(VERSIONS, environment, {name: silence for name in every if name not in read})
    return bool(read) and whole


def _silent(system: str, unanswered: Mapping[str, str], shown: Collection[str]) -> Iterator[tuple[str, Unread]]:
    for id_, belief in systems()[system].beliefs.items():
        if id_ not in shown and (why := [unanswered[asked] for asked in belief.questions if asked in unanswered]):
            yield id_, Unread(" ; ".join(why)[:500], now())


def settle_by_checks(environment: str, findings: Iterable[Finding]) -> None:
    """Keep what the checks of the doctor show.

    Raises `UnreadableReading`, `MisplacedStore`, `NotWritten`.
    """
    checks = [*findings]
    settle(environment, {id_: checked(belief, checks) for id_, belief in beliefs().items() if belief.findings}, "read")


def checked(belief: Belief, findings: Sequence[Finding]) -> Verdict:
    """Judge a belief by the checks of the doctor that settle it, each with a finding a device."""
    known = [finding for finding in findings if finding.id in belief.findings]
    if wrong := [finding.what for finding in known if finding.state == "wrong"]:
        return Verdict("refuted", " ; ".join(wrong))
    if {finding.id for finding in known} == {*belief.findings} and all(finding.state == "ok" for finding in known):
        return Verdict("confirmed", " ; ".join(finding.what for finding in known))
    return Verdict("unknown")


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Give the findings of the beliefs, for the table of readings."""
    return judged(environment)


def judged(environment: str) -> Iterator[Finding]:
    """Yield a finding for each belief that was settled: what is refuted is wrong."""
    if any(known.settled for known in _settled(environment).values()):
        yield from (finding(id_, known) for id_, known in states(environment).items() if known.settled is not None)


def finding(id_: str, known: State) -> Finding:
    """Judge a belief: verdict, age and what to do, in the words of all pages and commands."""
    belief, verdict = beliefs()[id_], _VERDICTS[known.state]
    said = f"{id_} : {belief.belief} : {verdict.word}{f', {known.said}' if known.said else ''}"
    gravity: Gravity = "minor" if known.state != "refuted" else "critical" if belief.harm in GRAVE else "major"
    return Finding(f"{SUBJECT.name}.{id_}", verdict.state, said, _todo(belief, known), gravity=gravity)


def _todo(belief: Belief, known: State) -> str:
    if known.state == "refuted":
        return remedy(belief)
    return "" if known.state == "confirmed" else f"{belief.how} : {belief.expected}"


def remedy(belief: Belief) -> str:
    """Say what to change where a belief is refuted, and which writes are refused meanwhile."""
    code = ", ".join(belief.relies) or "voyez la page de recette"
    refused = f" D’ici là, Piste n’écrit pas : {belief.writes}." if belief.writes else ""
    return f"{belief.otherwise or 'Ce qui en dépend est à corriger'} ({code}).{refused}"


def said_once(environment: str) -> Iterator[Finding]:
    """Say each belief once, for the doctor: refuted or in doubt by its line, else counted.

    Raises `UnreadableReading`.
    """
    known = states(environment)
    alone = {id_: state for id_, state in known.items() if state.settled is not None and state.state != "confirmed"}
    others = {id_: state.state for id_, state in known.items() if id_ not in alone}
    counts = Counter(others.values())
    said = ", ".join(agreed(counts[word], f"{_VERDICTS[word].word}(s)") for word in ("confirmed", "unknown"))
    what = f"{agreed(len(others), 'croyance(s)')} sur {len(systems())} systèmes : {said}"
    if alone:
        what += f" ; réfutées ou à revoir, chacune à sa ligne : {len(alone)}"
    asking = [id_ for id_, state in others.items() if state == "unknown" and beliefs()[id_].asks]
    if asking and environment != "lab":
        todo = f"piste beliefs --check, puis la recette ; {len(asking)} demandent un mot à leur première écriture."
        yield Finding("beliefs", "unknown", what, todo)
    else:
        yield Finding("beliefs", "ok", what)
    yield from (finding(id_, state) for id_, state in alone.items())


class _Verdict(NamedTuple):
    word: str
    state: FindingState


_VERDICTS: Mapping[str, _Verdict] = {
    "confirmed": _Verdict("confirmée", "ok"),
    "refuted": _Verdict("réfutée", "wrong"),
    "unknown": _Verdict("inconnue", "unknown"),
}
