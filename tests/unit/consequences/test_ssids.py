"""SSIDs that change VLAN, that tag no more, that translate addresses."""

from __future__ import annotations

from typing import Any

import pytest

from piste.sites.consequences.computed import of
from piste.sites.consequences.form import Consequence
from tests.unit.consequences.changes import SCHOOL, changed, plan, town

STRAY = ({"use_vlan_tagging": False}, {"ip_assignment_mode": "NAT mode"}, {"ip_assignment_mode": "VPN"})


def lines(*, back: bool = False, was: Any = None, **values: Any) -> list[Consequence]:
    made = changed("meraki_ssids", SCHOOL, "VLB-Agents", lambda ssid: ssid.update(values))
    made["content"]["before"].update(was or {})
    if back:
        made["content"] = {"before": made["content"]["after"], "after": made["content"]["before"]}
    return [*of(plan(made), town()).lines]


@pytest.mark.parametrize("back", [False, True], ids=["there", "back"])
@pytest.mark.parametrize("values", STRAY, ids=str)
def test_clients_of_no_known_segment_reach_what_nobody_knows(values: dict[str, Any], back: bool) -> None:
    made = [line for line in lines(back=back, **values) if line.subject == "reach"]
    assert [(line.gravity, line.basis) for line in made] == [("unknown", "unknown")]
    assert "VLB-Agents" in made[0].who


def test_what_is_off_has_no_clients() -> None:
    assert lines(was={"enabled": False}, enabled=False, use_vlan_tagging=False) == []


def test_an_ssid_that_changes_vlan_says_no_sources() -> None:
    moved = [line for line in lines(default_vlan_id=155) if line.flow]
    assert moved
    assert not [line.said for line in moved if ", de " in line.said or "0.0.0.0" in line.said]
    assert not [end for line in moved for end in line.flow["to"] if end["sources"]]  # type: ignore[index]
