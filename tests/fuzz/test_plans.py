"""Saved plans that somebody has changed: refused in words, whatever the change."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.errors import Missing
from piste.engine.repository import ENVIRONMENTS
from piste.runs.plans import keys, saved
from piste.runs.plans.form import CARRIED, faults
from piste.town import declared
from tests.fuzz.changes import HOSTILE, HOW, VALUES, changed, places
from tests.support.fuzz import examples
from tests.unit.plans.plans import operation, plan


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], Path]]:
    """A plan as it is kept, under a key of the test's; and the folder for changed plans."""
    folder = tmp_path_factory.mktemp("plans")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PISTE_PLANS_DIR", str(folder))
        patched.setattr(saved, "commit", lambda: ("c0ffee", True))
        patched.setattr(saved, "declaration_digest", lambda environment: "d")
        patched.setattr(keys, "seal", lambda *given: hmac.new(b"key", given[2], hashlib.sha256).hexdigest())
        made = plan(operation("a"), operation("b", "create", owner="ccas"), withheld=["école : à revoir"])
        yield saved.sealed(made), folder / "changed.json"


def read(path: Path) -> dict[str, Any] | None:
    """Read the plan of a file; None where it is refused in words."""
    try:
        return saved.read(str(path))
    except saved.StalePlan:
        return None


@given(data=st.data())
@examples(small=15, wide=2000)
def test_a_file_of_other_bytes_is_refused(data: st.DataObject, kept: tuple[dict[str, Any], Path]) -> None:
    whole, path = kept
    raw = saved._written(whole)
    at = data.draw(st.integers(0, len(raw) - 1))
    length, new = data.draw(st.integers(0, 40)), data.draw(st.binary(max_size=40))
    forged = raw[:at] + new + raw[at + length :]
    path.write_bytes(forged)
    assert (read(path) is not None) == (forged == raw)


@given(raw=st.binary(max_size=200) | st.text().map(lambda text: json.dumps(text).encode()) | VALUES.map(saved._written))
@examples(small=10, wide=1000)
def test_any_file_is_refused(raw: bytes, kept: tuple[dict[str, Any], Path]) -> None:
    kept[1].write_bytes(raw)
    assert read(kept[1]) is None


@given(data=st.data(), new=VALUES, how=HOW, sealing=st.sampled_from(["none", "own"]))
@examples(small=15, wide=2000)
def test_without_the_key_no_change_passes(
    data: st.DataObject, new: Any, how: str, sealing: str, kept: tuple[dict[str, Any], Path]
) -> None:
    whole, path = kept
    forged = changed(whole, data.draw(st.sampled_from(places(whole))), new, how)
    if sealing == "own" and isinstance(forged, dict):
        bare = {name: value for name, value in forged.items() if name != "seal"}
        forged["seal"] = hmac.new(b"mine", saved._canonical(bare), "sha256").hexdigest()
    saved.write_json(forged, path)
    assert read(path) in (None, whole if saved._written(forged) == saved._written(whole) else None)


@given(data=st.data(), new=VALUES, how=HOW)
@examples(small=15, wide=2000)
def test_with_the_key_what_is_read_leads_to_nothing_but_what_a_plan_may_say(
    data: st.DataObject, new: Any, how: str, kept: tuple[dict[str, Any], Path]
) -> None:
    whole, path = kept
    forged = changed(whole, data.draw(st.sampled_from(places(whole))), new, how)
    if not isinstance(forged, dict) or forged.get("environment") is None:
        return
    saved.write_json(saved.sealed(forged), path)
    plan = read(path)
    if plan is None:
        return
    assert faults(plan) == []
    saved.differences(plan, whole["operations"])
    try:
        order = saved.order_of(plan)
    except saved.StalePlan:
        return
    assert (order.playbook in CARRIED, order.environment in ENVIRONMENTS) == (True, True)
    assert declared.named(order.limit) <= {"", *declared.targets()}
    assert set(order.extra) - {"piste_undo"} <= CARRIED[order.playbook]
    assert "{{" not in json.dumps(order.extra)


@given(name=st.text(max_size=60) | st.sampled_from(HOSTILE))
@examples(small=8, wide=1000)
def test_any_name_is_a_plan_that_is_refused_or_is_not_there(name: str, kept: tuple[dict[str, Any], Path]) -> None:
    with pytest.raises((saved.StalePlan, Missing), match="PISTE-E"):
        saved.read(name)
