"""The last plans and what became of each: applied, stale, incomplete, illegible."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from piste.runs.plans import listed, saved
from piste.runs.plans.play import Trouble
from tests.unit.plans.plans import operation, plan

SILENT = Trouble("ecole-jaures", "Lire", "unknown", "pas de réponse")


@pytest.fixture(autouse=True)
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = []
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path / "plans"))
    monkeypatch.setattr(listed, "newest", lambda root, environment: iter(runs))
    for module in (saved, listed):
        monkeypatch.setattr(module, "commit", lambda: ("c0ffee", True))
    monkeypatch.setattr(saved, "declaration_digest", lambda environment: "d")
    return runs


def write(made: dict[str, Any], **changes: Any) -> str:
    saved.write_json({**made, "seal": "0" * 64, **changes}, saved.folder() / f"{made['id']}.json")
    return str(made["id"])


WAITING = {**operation("b"), "waiting": "attend uplink"}


@pytest.mark.parametrize(
    ("made", "changes", "state"),
    [
        (lambda: plan(operation()), {}, "to_apply"),
        (lambda: plan(operation()), {"commit": "0ld"}, "stale"),
        (lambda: plan(operation()), {"declaration": "other"}, "stale"),
        (lambda: plan(), {}, "nothing"),
        (lambda: plan(operation(), troubles=(SILENT,)), {}, "incomplete"),
        (lambda: plan(WAITING, withheld=["x : à confirmer (uplink)"]), {}, "incomplete"),
        (lambda: plan(operation(), WAITING, withheld=["x : à confirmer (uplink)"]), {}, "to_apply"),
        (lambda: plan(operation(), withheld=["x attend y"]), {}, "to_apply"),
        (lambda: plan(operation()), {"operations": 7}, "unreadable"),
        (lambda: plan(operation()), {"format": 1}, "unreadable"),
    ],
)
def test_a_plan_is_to_apply_only_where_it_still_can_be(made: Any, changes: dict[str, Any], state: str) -> None:
    name = write(made(), **changes)
    assert [(kept.id, kept.state) for kept in listed.listed("lab")] == [(name, state)]
    assert listed.listed("production") == []


def test_a_plan_was_applied_where_a_run_of_the_journal_says_so(records: list[dict[str, Any]]) -> None:
    made = plan(operation())
    name = write(made)
    check = {"id": "20261124T130000Z-000000", "plan": name, "check": True, "outcome": "changes"}
    old = {"id": "20200101T000000Z-000000", "plan": name, "check": False, "outcome": "changes"}
    records += [check, old]
    (kept,) = listed.listed("lab")
    assert (kept.state, kept.user) == ("to_apply", pwd.getpwuid(os.getuid()).pw_name)
    saved.begin(made)
    assert listed.listed("lab")[0].state == "begun"
    records.insert(0, {**check, "id": "20261124T130100Z-000000", "check": False})
    (kept,) = listed.listed("lab")
    assert (kept.state, kept.run) == ("applied", records[0])


def test_a_plan_that_is_no_plan_is_illegible_and_no_traceback() -> None:
    saved.folder().mkdir()
    for number, written in enumerate(("", "[]", json.dumps({"environment": "lab"}), "[" * 100_000)):
        (saved.folder() / f"20261124T12000{number}Z-000000.json").write_text(written)
    assert [(kept.id[13:15], kept.state) for kept in listed.listed("lab")] == [
        ("03", "unreadable"), ("02", "unreadable"), ("01", "unreadable"), ("00", "unreadable"),
    ]  # fmt: skip
