"""The last judgment of each point of the directory."""

from __future__ import annotations

from typing import Annotated, TypedDict

from pydantic import Field

from piste.engine.converge.moments import zoned
from piste.readings import store
from piste.readings.belief import Reading, Tried, Unread
from piste.readings.table import SUBJECTS, Answer
from piste.systems.windows.points.table import readable
from piste.town.model.derived import Derived

SUBJECT = SUBJECTS["directory"]
_SILENT = "l’annuaire n’a pas été lu : il n’a pas répondu, ou cet environnement ne dit pas comment le joindre"
_LEFT_OUT = "l’annuaire n’en dit rien"


class Judged(TypedDict):
    """A point: objects at fault, objects judged, some names.

    It is `wrong` beyond what it allows.
    """

    wrong: bool
    faults: Annotated[int, Field(ge=0)]
    of: Annotated[int, Field(ge=0)]
    names: Annotated[list[Annotated[str, Field(max_length=2000)]], Field(max_length=20)]


def stands(town: Derived, id_: str) -> bool:
    """Tell whether a point is still read."""
    return id_ in readable()


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep each point that was judged, and why others were not; tell whether something came."""
    tried: dict[str, Tried[Judged]] = dict.fromkeys(readable(), store.unanswered(answer, _SILENT))
    if content := answer.content:
        at, judged, unread = zoned(content["read_at"]), content["points"], content["unread"]
        tried = {
            id_: Reading(judged[id_], at) if id_ in judged else Unread(unread.get(id_, _LEFT_OUT), at) for id_ in tried
        }
    store.keep(SUBJECT, environment, tried, only=())
    return any(isinstance(outcome, Reading) for outcome in tried.values())
