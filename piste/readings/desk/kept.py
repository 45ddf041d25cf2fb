"""The tickets of each month that is over, as GLPI counted them; a month does not grow old."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypedDict

from pydantic import Field

from piste.readings import store
from piste.readings.belief import Reading, Tried
from piste.readings.links.period import bounds, month_before
from piste.readings.table import SUBJECTS, Answer
from piste.town.model.dates import now, today
from piste.town.model.derived import Derived

DESK = SUBJECTS["desk"]


class Exchanges(TypedDict):
    """The tickets of a category in a month; `last` is the day of its last ticket, of any month."""

    opened: int
    open_at_end: int
    last: str


class Month(TypedDict):
    """The tickets of a month; delays are in hours, None where no ticket has them.

    `satisfaction_answers` is None where nothing reads the satisfaction.
    """

    month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    opened: int
    incidents: int
    requests: int
    solved: int
    open_at_end: int
    first_answer_hours_median: float | None
    resolution_hours_median: float | None
    resolution_hours_mean: float | None
    satisfaction_mean: float | None
    satisfaction_answers: int | None
    categories: NotRequired[dict[str, int]]
    exchanges: NotRequired[dict[str, Exchanges]]


def over(town: Derived) -> list[str]:
    """Name the month that is over and is read, where the town has a service desk."""
    return [month_before(today())] if town.commune and town.commune["glpi"] else []


def variables(town: Derived, environment: str) -> dict[str, Any]:
    """Ask for the last month that is over."""
    return {"first": month_before(today())}


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep the months that GLPI counted; tell whether it counted any."""
    silence = store.unanswered(answer, "GLPI n’a pas répondu, ou cet environnement ne dit pas comment le joindre")
    tried: dict[str, Tried[Any]] = {str(answer.asked["first"]): silence}
    moment = answer.begun or now()
    for row in (answer.content or {}).get("months", ()):
        if moment.timestamp() >= bounds(str(row["month"])).end:
            tried[str(row["month"])] = Reading(row, moment)
    store.keep(DESK, environment, tried)
    return any(isinstance(outcome, Reading) for outcome in tried.values())


def stands(town: Derived, month: str) -> bool:
    """Tell whether a month is still to be read."""
    return month in over(town)
