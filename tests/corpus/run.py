"""The run of the readers over a folder: what becomes of each file."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from piste.engine.converge.bounded import Unreadable, content, survey
from piste.engine.converge.errors import PisteError
from piste.engine.converge.text import on_one_line
from piste.engine.converge.values import Misfit
from tests.corpus.forms import FORMS, Differs, Form, Refused

Outcome = Literal["read", "refused", "differs", "crashed"]
SAID = {"read": "lu", "refused": "refusé", "differs": "diffère une fois récrit", "crashed": "PLANTÉ"}
REFUSALS = (Refused, PisteError, Misfit, Unreadable)


class Line(NamedTuple):
    """The outcome of a file."""

    place: str
    form: str
    outcome: Outcome
    why: str = ""

    def __str__(self) -> str:
        why = f" : {self.why}" if self.why else ""
        return f"{SAID[self.outcome]:8} {self.form} · {self.place}{why}"


def lines(folder: Path, forms: Iterable[Form] = FORMS) -> Iterator[Line]:
    """Yield a line for each file that has one of the forms; the others are passed over."""
    forms = tuple(forms)
    for path in survey(folder)[0]:
        place = path.relative_to(folder).as_posix()
        try:
            raw = content(path)
        except Unreadable as error:
            yield Line(place, "fichier", "refused", str(error))
            continue
        lower = PurePosixPath(f"/{place.lower()}")
        form = next((form for form in forms if form.fits(lower, raw)), None)
        if form:
            yield _line(place, form, path, raw)


def _line(place: str, form: Form, path: Path, raw: bytes) -> Line:
    try:
        read = form.read(path, raw)
    except Differs as error:
        return Line(place, form.name, "differs", str(error))
    except Exception as error:
        return Line(place, form.name, "refused" if _is_refusal(error) else "crashed", _why(error))
    try:
        differing = form.again(read) if form.again else ()
    except Exception as error:
        return Line(place, form.name, "refused" if _is_refusal(error) else "crashed", f"récrit, {_why(error)}")
    return Line(place, form.name, "differs" if differing else "read", on_one_line(", ".join(differing)[:300]))


def _is_refusal(error: Exception) -> bool:
    """Tell a refusal from a fault: a reader refuses by a ValueError with its own text."""
    return isinstance(error, REFUSALS) or (type(error) is ValueError and bool(_own(error)))


def _own(error: Exception) -> bool:
    """True where the code of Piste raised the error, and not a function that it called."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and "/piste/" in frames[-1].filename and (frames[-1].line or "").startswith("raise ")


def _why(error: Exception) -> str:
    text = on_one_line(str(error)[:300]) or type(error).__name__
    if _is_refusal(error):
        return text
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} : {text} ({Path(last.filename).name}:{last.lineno})"
