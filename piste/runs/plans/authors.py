"""The authors of what a drift shows: the log of a system is read once, where it differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from piste.engine.clock import in_town
from piste.engine.converge.allowed import OBJECT, object_of
from piste.engine.converge.errors import PisteError
from piste.engine.words import safe

if TYPE_CHECKING:
    from piste.runs.plans.play import Order
    from piste.town.model.derived import Derived

LOGS = ("meraki", "smc", "ad", "prism", "zabbix")
"""The systems whose log says it; of the others, the author is unknown.

The High-Level API of GLPI has no history, 2.0 to 2.3 (glpi-project/glpi #21987), and its `EventLog` no field nor value.
"""
UNKNOWN = "auteur inconnu"
UNREAD = "journal non lu"
UNTOLD = "ce système ne dit pas à Piste qui, ni quand"
Authored = Mapping[str, Any]
"""An object of a plan (`system`, `owner`, `kind`, `key`), and `by`, its authors (`engine.converge.authors`).

`by` is None where the log of the system was not read.
"""


def read(
    town: Derived, environment: str, operations: Iterable[Mapping[str, Any]], said: Callable[[Order], None]
) -> list[Authored]:
    """Ask the logs of the systems of some operations; give each object with its authors."""
    from piste.readings.table import Reader
    from piste.runs.plans.reading import answer

    objects: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for described in operations:
        objects[described["system"]].append(described)
    question = {system: [_asked(town, each) for each in objects[system]] for system in LOGS if system in objects}
    answers: Mapping[str, Any] = {}
    if question:
        reader = Reader(
            "authors", (), (), take="", playbook="playbooks/authors.yml", file="authors.json",
            asked_in="authors-question.json",
        )  # fmt: skip
        try:
            answers = answer(reader, environment, said, question)[0].content or {}
        except (PisteError, KeyboardInterrupt):
            answers = {}  # The drift, whose run took minutes, stands without its authors.
    return [
        {**dict(zip(OBJECT, object_of(described), strict=True)), "by": by}
        for system, mine in objects.items()
        for described, by in zip(mine, _answered(answers, system, len(mine)), strict=True)
    ]


def _answered(answers: Mapping[str, Any], system: str, count: int) -> Sequence[Any]:
    if system not in LOGS:
        return [[]] * count
    authors = answers.get(system)
    return authors if isinstance(authors, list) and len(authors) == count else [None] * count


def _asked(town: Derived, described: Mapping[str, Any]) -> dict[str, Any]:
    site = town.sites.get(described["owner"])
    return {
        **{name: described[name] for name in ("kind", "key", "action", "fields")},
        **{name: described["content"][name] or {} for name in ("before", "after")},
        "within": str(site["network_name"]) if site else "",
    }


def by_object(plan: Mapping[str, Any]) -> Mapping[tuple[str, ...], str]:
    """Give the sentence of each object of a drift; empty for a plan that asked nobody."""
    return {
        object_of(authored): sentence(authored["by"]) if authored["system"] in LOGS else UNTOLD
        for authored in plan.get("authors") or ()
    }


def since(plan: Mapping[str, Any], places: Iterable[int]) -> datetime | None:
    """Give the moment since which objects of a drift are as read: their last change, in UTC.

    None where a single object, or a part of it, has no known moment: the state of the others does not say it.
    """
    known = {object_of(authored): authored["by"] for authored in plan.get("authors") or ()}
    if not known:
        return None
    by = [known.get(object_of(plan["operations"][at])) for at in places]
    moments = [author["when"] for each in by for author in each or ()]
    if not by or not all(by) or not all(moments):
        return None
    return max(datetime.fromisoformat(when).astimezone(UTC) for when in moments)


def sentence(by: Sequence[Mapping[str, str]] | None) -> str:
    """Say who, when and how, of each: `par A. Martin, le 01/12/2026 à 10:12 (via API)`."""
    return UNREAD if by is None else " ; ".join(map(_said, by)) or UNKNOWN


def _said(author: Mapping[str, str]) -> str:
    who = f"par {author['who']}" if author["who"] else UNKNOWN
    how = f" ({author['how']})" if author["how"] else ""
    when = f", le {in_town(datetime.fromisoformat(author['when']))}" if author["when"] else ""
    return safe(f"{who}{when}{how}")
