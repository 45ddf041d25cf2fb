"""The folder of a capture: an answer a file, kept as it comes, read as foreign data.

`data/answers/<system>/<digest of the question>.json` has a question and its answer; `data/capture.json` says what the
capture is. Until it is sealed, the folder is a draft, which another run of the command goes on with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from piste.engine.converge.bounded import Unreadable, content, of_json, survey
from piste.engine.converge.private import private_folder, write_private

ANSWERS, ABOUT = "answers", "capture.json"
REMEMBERED = "remembered.json"
"""The paths of the secrets that systems do not give back, by address."""
_Name = Annotated[str, Field(pattern=r"^[a-z]{2,20}$")]
_Text = Annotated[str, Field(max_length=2000)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OddPlace(_Form):
    """Something of an answer that its form does not have."""

    at: _Text
    why: Literal["unseen", "type", "null", "value", "form"]
    type: Literal["bool", "number", "null", "text", "list", "map"]
    size: int = Field(ge=0)
    value: _Text = ""


class Answer(_Form):
    """A question that was asked, and what is kept of its answer."""

    system: _Name
    method: Annotated[str, Field(pattern=r"^[A-Z]{3,10}$")]
    path: _Text
    query: list[tuple[str, str]] = Field(max_length=2000)
    body: Any = None
    at: _Text
    seconds: float = Field(ge=0)
    status: int = Field(ge=0, le=599)
    """That of HTTP; 0 where nothing answered."""
    link: str = Field(default="", max_length=20_000)
    answer: Any = None
    odd: list[OddPlace] = Field(default=[], max_length=10_000)


class Step(_Form):
    """A part of the capture: what it read, and what did not answer."""

    name: _Text
    ended: _Text
    silent: list[_Text]


class About(_Form):
    """The account that a capture gives of itself."""

    format: Literal["piste-capture-1"] = "piste-capture-1"
    environment: _Name
    version: _Text
    key: _Text = ""
    begun: _Text
    resumed: list[_Text] = []
    ended: _Text = ""
    names_kept: bool
    systems: list[_Name]
    steps: list[Step] = []
    answers: dict[_Name, int] = {}
    versions: dict[_Name, _Text] = {}
    """Versions of the systems, as the environment last read them before the end."""
    changed: list[_Name] = []
    """Systems whose version was another at the begin, or where the capture was taken up."""


_ANSWER, _ABOUT = TypeAdapter(Answer), TypeAdapter(About)


def keep_answer(data: Path, answer: Answer, *, over: bool = True) -> None:
    """Keep an answer, in the place of the former to the same question unless not `over`."""
    question = [answer.method, answer.path, answer.query, answer.body]
    digest = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:40]
    folder = private_folder(data / ANSWERS / answer.system)
    if over or not (folder / f"{digest}.json").exists():
        write_private(folder / f"{digest}.json", _written(answer), synced=False)


def keep_about(data: Path, about: About) -> None:
    write_private(data / ABOUT, _written(about))


def keep_remembered(data: Path, paths: Mapping[str, str]) -> None:
    written = json.dumps(dict(sorted(paths.items())), ensure_ascii=False, indent=1)
    write_private(data / REMEMBERED, f"{written}\n".encode())


def remembered(data: Path) -> dict[str, str]:
    """Read the paths of written secrets by address, if any. Raises `Unreadable`."""
    if not (data / REMEMBERED).exists():
        return {}
    paths: dict[str, str] = _of(TypeAdapter(dict[_Text, _Text]), content(data / REMEMBERED))
    return paths


def read_about(data: Path) -> About:
    """Read what a capture says of itself. Raises `Unreadable`."""
    try:
        raw = content(data / ABOUT)
    except FileNotFoundError:
        raise Unreadable((0, f"{ABOUT} n’y est pas : ce dossier n’est pas une capture")) from None
    about: About = _of(_ABOUT, raw)
    return about


def answers(data: Path) -> Iterator[tuple[str, Answer]]:
    """Read every answer, by system and moment. Raises `Unreadable` with the file's name."""
    files, odd = survey(data / ANSWERS) if (data / ANSWERS).is_dir() else ([], [])
    if odd:
        raise Unreadable(*((0, f"{name} : {why}") for name, why in odd))
    read = []
    for path in files:
        name = path.relative_to(data).as_posix()
        try:
            read.append((name, _of(_ANSWER, content(path))))
        except Unreadable as error:
            raise Unreadable(*((line, f"{name} : {why}") for line, why in error.faults)) from None
    yield from sorted(read, key=lambda pair: (pair[1].system, pair[1].at, pair[0]))


def counted(data: Path) -> Mapping[str, int]:
    """Count the answers of each system, by their files."""
    folder = data / ANSWERS
    systems = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    return {path.name: sum(1 for _ in path.glob("*.json")) for path in systems}


def _of(form: TypeAdapter[Any], raw: bytes) -> Any:
    try:
        of_json(raw)  # its bounds: depth, values, numbers
        return form.validate_json(raw, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Unreadable((0, f"n’a pas la forme d’une capture : {where or 'le tout'} ({first['type']})")) from None


def _written(model: BaseModel) -> bytes:
    return (json.dumps(model.model_dump(), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
