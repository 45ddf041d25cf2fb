"""The form of what is declared of printing: the town's defaults, the queues of a site and what they are spared."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .schema import Date, Form, Marked

Sides = Literal["one_sided", "long_edge", "short_edge"]
"""One side, or both, turned along their long or their short edge."""


class PrintDefaults(Form):
    duplexing: Sides
    color: bool


class Printing(Marked):
    """The print server, what the names of queues begin with, and what they all do by default."""

    server: str
    prefix: Annotated[str, Field(pattern=r"[a-z]{2,8}")]
    defaults: PrintDefaults


class PrintQueue(Marked):
    """A queue that the print server has; what is absent is not managed, but for the town's defaults.

    `duplexing` and `color` are a departure from these, which says why (`why`) and until the end of which day (`until`).
    """

    location: str | None = None
    comment: str | None = None
    shared: bool | None = None
    share_name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    duplexing: Sides | None = None
    color: bool | None = None
    why: Annotated[str, Field(min_length=1)] | None = None
    until: Date | None = None
