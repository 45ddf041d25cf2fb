"""The tender's demands on a hand-over (CCTP 6.2, 6.3, 6.6), and what shows each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from piste.town.model.forms import Form

type Some = Annotated[Sequence[str], Field(min_length=1)]


class Asked(Form):
    """A thing that the tender asks for, and what shows it.

    `clauses` judge it, the command `proof` shows it, files of the bag carry it (`bag`, patterns below its data);
    `elsewhere` is what the bag has not, and where to take it.
    """

    what: str
    clauses: Some
    proof: str
    bag: Some
    elsewhere: str | None = None


class Demands(Form):
    """The scope (CCTP 6.2), the deliverables (6.3) and the criteria (6.6), in their order."""

    scope: Sequence[Asked]
    deliverables: Sequence[Asked]
    criteria: Sequence[Asked]


@cache
def demands() -> Demands:
    """Read the table of the demands."""
    import yaml

    text = (Path(__file__).parent / "templates/asked.yml").read_text("utf-8")
    return Demands.model_validate(yaml.load(text, yaml.CSafeLoader), strict=False)
