"""The table of effects: every kind has its rows, and no row is of a field that is not there."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from piste.engine.converge.resource import Shape
from piste.sites.consequences import said
from piste.sites.consequences.computed import Consequences, of
from piste.sites.consequences.effects import COMPUTED, UNKNOWN, rows_of, table
from piste.sites.consequences.form import GRAVITY, Consequence, Subject
from piste.systems.kinds import KINDS, of_object
from tests.unit.consequences.changes import SCHOOL, item, operation, plan, town

KEYS = {"fields", "actions", "to", "computed", "nobody", "subject", "gravity", "who", "says", "lasts", "source",
        "less", "both", "undoable"}  # fmt: skip
ROWS = [(kind, at, row) for kind, rows in table()["kinds"].items() for at, row in enumerate(rows)]
NAMED = [f"{kind}.{at}" for kind, at, _ in ROWS]


def test_every_kind_has_rows_and_no_other() -> None:
    assert {*table()["kinds"]} == {kind.table.name for kind in KINDS}


@pytest.mark.parametrize(("kind", "at", "row"), ROWS, ids=NAMED)
def test_a_row_is_whole(kind: str, at: int, row: dict[str, Any]) -> None:
    fields = {field.name for field in of_object(kind).table.fields}
    assert {*row} <= KEYS
    assert {*row.get("fields", ())} <= fields
    if "to" in row:
        known = [of_object(kind).table.field(name) for name in row["fields"]]
        choices = {choice for field in known for choice in field.choices or (True, False)}
        assert {*row["to"]} <= choices | {None}
    assert {*row.get("actions", ())} <= {"create", "update", "delete", "reset"}
    assert [name for name in ("computed", "nobody", "says") if name in row].__len__() == 1
    assert row.get("computed", "reach") in COMPUTED
    if "says" in row:
        assert row["subject"] in get_args(Subject)
        assert row["gravity"] in GRAVITY
        assert row["who"]
    if "lasts" in row:
        assert row["lasts"] == UNKNOWN or row["source"] in table()["sources"]


@pytest.mark.parametrize("kind", sorted(table()["kinds"]))
def test_every_change_of_a_kind_has_a_row(kind: str) -> None:
    names = [field.name for field in of_object(kind).table.fields]
    for action in ("create", "update", "delete", "reset"):
        for name in names:
            operation = {"kind": kind, "action": action, "fields": [name], "content": {"before": {}, "after": {}}}
            assert [*rows_of(operation)]


@pytest.mark.parametrize("kind", sorted(table()["kinds"]))
def test_no_field_is_in_two_rows_without_a_value(kind: str) -> None:
    plain = [row for row in table()["kinds"][kind] if not {"to", "less", "both", "actions"} & {*row}]
    names = [name for row in plain for name in row.get("fields", ())]
    assert len(names) == len({*names})
    assert "fields" not in plain[-1]


@pytest.mark.parametrize(("kind", "at", "row"), ROWS, ids=NAMED)
def test_a_drift_says_what_is_and_not_what_will_be(kind: str, at: int, row: dict[str, Any]) -> None:
    if "says" not in row:
        return
    made = Consequences([Consequence(row["subject"], row["gravity"], "x", row["says"], ())], {}, [], [])
    ((_, text), *_) = said.lines(made, {}, lambda owner: "", whole=False, drifted=True)
    assert re.findall(r"\b\w+(?:ra|ront)\b", text) == []


@pytest.mark.parametrize("action", ["create", "delete"])
@pytest.mark.parametrize("kind", sorted(table()["kinds"]))
def test_what_comes_or_goes_whole_has_words_of_its_own(kind: str, action: str) -> None:
    if of_object(kind).table.shape is Shape.FIXED:
        return
    (row,) = rows_of({"kind": kind, "action": action, "fields": [], "content": {"before": {}, "after": {}}})
    assert "{changes}" not in f"{row.get('who')} {row.get('says')}"


def words(module: str, key: str, was: dict[str, Any], will: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the gravity and the words of a change of fields; None takes a field away."""
    known = item(module, SCHOOL, key)
    sides = [{name: value for name, value in {**known, **side}.items() if value is not None} for side in (was, will)]
    return [(line.gravity, line.said) for line in of(plan(operation(module, SCHOOL, *sides)), town()).lines]


@pytest.mark.parametrize("mode", ["open", "open-enhanced"])
def test_an_ssid_without_a_key_opens(mode: str) -> None:
    lines = words("meraki_ssids", "VLB-Agents", {}, {"auth_mode": mode, "psk": None})
    assert [gravity for gravity, _ in lines] == ["opens"]
    assert words("meraki_ssids", "VLB-Agents", {"auth_mode": mode, "psk": None}, {})[0][0] == "outage"


def test_a_port_without_its_admission_opens() -> None:
    admits = {"access_policy_type": "Custom access policy", "access_policy": "802.1X"}
    ((gravity, text),) = words("meraki_switch_ports", "QZZZ-0005-0002/2", admits, {})
    assert gravity == "opens"
    assert text.endswith("y est admis sans s’authentifier")
    ((gravity, _),) = words("meraki_switch_ports", "QZZZ-0005-0002/2", {}, admits)
    assert gravity == "outage"


def test_an_isolation_that_goes_is_not_said_as_one_that_comes() -> None:
    on, off = {"isolation_enabled": True}, {"isolation_enabled": False}
    ((_, comes),) = words("meraki_switch_ports", "QZZZ-0005-0002/2", off, on)
    assert comes.endswith("isolé, il ne parle plus aux ports voisins")
    ((_, goes),) = words("meraki_switch_ports", "QZZZ-0005-0002/2", on, off)
    assert goes.endswith("il n’est plus isolé, et parle aux ports voisins")
