"""The judgment of answers: what they show of a belief, without asking anything."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from piste.engine.converge.reading import FAULTS
from piste.engine.words import some
from piste.readings.subject import named
from piste.systems.beliefs.form import Belief, beliefs


class Answer(NamedTuple):
    """The answer of a system to a question: `GET /networks/N_1/switch/stacks`, parsed."""

    question: str
    content: Any


class Lacking(NamedTuple):
    """The content of a question that got no answer, or a refusal: why, in French."""

    why: str


class Unanswered(Exception):
    """A judge needs an answer that is lacking."""


class Verdict(NamedTuple):
    """The state of a belief by some answers, and the evidence; where it is unknown, why."""

    state: Literal["confirmed", "refuted", "unknown"]
    evidence: str = ""


def answered(answers: Iterable[Answer], path: str) -> Iterator[Any]:
    """Yield the contents of the answers to a path, by `GET` or a named method; `*` is a part."""
    method, _, rest = path.rpartition(" ")
    asked = re.compile(re.escape(f"{method or 'GET'} {rest}").replace(r"\*", "[^/?]+") + r"(\?.*)?")
    yield from (given(answer) for answer in answers if asked.fullmatch(answer.question))


def given(answer: Answer) -> Any:
    """Give the content of an answer. Raises `Unanswered` where it is lacking."""
    if isinstance(answer.content, Lacking):
        raise Unanswered(f"{answer.question.strip()} : {answer.content.why}")
    return answer.content


def shown(right: Iterable[str], wrong: Iterable[str]) -> Verdict:
    """Judge by what was seen: anything wrong refutes, else anything right confirms."""
    for state, seen in (("refuted", wrong), ("confirmed", right)):
        if names := [*dict.fromkeys(seen)]:
            return Verdict("refuted" if state == "refuted" else "confirmed", some(names))
    return Verdict("unknown")


def judged(belief: Belief, answers: Sequence[Answer]) -> Verdict:
    """Judge a belief by the answers of its system that its judge needs.

    Where any of them is lacking, the others may still refute. Where any makes no sense, nothing is shown.
    """
    if belief.shows is None:
        return Verdict("unknown")
    try:
        verdict: Verdict = named(belief.shows)(answers)
    except Unanswered as lacking:
        verdict = judged(belief, [answer for answer in answers if not isinstance(answer.content, Lacking)])
        return verdict if belief.stands(verdict.state) else Verdict("unknown", str(lacking))
    except FAULTS as error:
        return Verdict("unknown", f"la réponse ne se comprend pas : {type(error).__name__}")
    return verdict


def judgments(system: str, answers: Iterable[Answer]) -> Iterator[tuple[str, Verdict]]:
    """Yield each belief about a system, and what the answers show of it, if anything."""
    known = [*answers]
    for id_, belief in beliefs().items():
        if id_.partition(".")[0] == system:
            yield id_, judged(belief, known)


def verdicts(system: str, answers: Iterable[Answer], unanswered: Collection[str] = ()) -> Iterator[tuple[str, Verdict]]:
    """Yield the beliefs that the answers of a system confirm or refute.

    A belief that has a question among the unanswered is not confirmed.
    """
    for id_, verdict in judgments(system, answers):
        belief = beliefs()[id_]
        if verdict.state != "unknown" and (belief.stands(verdict.state) or not {*belief.questions} & {*unanswered}):
            yield id_, verdict
