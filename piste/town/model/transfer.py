"""The transfer as declared: its lots and days, holders of the vault, points, notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypedDict

from pydantic import Field, model_validator

from . import values
from .accounts import Login
from .forms import Date, Form, Title

if TYPE_CHECKING:
    from .changes import Freeze
    from .view import View

UNHELD = "PISTE-M409"
"""The rule that a lot breaks whose freeze holds no write back."""
_MINUTE = "%Y-%m-%dT%H:%M"
type Lot = Annotated[str, Field(min_length=1, max_length=60)]
type PaperName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]


class DeclaredLot(Form):
    """The days of a lot; both ends of the freeze are included, `switch_on` is the takeover.

    `joint` are the logins that the leaver and the successor both use meanwhile.
    """

    freeze_from: Date | None = None
    freeze_until: Date | None = None
    switch_on: Date | None = None
    joint: list[Login] = Field(default_factory=list)

    @model_validator(mode="after")
    def _freeze_has_both_ends(self) -> DeclaredLot:
        begun, ended = self.freeze_from, self.freeze_until
        if (begun is None) != (ended is None) or (begun and ended and begun > ended):
            raise values.refuse("freeze_from et freeze_until vont ensemble, dans cet ordre")
        return self


class DeclaredPoint(Form):
    """A daily point: what was said, what follows, who does it by when."""

    day: Date
    lot: Lot | None = None
    says: Title
    todo: Title | None = None
    who: Title | None = None
    by: Date | None = None


class DeclaredNotice(Form):
    """A message of the communication plan: to whom, by which way, when, from whom."""

    audience: Title
    says: Title
    channel: Title
    when: Title
    who: Title | None = None


class DeclaredTransfer(Form):
    """The transfer; `holders` are the roles that have a share of the vault.

    `invoices` names, for a paper, the expense (`spending`) that it lets pay.
    """

    lots: dict[Lot, DeclaredLot] = Field(default_factory=dict)
    holders: list[Title] = Field(default_factory=list)
    points: list[DeclaredPoint] = Field(default_factory=list)
    communication: list[DeclaredNotice] = Field(default_factory=list)
    invoices: dict[PaperName, str] = Field(default_factory=dict)


class TransferLot(TypedDict):
    freeze_from: str | None
    freeze_until: str | None
    switch_on: str | None
    joint: list[str]


class Point(TypedDict):
    day: str
    lot: str | None
    says: str
    todo: str | None
    who: str | None
    by: str | None


class Notice(TypedDict):
    audience: str
    says: str
    channel: str
    when: str
    who: str | None


class Transfer(TypedDict):
    """The transfer as declared; days in ISO 8601."""

    lots: dict[str, TransferLot]
    holders: list[str]
    points: list[Point]
    communication: list[Notice]
    invoices: dict[str, str]


def check_freezes(view: View) -> None:
    """M409: nothing is written on the systems during the freeze of a lot."""
    town = view.declared.town
    for name, lot in town.variables.transfer.lots.items():
        if lot.freeze_from and lot.freeze_until and not _covered(lot, town.variables.freezes):
            mark = town.where(("transfer", "lots", name, "freeze_from"))
            message = f"lot {name}, gelé du {lot.freeze_from} au {lot.freeze_until} : aucun gel n’y tient partout"
            view.faults.add(UNHELD, path_of(name), mark, message)


def path_of(lot: str) -> str:
    """Name the freeze of a lot in the declaration."""
    return f"transfer.lots[{lot}].freeze_from"


def _covered(lot: DeclaredLot, freezes: Sequence[Freeze]) -> bool:
    """Tell whether freezes without exception hold all the days, together."""
    covered_until, last = datetime.fromisoformat(f"{lot.freeze_from}T00:00"), f"{lot.freeze_until}T23:59"
    for freeze in sorted(freezes, key=lambda freeze: freeze.start):
        # Both ends of a freeze are included: the next may begin a minute later.
        if not freeze.spared and freeze.start <= f"{covered_until:{_MINUTE}}":
            covered_until = max(covered_until, datetime.fromisoformat(freeze.until) + timedelta(minutes=1))
    return f"{covered_until:{_MINUTE}}" > last
