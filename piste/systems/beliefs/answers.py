"""The judgment of answers: what they show of a belief, without asking anything."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from piste.engine.converge.reading import FAULTS
from piste.engine.words import some
from piste.readings.table import named
from piste.systems.beliefs.form import Belief, beliefs


class Answer(NamedTuple):
    """The answer of a system to a question: `GET /networks/N_1/switch/stacks`, parsed."""

    question: str
    content: Any


class Verdict(NamedTuple):
    """The state of a belief by some answers, and the evidence, in French."""

    state: Literal["confirmed", "refuted", "unknown"]
    evidence: str = ""


def answered(answers: Iterable[Answer], path: str) -> Iterator[Any]:
    """Yield the contents of the answers to a path, by `GET` or a named method; `*` is a part."""
    method, _, rest = path.rpartition(" ")
    asked = re.compile(re.escape(f"{method or 'GET'} {rest}").replace(r"\*", "[^/?]+") + r"(\?.*)?")
    yield from (answer.content for answer in answers if asked.fullmatch(answer.question))


def shown(right: Iterable[str], wrong: Iterable[str]) -> Verdict:
    """Judge by what was seen: anything wrong refutes, else anything right confirms."""
    for state, seen in (("refuted", wrong), ("confirmed", right)):
        if names := [*dict.fromkeys(seen)]:
            return Verdict("refuted" if state == "refuted" else "confirmed", some(names))
    return Verdict("unknown")


def judged(belief: Belief, answers: Sequence[Answer]) -> Verdict:
    """Judge a belief by the answers of its system; what makes no sense shows nothing."""
    if belief.shows is None:
        return Verdict("unknown")
    try:
        verdict: Verdict = named(belief.shows)(answers)
    except FAULTS as error:
        return Verdict("unknown", f"la réponse ne se comprend pas : {type(error).__name__}")
    return verdict


def verdicts(system: str, answers: Iterable[Answer], unanswered: Collection[str] = ()) -> Iterator[tuple[str, Verdict]]:
    """Yield the beliefs that the answers of a system, or of a capture, confirm or refute.

    Nothing is judged of a belief that has a question among the unanswered.
    """
    given = [*answers]
    for id_, belief in beliefs().items():
        whole = not {*belief.questions} & {*unanswered}
        if id_.partition(".")[0] == system and whole and (verdict := judged(belief, given)).state != "unknown":
            yield id_, verdict
