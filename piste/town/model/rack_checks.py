"""The access to racks, and their dated checks (CCTP 3.6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import Field

from .assets.form import Group
from .forms import Form

if TYPE_CHECKING:
    from .life.history import Event
    from .view import View

CheckId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
Text = Annotated[str, Field(min_length=1, max_length=300)]
Lock = Literal["key", "badge", "code"]
LOCKS: Mapping[Lock, str] = {"key": "clé", "badge": "badge", "code": "code"}


class RackCheck(Form):
    """A check that `who` does on each rack, or on each critical rack, every so many days."""

    what: Text
    every_days: Annotated[int, Field(ge=1, le=1830)]
    who: Group
    critical: bool = False


class RackChecked(TypedDict):
    """A check of a rack: the day and the proof of the last, the day by which the next is due.

    All three are None for a check that was never inscribed.
    """

    id: str
    what: str
    who: str
    done: str | None
    reference: str | None
    due: str | None


def derive_checks(
    site: str, rack: str, declared: Mapping[str, RackCheck], history: Iterable[Event], *, critical: bool
) -> list[RackChecked]:
    """Derive the checks of a rack from those of the town and from the history."""
    here = ("check", site, rack)
    last = {event.method: event for event in history if (event.action, event.site, event.asset) == here}
    return [_checked(id_, check, last.get(id_)) for id_, check in declared.items() if critical or not check.critical]


def _checked(id_: str, check: RackCheck, last: Event | None) -> RackChecked:
    due = date.fromisoformat(last.date) + timedelta(days=check.every_days) if last else None
    return RackChecked(
        id=id_, what=check.what, who=check.who, done=last.date if last else None,
        reference=last.reference if last else None, due=due.isoformat() if due else None,
    )  # fmt: skip


def is_rack(view: View, event: Event) -> bool:
    """Tell whether an event is about a declared rack of its site."""
    return any(event.asset in site.variables.premises.racks for site in view.declared.sites if site.id == event.site)
