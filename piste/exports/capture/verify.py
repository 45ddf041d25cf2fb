"""The verification of a capture, offline: its seal, its form, the unknown in its answers.

Anybody may have made it: any content gives findings, within the bounds of files from elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge.bounded import Unreadable
from piste.engine.converge.moments import zoned
from piste.engine.converge.text import on_one_line
from piste.engine.finding import Finding
from piste.engine.transport.witness import Question
from piste.engine.words import agreed, some
from piste.exports.bag import bagit
from piste.exports.capture import forms, store
from piste.exports.capture.make import PARTS
from piste.exports.capture.masks import MASKED, Masks
from piste.systems import questions
from piste.systems.beliefs import answers as believed
from piste.systems.beliefs.answers import Verdict
from piste.systems.microsoft.client import LICENCE

MEANS: Mapping[str, str] = {
    "unseen": "champ inconnu : Piste ne le lit pas et n’y écrit pas ; sa valeur n’est pas gardée",
    "type": "d’un autre type que celui attendu : ce qui le lit peut se tromper, la forme est à revoir",
    "null": "vide (null) là où une valeur est attendue : ce qui le lit doit l’admettre",
    "value": "valeur hors de celles connues : ce qui en décide peut se tromper",
    "form": "réponse sans forme connue : rien de ses textes n’est gardé",
}
"""What something odd means."""
_Named = list[tuple[str, store.Answer]]
"""Answers, each with the name of its file."""
_ABSENT = (404, 410)
"""Statuses that answer: the object is not there."""
_UNLICENSED = "Il y faut une licence que la ville n’a pas : ce qui en dépend reste inconnu, et rien n’est à refaire."
_FORBIDDEN = "Donnez au compte le droit de cette lecture (piste init production les dit), puis refaites la capture."
BELIEVED = {"ad": "windows", "nut": "ups", "winrm": "windows"}
"""The systems of answers, where the beliefs about them are in the file of another."""


class Oddity(NamedTuple):
    """Something that several answers show: where, of what type and size, in how many."""

    system: str
    question: str
    at: str
    why: str
    type: str
    size: int
    value: str
    answers: int

    @property
    def said(self) -> str:
        value = f" « {self.value} »" if self.value else ""
        where = f"{self.question} {self.at}".strip()
        size = f", taille {self.size}" if self.size else ""
        of = f"{self.type}{size}, {agreed(self.answers, 'réponse(s)')}"
        return f"{self.system} : {where} ({of}){value} : {MEANS[self.why]}"


class Examined(NamedTuple):
    """The examination of a capture: its faults, what is odd, what it shows of the beliefs.

    `lacking` says of beliefs why nothing is known of them: an answer that their judges need is not there. `partial` are
    the systems of a step that did not end well; `since` has the moment of their oldest answers.
    """

    findings: list[Finding]
    about: store.About | None
    odd: list[Oddity]
    verdicts: dict[str, Verdict]
    lacking: Mapping[str, str] = {}
    partial: frozenset[str] = frozenset()
    since: Mapping[str, datetime] = {}


class _AsKept(Masks):
    """The masks of texts that are masked already: nothing is looked for in them again."""

    def without_secrets(self, value: str) -> str:
        return value


_AS_KEPT = _AsKept(b"", keep_names=True)


def read(capture: Path) -> tuple[list[Finding], store.About | None, _Named]:
    """Check the seal and the form of a capture, and what lacks an answer.

    Give that, what the capture says of itself, and its answers with the names of their files. After wrong digests, or
    in a wrong form, nothing further is believed: it then says nothing of itself.
    """
    redo = "Redemandez cette capture : elle n’est pas celle qui a été scellée."
    faults = bagit.faults(capture)
    findings = [Finding("capture.digests", "wrong", _line(place, why), redo) for place, why in faults[:100]]
    if findings:
        return findings, None, []
    data = capture / bagit.PAYLOAD
    try:
        about = store.read_about(data)
        answers = [*store.answers(data)]
    except Unreadable as error:
        wrong = [Finding("capture.form", "wrong", _line(place, why), redo) for place, why in error.at(store.ABOUT)]
        return wrong, None, []
    sealed = Finding("capture.digests", "ok", "empreintes")
    return [sealed, *_form(about, answers), *_unanswered(about, answers)], about, answers


def examine(capture: Path, say: Callable[[str], None] = lambda step: None) -> Examined:
    """Run every check; `say` hears what it is at."""
    say("Empreintes et réponses")
    findings, about, answers = read(capture)
    if about is None:
        return Examined(findings, None, [], {})
    say(f"Croyances, par {agreed(len(answers), 'réponse(s)')}")
    by_system: defaultdict[str, list[believed.Answer]] = defaultdict(list)
    for _, answer in answers:
        if answer.status not in _ABSENT:
            by_system[BELIEVED.get(answer.system, answer.system)].append(_as_judged(answer))
    judged = {id_: said for system, given in by_system.items() for id_, said in believed.judgments(system, given)}
    # What a mask has made is no evidence.
    shown = {id_: said for id_, said in judged.items() if not MASKED.search(said.evidence)}
    verdicts = {id_: said for id_, said in shown.items() if said.state != "unknown"}
    lacking = {id_: said.evidence for id_, said in judged.items() if said.state == "unknown" and said.evidence}
    partial = frozenset(_partial(about, answers))
    return Examined(findings, about, [*_odd(answers, say)], verdicts, lacking, partial, _since(answers))


def _since(answers: _Named) -> dict[str, datetime]:
    """Give the moment of the oldest answer of each system, where all their moments make sense."""
    moments: defaultdict[str, list[str]] = defaultdict(list)
    for _, answer in answers:
        moments[BELIEVED.get(answer.system, answer.system)].append(answer.at)
    since: dict[str, datetime] = {}
    for system, known in moments.items():
        with suppress(ValueError):
            since[system] = min(map(zoned, known))
    return since


def _partial(about: store.About, answers: _Named) -> Iterator[str]:
    """Name the systems of a step that did not end well: what it had still to ask, nobody knows.

    The silence of a step that asks several is that of those that said nothing at all, if any.
    """
    silent = {step.name for step in about.steps if step.silent}
    heard = {answer.system for _, answer in answers if answer.status}
    for part in PARTS:
        if part.name in silent:
            systems = [system for system in part.systems if system not in heard] or part.systems
            yield from (BELIEVED.get(system, system) for system in systems)


def _form(about: store.About, answers: _Named) -> Iterator[Finding]:
    counts: defaultdict[str, int] = defaultdict(int)
    wrong = 0
    for name, answer in answers:
        counts[answer.system] += 1
        asked = Question(answer.system, answer.method, answer.path, (), answer.body)
        if questions.sort(asked) != "read" or Path(name).parent.name != answer.system:
            wrong += 1
            if wrong <= 100:
                what = _line(name, "n’est pas la réponse à une lecture de Piste")
                yield Finding("capture.form", "wrong", what, "Redemandez cette capture.")
    if not wrong:
        yield Finding("capture.form", "ok", f"{agreed(len(answers), 'réponse(s)')} à des lectures")
    if not about.ended:
        yield Finding("capture.whole", "unknown", "la capture n’est pas finie", "Relancez « piste capture ».")
    elif dict(counts) != dict(about.answers):
        yield Finding("capture.counts", "wrong", "les nombres de réponses ne sont pas ceux annoncés", "Redemandez-la.")


def _unanswered(about: store.About, answers: _Named) -> Iterator[Finding]:
    """Find what the capture lacks: steps, systems and readings without an answer."""
    todo = "Cette lecture manque à la capture : levez sa cause, puis refaites-la."
    for step in about.steps:
        for silent in step.silent[:20]:
            yield Finding("capture.silent", "unknown", on_one_line(f"{step.name} : {silent}"), todo)
    by_status: defaultdict[tuple[str, int, bool], list[store.Answer]] = defaultdict(list)
    for _, answer in answers:
        by_status[answer.system, answer.status, bool(LICENCE.search(_code(answer.answer)))].append(answer)
    answered = {system for system, status, _ in by_status if 200 <= status < 300}
    for system in about.systems:
        if system not in answered:
            why = "Levez sa cause, ou nommez par --system les systèmes que vous avez."
            yield Finding("capture.silent", "unknown", f"{system} : annoncé, il n’a rien répondu", why)
    for (system, status, lacks), given in sorted(by_status.items()):
        count = len(given)
        if status in _ABSENT:
            yield Finding("capture.status", "ok", f"{system} : {agreed(count, 'objet(s)')} qui n’y sont pas ({status})")
        elif not 200 <= status < 300:
            codes = dict.fromkeys(code for answer in given if (code := _code(answer.answer)))
            how = f"{agreed(count, 'lecture(s) refusée(s)')} ({', '.join([str(status), *codes])})"
            what = how if status else f"{agreed(count, 'lecture(s)')} sans réponse"
            asked = some(sorted({_question(answer) for answer in given}))
            cure = _UNLICENSED if lacks else _FORBIDDEN if status in (401, 403) else todo
            yield Finding("capture.status", "unknown", on_one_line(f"{system} : {what} : {asked}"), cure)


def _code(answer: Any) -> str:
    """Give the code of a refusal, where its system says it as most do, unmasked."""
    said = answer.get("error", answer) if isinstance(answer, Mapping) else {}
    codes = [said.get(name) for name in ("code", "errorCode")] if isinstance(said, Mapping) else [said]
    return next((code[:60] for code in codes if isinstance(code, str) and {*code} - {"x"}), "")


def _odd(answers: _Named, say: Callable[[str], None]) -> Iterator[Oddity]:
    """Gather what is odd, a line a place: the largest size, the number of answers."""
    seen: dict[tuple[str, ...], Oddity] = {}
    system = ""
    for _, answer in answers:
        if answer.system != system:
            system = answer.system
            say(f"Formes de {system}")
        asked = forms.name(answer.path, answer.body)
        line = forms.template(answer.system, asked)
        question = f"{answer.method} {line[0] if line else asked}"
        for odd in _again(answer, line):
            key = (answer.system, question, odd.at, odd.why, odd.type, odd.value)
            former = seen.get(key)
            size, count = max(odd.size, former.size if former else 0), (former.answers if former else 0) + 1
            seen[key] = Oddity(answer.system, question, odd.at, odd.why, odd.type, size, odd.value, count)
    yield from sorted(seen.values())


def _again(answer: store.Answer, line: tuple[str, Any] | None) -> list[forms.Odd]:
    """Compare an answer with the present forms.

    Of what the capture says of it, the sizes alone are taken.
    """
    if not 200 <= answer.status < 300:
        return []
    odd = [forms.Odd("", "form", forms.type_of(answer.answer), 0)]
    if line is not None:
        _, odd = forms.kept(answer.answer, line[1], _AS_KEPT)
    sizes: dict[tuple[str, str], int] = {(place.at, place.why): place.size for place in answer.odd}
    return [place._replace(size=max(place.size, sizes.get((place.at, place.why), 0))) for place in odd]


def _as_judged(answer: store.Answer) -> believed.Answer:
    """Give an answer as the judges of the beliefs take it, or its lack."""
    why = _lack(answer)
    if answer.method == "SEARCH":
        from piste.systems.windows.believed import searched

        question = searched(answer.query)
        if why:
            return believed.Answer(question, believed.Lacking(why))
        asked = [value for name, value in answer.query if name == "attribute"]
        given = answer.answer if isinstance(answer.answer, list) else []
        known = [entry.get("attributes") for entry in given if isinstance(entry, dict)]
        entries = [{name: each.get(name, []) for name in asked} for each in known if isinstance(each, dict)]
        return believed.Answer(question, entries)
    return believed.Answer(_question(answer), believed.Lacking(why) if why else answer.answer)


def _lack(answer: store.Answer) -> str:
    """Say why a question has no answer that reads, if so."""
    if not 200 <= answer.status < 300:
        return f"lecture refusée ({answer.status})" if answer.status else "sans réponse"
    line = forms.template(answer.system, forms.name(answer.path, answer.body))
    return "la réponse ne se lit pas" if line and forms.unlike(answer.answer, line[1]) else ""


def _question(answer: store.Answer) -> str:
    """Name a question as the judges of the beliefs do."""
    if answer.method == "SHOW":
        return f"{answer.path[1:].replace('/', ' show ', 1)}"
    query = "&".join(f"{name}={value}" for name, value in answer.query)
    return f"{answer.method} {forms.name(answer.path, answer.body)}{f'?{query}' if query else ''}"


def _line(place: str, why: str) -> str:
    return on_one_line(f"{place} : {why}"[:400])
