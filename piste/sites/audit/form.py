"""The form of the first audit, as it is sealed: only what was read or declared."""

from __future__ import annotations

from typing import Literal

from piste.engine.finding import Gravity
from piste.papers.dossier.drawn.town import NetworkMap
from piste.town.model.forms import Record

OWN = "audits"
"""The subject of kept audits: no audit judges itself."""


class Judged(Record):
    """A subject: its findings by state, and the command that reads it.

    `read` where something of it is believed: without a finding, nothing declared judges it.
    """

    name: str
    label: str
    wrong: int
    unknown: int
    ok: int
    again: str
    personal: bool
    read: bool = False

    @property
    def hidden(self) -> bool:
        return not self.wrong and not self.ok


class Hidden(Record):
    """A system from which nothing is known, and what that hides."""

    system: str
    hides: str


class Said(Record):
    """A finding to mend; `code` is that of the rule by which `what` begins."""

    id: str
    gravity: Gravity
    effort: str
    site: str
    what: str
    todo: str
    who: str
    code: str = ""


class Advice(Record):
    """A recommendation, the number of its findings and their worst gravity."""

    says: str
    effort: str
    gravity: Gravity
    count: int


class Item(Record):
    """Things alike of the inventory; `source` is what says so, an empty version is unknown."""

    source: str
    what: str
    version: str
    count: int


class Licence(Record):
    """A licence as declared or read; None and an empty end are unknown."""

    source: str
    label: str
    bought: int | None
    used: int | None
    end: str
    endless: bool


class Debt(Record):
    """An end that is past or near: its day, and what happens otherwise."""

    what: str
    by: str
    otherwise: str


class Stranger(Record):
    """An object that exists and that nothing declares; an empty site is not known."""

    site: str
    kind: str
    label: str


class Survey(Record):
    """A survey of what exists: its moment, what it was limited to, what did not answer it.

    `differing` counts the objects that are declared otherwise than they are.
    """

    at: str
    limit: str
    unread: list[str]
    strangers: list[Stranger]
    differing: int


class Audit(Record):
    """The first audit; `read` is the moment of its newest reading, by which it is known.

    `silent` are the parts of the inventory that nothing read, with the reason; `map` is None where nothing is declared,
    `survey` where nobody made one that is believed.
    """

    format: Literal[1] = 1
    environment: str
    town: str
    read: str
    subjects: list[Judged]
    hidden: list[Hidden]
    wrong: list[Said]
    advice: list[Advice]
    inventory: list[Item]
    silent: dict[str, str]
    licences: list[Licence]
    debt: list[Debt]
    map: NetworkMap | None
    survey: Survey | None = None
    hash: str = ""

    @property
    def unknown(self) -> list[Judged]:
        """Give the subjects that nothing is known about."""
        return [subject for subject in self.subjects if subject.hidden]

    @property
    def doubts(self) -> int:
        """Count the findings that are unknown."""
        return sum(subject.unknown for subject in self.subjects)

    @property
    def faults(self) -> int:
        """Count what is to mend, with what is not printed."""
        return sum(subject.wrong for subject in self.subjects)
