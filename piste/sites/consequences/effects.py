"""The effect of a change of an object on people, by kind and field: the table `effects.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piste.engine.kind import ACCOUNT
from piste.engine.words import some
from piste.runs.changes import changes
from piste.sites.consequences.counts import UNREAD
from piste.sites.consequences.dependents import dependents
from piste.sites.consequences.form import Consequence
from piste.systems.kinds import of_object

if TYPE_CHECKING:
    from piste.sites.consequences.counts import Counts
    from piste.town.model.derived import Derived

FILE = Path(__file__).with_name("effects.yml")
COMPUTED = frozenset({"reach", "addresses", "names", "members"})
"""The effects that the other modules of this package compute."""
UNKNOWN = "durée inconnue"
_NAMED = 4
_CHANGES = 3
_LEFT = re.compile(r"^- (.+) : (oui|non)$")
"""A setting that goes, as a plan lists it: in a sentence, the sign reads like a refusal."""
_OFF = " : non → plus réglé"
"""The end of a change that people do not notice beside others: what was off is not set any more."""
Row = Mapping[str, Any]
Described = Mapping[str, Any]


@cache
def table() -> Mapping[str, Any]:
    import yaml

    read: Mapping[str, Any] = yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader)
    return read


def rows_of(operation: Described) -> Iterator[Row]:
    """Yield the rows of an operation: the first that fits each field that it changes.

    What comes or goes whole has the first row of its action, else that of all its other fields. Raises KeyError for a
    kind without rows.
    """
    rows = _all_rows(operation)
    if operation["action"] in ("create", "delete"):
        own = [row for row in rows if operation["action"] in row.get("actions", ()) and _holds(row, operation)]
        yield own[0] if own else rows[-1]
        return
    seen: list[Row] = []
    for field in operation["fields"]:
        row = _row_of(operation, field)
        if row not in seen:
            seen.append(row)
            yield row


def _all_rows(operation: Described) -> Sequence[Row]:
    rows: Sequence[Row] = table()["accounts"] if operation["kind"] == ACCOUNT else table()["kinds"][operation["kind"]]
    return rows


def _row_of(operation: Described, field: str) -> Row:
    value = (operation["content"]["after"] or {}).get(field)
    return next(row for row in _all_rows(operation) if _fits(row, operation, field, value))


def _fits(row: Row, operation: Described, field: str, value: Any) -> bool:
    return (
        operation["action"] in row.get("actions", (operation["action"],))
        and field in row.get("fields", (field,))
        and value in row.get("to", (value,))
        and (not row.get("less") or _shrinks(operation, field))
        and (not row.get("both") or all((side or {}).get(field) is not None for side in operation["content"].values()))
        and {*row.get("beside", ())} <= {*operation["fields"]}
        and _holds(row, operation)
    )


def _holds(row: Row, operation: Described) -> bool:
    """Tell whether the object has the values that a row asks for, before and after."""
    sides = {name: operation["content"][side] or {} for name, side in (("was", "before"), ("has", "after"))}
    return all(content.get(field) in values for name, content in sides.items()
               for field, values in row.get(name, {}).items())  # fmt: skip


_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def _shrinks(operation: Described, field: str) -> bool:
    """Tell whether a number, or a size with its unit, becomes smaller; whether a list loses any."""
    was, will = ((operation["content"][side] or {}).get(field) for side in ("before", "after"))
    if isinstance(was, (list, dict)):
        plain = isinstance(was, dict) or all(isinstance(each, str) for each in was)
        return not {*was} <= {*(will or ())} if plain else len(will or ()) < len(was)
    sizes = []
    for side in ("before", "after"):
        number, _, unit = str((operation["content"][side] or {}).get(field) or 0).partition(" ")
        sizes.append(float(number) * _UNITS.get(unit, 1))
    return sizes[1] < sizes[0]


def consequences(town: Derived, counts: Counts, operations: Sequence[Described]) -> Iterator[Consequence]:
    """Yield a line for all the operations of an owner that the same row says the same of.

    Sites are named in the same line where a row says the same. There is none where a row counts people, and it is about
    nobody.
    """
    together: dict[tuple[Any, ...], list[int]] = {}
    rows: dict[int, Row] = {}
    for at, operation in enumerate(operations):
        for row in rows_of(operation):
            if "computed" in row or "nobody" in row:
                continue
            rows[id(row)] = row
            same = "" if "{changes}" not in row["says"] else ";".join(_changes(row, operation))
            alone = operation["label"] if "{dependents}" in row["who"] + row["says"] else ""
            together.setdefault((id(row), operation["owner"], same, alone), []).append(at)
    for (row_id, *_), places in _alike(rows, together, operations).items():
        row, mine = rows[row_id], [operations[at] for at in places]
        count = _count(counts, row.get("counts", ""), mine)
        if count is not None:
            yield _line(town, row, mine, places, count)


def _count(counts: Counts, how: str, operations: Sequence[Described]) -> str | None:
    if "." in how:
        return counts.following(operations, how)
    counted: str | None = getattr(counts, how)(operations) if how else ""
    return counted


def _alike(
    rows: Mapping[int, Row], together: Mapping[tuple[Any, ...], Sequence[int]], operations: Sequence[Described]
) -> Mapping[tuple[Any, ...], Sequence[int]]:
    """Put together the owners for which a row says the same; counts stay with their owner."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for (row_id, owner, *same), places in together.items():
        row = rows[row_id]
        named = "{owner}" in row["who"] and "counts" not in row
        labels = tuple(str(operations[at]["label"]) for at in places) if named and "{label}" in row["who"] else ()
        alike.setdefault((row_id, "" if named else owner, labels, *same), []).extend(places)
    return alike


def _changes(row: Row, operation: Described) -> list[str]:
    """List the changes of the fields that a row says; another row may say the others."""
    if operation["action"] not in ("update", "reset"):
        return []
    names = [name for name in operation["fields"] if _row_of(operation, name) is row]
    every = [_LEFT.sub(r"\1 : \2 → plus réglé", text) for text in changes({**operation, "fields": names})]
    return [text for text in every if not text.endswith(_OFF)] or every


def _line(town: Derived, row: Row, operations: Sequence[Described], places: Sequence[int], count: str) -> Consequence:
    first = operations[0]
    labels, owners = (dict.fromkeys(str(operation[name]) for operation in operations) for name in ("label", "owner"))
    words = {
        "label": some([*labels], _NAMED),
        "owner": some([*owners], _NAMED),
        "changes": some(_changes(row, first), _CHANGES, " ; ") or "contenu",
        "count": count,
        "dependents": dependents(town, str(first["label"])),
    }
    source = table()["sources"].get(row.get("source", ""), row.get("source", ""))
    lasts = row.get("lasts", "")
    return Consequence(
        row["subject"],
        row["gravity"],
        _agreed(row["who"], len(labels)).format_map(words),
        _agreed(row["says"], len(labels)).format_map(words),
        tuple(places),
        lasts,
        source,
        row.get("unknown") or next((text for text in UNREAD if text in count), ""),
        undoable=row.get("undoable", True),
        loss=_loss(row, first),
    )


def _loss(row: Row, operation: Described) -> str:
    """Say what an undo loses of an object that goes; empty where nobody says it."""
    if operation["action"] != "delete" or operation["kind"] == ACCOUNT:
        return ""
    return str(row.get("loss") or of_object(operation["kind"]).renewed)


def _agreed(text: str, number: int) -> str:
    """Choose the words of a single object or of several: `[démarre|démarrent]`."""
    return re.sub(r"\[([^|\]]*)\|([^\]]*)\]", r"\2" if number > 1 else r"\1", text)
