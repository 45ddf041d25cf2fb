"""Operations that a saved plan allows, and the rest of an operation written in part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.allowed import Allowed
from piste.engine.converge.plan import Operation
from piste.engine.converge.secrets import Secret

OLD = {"serial": "Q", "name": "vieux", "notes": "n", "part": {"a": 1, "b": 2}}
NEW = {"serial": "Q", "name": "neuf", "notes": "m", "part": {"a": 3, "b": 2}}


def operation(before: Any, after: Any, key: str = "Q", owner: str = "ecole", kind: str = "device") -> dict[str, Any]:
    action: Any = "create" if before is None else "delete" if after is None else "update"
    described: dict[str, Any] = json.loads(
        json.dumps(Operation("meraki", owner, kind, key, action, before, after).to_json())
    )
    return described


SAVED = Allowed([operation(OLD, NEW), operation(None, NEW, key="N"), operation(OLD, None, key="D")])


def test_a_plan_allows_its_operations_and_no_other() -> None:
    for described in (operation(OLD, NEW), operation(None, NEW, key="N"), operation(OLD, None, key="D")):
        assert described in SAVED
    for other in (
        operation(OLD, NEW, key="autre"),
        operation(OLD, NEW, owner="autre"),
        operation(OLD, NEW, kind="network"),
        operation(OLD, {**NEW, "name": "tiers"}),
        operation({**OLD, "name": "tiers"}, NEW),
        operation(OLD, None),
        operation(None, NEW),
        operation(OLD, NEW, key="D"),
        operation({**OLD, "part": {"a": 9, "b": 2}}, NEW),
        operation({**NEW, "lat": 1.0}, {**NEW, "lat": 2.0}),
    ):
        assert other not in SAVED, other


@pytest.mark.parametrize("written", [{"name"}, {"notes"}, {"part"}, {"name", "part"}, {"name", "notes"}])
def test_the_end_of_what_was_written_in_part_is_allowed(written: set[str]) -> None:
    """Documents are written whole, in any order."""
    half = {name: (NEW if name in written else OLD)[name] for name in OLD}
    assert operation(half, NEW) in SAVED


@pytest.mark.parametrize(
    ("before", "allowed"),
    [
        ({"serial": "Q", "name": None, "notes": None, "part": {"a": False, "b": None}}, True),
        ({"serial": "Q", "name": "neuf"}, True),
        ({"serial": "Q", "name": "à la main"}, False),
        ({"serial": "Q", "part": {"a": 1, "b": None}}, False),
    ],
)
def test_of_an_object_that_was_just_made_the_rest_is_allowed_while_it_is_empty(before: Any, allowed: bool) -> None:
    assert (operation(before, {**before, **NEW}, key="N") in SAVED) is allowed


def test_a_secret_that_was_written_and_not_noted_is_unknown_and_its_operation_allowed() -> None:
    def server(digest: str, **more: Any) -> dict[str, Any]:
        return {"name": "p", "servers": [{"host": "10.0.0.1", "secret": Secret("radius/x", digest), **more}]}

    saved = Allowed([operation(None, server("0123456789abcdef"), kind="access_policy")])
    known = server("0123456789abcdef")
    assert operation(server(""), known, kind="access_policy") in saved
    assert operation(server("fedcba9876543210"), known, kind="access_policy") not in saved
    assert operation(server("", port=1), known, kind="access_policy") not in saved


def test_the_file_of_a_plan_is_read_for_its_operations(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"operations": [operation(OLD, NEW)]}))
    allowed = Allowed.read(str(path))
    assert allowed is not None
    assert operation(OLD, NEW) in allowed
    assert Allowed.read(None) is None


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (["a", "b", "c"], True),
        (["a", "c"], True),
        ([], True),
        (["c", "a"], False),
        (["a", "a"], False),
        (["a", "x"], False),
    ],
)
def test_what_goes_may_have_lost_contents_and_gained_none(rules: list[str], allowed: bool) -> None:
    """The sections of sites go before the policy of the town."""
    saved = Allowed([operation({"name": "VLB", "rules": [{"id": name} for name in "abc"]}, None, kind="policy")])
    left = {"name": "VLB", "rules": [{"id": name} for name in rules]}
    assert (operation(left, None, kind="policy") in saved) is allowed
    assert operation(left, {"name": "VLB", "rules": []}, kind="policy") not in saved
    assert operation({**left, "template": "autre"}, None, kind="policy") not in saved
