"""Changes of the vendor's own SDK behind our back: our check finds exactly those."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.hosting import MODULES
from tests.support.hosting import ROLE, intent, operations
from tests.support.orphans import MODULES as ORPHANS
from tests.support.sdk import sdk


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab("empty", tls=True, inventory=[], others=["prism"]) as running:
        running.systems["prism"].behaviour.set(task_seconds=0.0, rate_limit=None)
        yield running


def run(lab: Lab, folder: Path, monkeypatch: pytest.MonkeyPatch, *, check: bool) -> list[dict[str, Any]]:
    """Run the role once over HTTPS, in this process."""
    folder.mkdir()
    monkeypatch.setenv(VARIABLE, str(folder))
    monkeypatch.setenv("PISTE_LOCK_DIR", str(folder / "locks"))
    whole = intent()
    return [MODULES[module].run(_params(lab, config=whole[part]), check) for module, part in ROLE]


def _params(lab: Lab, **given: Any) -> dict[str, Any]:
    where = {name: lab.info["prism"][name] for name in ("username", "password")}
    return {
        "prism": {"base_url": lab.info["prism"]["url"], "ca_file": lab.info["ca_file"], "rate": 0, **where},
        "cluster": intent()["cluster"],
        "apart": intent()["apart"],
        "state": "merged",
        "owner": "commune",
        "absent": [],
        "confirm": [],
        "max_removals": 5,
        "secrets": {},
        "secrets_lock": None,
        **given,
    }


def test_what_the_sdk_changed_is_found_exactly(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(lab, tmp_path / "first", monkeypatch, check=False)
    assert operations(run(lab, tmp_path / "second", monkeypatch, check=True)) == []
    assert sdk(lab.info, "drift") is True
    results = run(lab, tmp_path / "third", monkeypatch, check=True)
    fields = {operation["key"]: operation["fields"] for result in results for operation in result["operations"]}
    assert fields == {
        "Horaires/nuits-et-week-ends": ["description"],
        "surete": ["vlan"],
        "hdv-sql1": ["memory"],
        "hdv-log1": ["categories"],
    }
    whole = intent()
    declared: dict[str, Any] = {
        kind: [item["name"] for item in whole[kind]]
        for kind in ("vms", "subnets", "images", "affinity_policies", "protection_policies", "recovery_plans")
    }
    declared["categories"] = [f"{category['key']}/{category['value']}" for category in whole["categories"]]
    orphans = ORPHANS["prism_orphans"].run(_params(lab, **declared), True)["orphans"]
    assert [orphan["key"] for orphan in orphans] == ["hdv-pirate"]
