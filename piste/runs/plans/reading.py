"""A playbook that only reads: it writes what it read in a file of a private folder."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.engine.converge.bounded import Unreadable, content, of_json
from piste.engine.converge.errors import PisteError
from piste.readings.subject import named
from piste.readings.table import Answer, Reader
from piste.runs.plans import play
from piste.runs.plans.play import Order, Played
from piste.runs.plans.stop import Stopped
from piste.runs.records.record import KEPT_BY
from piste.town.model.dates import now

if TYPE_CHECKING:
    from piste.town.model.derived import Derived


class Read(NamedTuple):
    """The outcome of a reader: `something` was read; the run of its playbook, if it has one."""

    something: bool
    played: Played


def unsaid(order: Order) -> None:
    """Say nothing of an order."""


def read(
    reader: Reader,
    town: Derived,
    environment: str,
    said: Callable[[Order], None] = unsaid,
    asked: Mapping[str, Any] | None = None,
) -> Read:
    """Read the subjects of a reader, and keep what came; `said` hears of the order first.

    `asked` are the variables of its order, where they are not those of every day. Raises `UnreadableReading`,
    `NotWritten`, `Misused`.
    """
    if asked is None:
        asked = named(reader.extra)(town, environment) if reader.extra else {}
    made, played = Answer(None, asked, {}), Played()
    if reader.playbook:
        begun = now()
        try:
            made, played = answer(reader, environment, said, asked)
        except Stopped:
            raise
        except PisteError as error:  # nothing was asked: what was to be read is silent
            named(reader.take)(town, environment, Answer(None, asked, {reader.playbook: error.sentence()}, begun))
            raise
        made = made._replace(begun=begun)
    return Read(named(reader.take)(town, environment, made), played)


def answer(
    reader: Reader, environment: str, said: Callable[[Order], None], asked: Mapping[str, Any]
) -> tuple[Answer, Played]:
    """Run the playbook of a reader; give the answer, and the run."""
    with tempfile.TemporaryDirectory(prefix="piste-read-") as folder:
        if reader.asked_in:
            (Path(folder) / reader.asked_in).write_text(json.dumps(asked, ensure_ascii=False), "utf-8")
        extra = {} if reader.asked_in else asked
        variables = {**extra, "folder": folder, KEPT_BY: reader.name}
        # A playbook that also visits the sites would derive each of them: no reader needs them.
        order = Order(reader.playbook, environment, "commune", extra=variables, tags=reader.tags)
        said(order)
        played = play.play(order, check=False)
        written, read = Path(folder) / reader.file, None
        if reader.file:
            with suppress(Unreadable, FileNotFoundError):
                read = of_json(content(written))
    return Answer(read, asked, {trouble.task: trouble.message for trouble in played.troubles}), played
