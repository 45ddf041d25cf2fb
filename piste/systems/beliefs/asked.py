"""The questions that settle beliefs, asked of a system: reads alone, a sample of each place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from piste.engine.converge import run
from piste.engine.converge.errors import PisteError, Unreadable
from piste.engine.converge.module import Module
from piste.engine.converge.moments import written
from piste.engine.converge.reading import FAULTS, why
from piste.engine.transport.subjects import subject
from piste.systems.beliefs.answers import Answer, verdicts
from piste.systems.beliefs.form import DOCTOR, systems

SAMPLE = 8
"""Places that a question is asked about, where the harm is a stop: a capture has them all."""


def answering(
    name: str,
    of: str,
    system: run.System,
    ask: Callable[[Any, str], Iterator[Answer]],
    version: Callable[[Any], str],
    now: Callable[[Any], float],
) -> dict[str, Module]:
    """Make the subject that asks a system what settles the beliefs about it.

    `ask` gives the answers to a path, `version` that of the system, `now` its time. A question without an answer is
    unanswered, with its reason, and the others are asked. Answers may name persons: they are judged here, and verdicts
    alone leave.
    """

    def read(connection: Any, params: run.Params) -> dict[str, Any]:
        answers, unanswered = list[Answer](), dict[str, str]()
        said = version(connection)
        for question in questions(of):
            try:
                # The places that answer before a refusal may refute.
                answers.extend(ask(connection, question.removeprefix("GET ")))
            except PisteError as error:
                if error.kind == "unknown" and not isinstance(error, Unreadable):
                    raise
                unanswered[question] = error.what
            except FAULTS as error:
                unanswered[question] = why(error)
        shown = {id_: verdict._asdict() for id_, verdict in verdicts(of, answers, unanswered)}
        return {"verdicts": shown, "version": said, "unanswered": unanswered, "read_at": written(now(connection))}

    return subject(name, system, read)


def everywhere(system: str, question: str) -> bool:
    """Tell whether each place counts: it settles a belief whose harm is more than a stop."""
    return any(question in belief.questions for belief in systems()[system].beliefs.values() if belief.harm != "stop")


def questions(system: str) -> list[str]:
    """List what is asked of a system, once each."""
    every = (question for belief in systems()[system].beliefs.values() for question in belief.questions)
    return [question for question in dict.fromkeys(every) if not question.startswith(DOCTOR)]
