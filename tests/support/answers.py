"""Spoilt answers: a run of each module on a simulator, where a read is answered otherwise.

The reads are those that the runs make; the name of a read is its path, without the identifiers of objects.
"""

from __future__ import annotations

import copy
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from piste.engine.converge.errors import PisteError
from piste.engine.transport.response import Response
from tests.support.smc import QUESTIONS

Json = dict[str, Any]
_IDENTIFIER = re.compile(
    r"(?<=/)([NL]_\d+|Q[A-Z0-9]{3}(-[A-Z0-9]{4}){2}|\d+|[\w=%]*:?[0-9a-f]{8}(-[0-9a-f]{4}){3}-\w+)(?=/|$)"
)
HTML = b"<!DOCTYPE html><html><body>Portail : veuillez vous connecter</body></html>"


class Wrote(BaseException):
    """The run has sent a write: it goes no further."""


class World(Protocol):
    """The common part of the vendors' simulated worlds."""

    spoil: Callable[[str, Response], Response]
    on_request: Callable[[str, str], None]

    def run(self) -> AbstractContextManager[Any]: ...


@dataclass(frozen=True)
class Scenario:
    """A run: `act` takes a runner of modules, and whether in check mode; `name` describes it."""

    name: str
    act: Callable[[Any, bool], Any]


@dataclass(frozen=True)
class Outcome:
    """The end of a run and its words.

    `kind` is `unknown`, `result`, `write`, `trace`, or another kind of error.
    """

    kind: str
    said: str = ""
    result: Any = field(default=None, compare=False)


def read_of(answer: Response) -> str:
    """The name of the read that an answer is to."""
    path = re.sub(r"^https?://[^/]+", "", answer.url).partition("?")[0]
    return _IDENTIFIER.sub("{id}", path)


def is_read(method: str, path: str) -> bool:
    return method in ("GET", "OPTIONS") or path.partition("?")[0].endswith(QUESTIONS)


Spoil = Callable[[str, Response], Response]


def play(
    world: World,
    scenario: Scenario,
    spoil: Spoil | None = None,
    *,
    check: bool = False,
    note: Callable[[str, str], None] = lambda method, path: None,
) -> Outcome:
    """Play a scenario with spoilt answers, up to a write; `note` is called for each request."""

    def stop(method: str, path: str) -> None:
        note(method, path)
        if not is_read(method, path):
            raise Wrote(f"{method} {path}")

    world.on_request = stop
    world.spoil = spoil or (lambda method, answer: answer)
    try:
        with world.run() as run:
            result = scenario.act(run, check)
    except Wrote as wrote:
        return Outcome("write", str(wrote))
    except PisteError as error:
        return Outcome(error.kind, error.code)
    except Exception as error:
        return Outcome("trace", repr(error))
    finally:
        world.spoil = lambda method, answer: answer
        world.on_request = lambda method, path: None
    return Outcome("result", _content(result), result)


def _content(result: Any) -> str:
    beside = ("calls", "warnings", "report", "diff", "summary")
    content = {name: value for name, value in result.items() if name not in beside}
    if "living" in content:
        # When it was read changes from run to run.
        content["living"] = {name: value for name, value in content["living"].items() if name != "read_at"}
    return json.dumps(content, sort_keys=True)


def recorded(
    world: World, scenario: Scenario, note: Callable[[str, str], None] = lambda method, path: None
) -> tuple[Outcome, dict[str, Any], dict[str, Place]]:
    """Play a scenario; return its end.

    With it, by read: the first answer that is not empty, as JSON; the place of the product that reads.
    """
    reads: dict[str, Any] = {}
    places: dict[str, Place] = {}

    def keep(method: str, answer: Response) -> Response:
        if is_read(method, answer.url) and answer.status == 200 and answer.body:
            content = json.loads(answer.body)
            if read_of(answer) not in reads or not _is_full(reads[read_of(answer)]):
                reads[read_of(answer)] = content
            places.setdefault(read_of(answer), _place())
        return answer

    return play(world, scenario, keep, note=note), reads, places


_PRODUCT = f"{Path(__file__).parents[2] / 'piste'}/"
Place = tuple[tuple[str, int], ...]
"""The lines of the product that a read goes through."""


def _place() -> Place:
    frame, lines = inspect.currentframe(), []
    while frame:
        if frame.f_code.co_filename.startswith(_PRODUCT):
            lines.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return tuple(lines)


def _is_full(content: Any) -> bool:
    return bool(content.get("data", content.get("result", content)) if isinstance(content, dict) else content)


Defect = Callable[[Response], Response]


def bodies(content: Any) -> dict[str, Defect]:
    """Bodies that are no valid answer, by name."""
    # A list that may come in an envelope may come without it.
    bare = isinstance(content, dict) and not {"items", "result"} & content.keys()
    json_bodies: Json = {"null": None, "other shape": [] if bare else {}, "text": "ok", "number": 0, "true": True}
    if isinstance(content, dict):
        json_bodies["empty object"] = {}
        json_bodies["error"] = {"message": "maintenance"}
    defects: dict[str, Defect] = {
        name: lambda answer, body=body: replace(answer, body=json.dumps(body).encode())  # type: ignore[misc]
        for name, body in json_bodies.items()
    }
    return defects | {
        "empty": lambda answer: replace(answer, body=b""),
        "truncated": lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2 or 1]),
        "page": lambda answer: replace(answer, body=HTML),
        "announced page": lambda answer: replace(answer, body=HTML, headers={"content-type": "text/html"}),
        "redirected": lambda answer: Response(302, {"location": "https://portail.invalid/"}, HTML, answer.url),
        "no content": lambda answer: Response(204, {}, b"", answer.url),
    }


Path = tuple[str, ...]
EACH = "*"
"""In a path, every element of a list."""


def paths(content: Any, at: Path = ()) -> Iterator[Path]:
    """Every field of a document; the elements of a list share their fields."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield (*at, name)
            yield from paths(value, (*at, name))
    elif isinstance(content, list):
        seen: dict[Path, None] = {}
        for element in content:
            seen |= dict.fromkeys(paths(element, (*at, EACH)))
        yield from seen


OTHER: Mapping[type, Any] = {str: ["x"], bool: "oui", int: {"x": 1}, float: {"x": 1}, list: "x", dict: "x"}
FALSE: Mapping[type, Any] = {str: False, bool: [], int: [], float: [], list: {}, dict: []}
"""What replaces a value: another type, and an empty or null value of another type."""


def spoilt(content: Any, path: Path, change: Callable[[Json, str], None]) -> Any:
    """Copy a document and change a field, wherever it is."""
    whole = copy.deepcopy(content)
    places = [whole]
    for name in path[:-1]:
        if name == EACH:
            places = [element for place in places if isinstance(place, list) for element in place]
        else:
            places = [place[name] for place in places if isinstance(place, dict) and name in place]
    for place in places:
        if isinstance(place, dict) and path[-1] in place:
            change(place, path[-1])
    return whole


def _missing(place: Json, name: str) -> None:
    del place[name]


def _null(place: Json, name: str) -> None:
    place[name] = None


def _typed(values: Mapping[type, Any]) -> Callable[[Json, str], None]:
    def change(place: Json, name: str) -> None:
        if place[name] is not None:
            place[name] = values[type(place[name])]

    return change


ABSENT: Mapping[str, Callable[[Json, str], None]] = {"missing": _missing, "null": _null}
MISTYPED: Mapping[str, Callable[[Json, str], None]] = {"other type": _typed(OTHER), "false": _typed(FALSE)}


def edited(path: Path, change: Callable[[Json, str], None]) -> Defect:
    def defect(answer: Response) -> Response:
        if not answer.body or answer.status != 200:
            return answer
        return replace(answer, body=json.dumps(spoilt(json.loads(answer.body), path, change)).encode())

    return defect


def on(read: str, defect: Defect) -> Callable[[str, Response], Response]:
    """Spoil the answers of a read."""

    def spoil(method: str, answer: Response) -> Response:
        return defect(answer) if is_read(method, answer.url) and read_of(answer) == read else answer

    return spoil


def is_unknown(outcome: Outcome) -> bool:
    """True where a run does not know.

    A diagnosis says it in a finding, what lives and what is used in `unread`.
    """
    if outcome.kind == "unknown":
        return True
    if isinstance(outcome.result, dict) and any(week["unread"] for week in outcome.result.get("weeks", ())):
        return True
    if isinstance(outcome.result, dict) and outcome.result.get("living", {}).get("unread"):
        return True
    findings = outcome.result.get("findings", ()) if isinstance(outcome.result, dict) else ()
    return any(finding["state"] == "unknown" for finding in findings)


def is_legal(world: World, scenario: Scenario, spoil: Spoil) -> bool:
    """Judge a field that a system may leave out: no object comes or goes.

    Nothing is known of it, so its declared value is at most written again. This holds for what is planned as for what
    is exported.
    """
    spoilt, known = (play(world, scenario, damage, check=True) for damage in (spoil, None))
    return spoilt.kind == known.kind == "result" and _objects(spoilt.result) == _objects(known.result)


def _objects(result: Json) -> tuple[int, list[str]]:
    """The number of objects of an export, and all that a plan does to objects but change them."""
    others = [operation for operation in result.get("operations", ()) if operation["action"] != "update"]
    drastic = [f"{operation['action']} {operation['key']}" for operation in others]
    return len(result.get("gathered") or ()), drastic
