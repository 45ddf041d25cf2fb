"""Users of an object of the firewall that is to go."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from piste.systems.forcepoint.elements import Elements

USERS = ["fw_ipv4_access_rule/r", "physical_interface/Interface 0", "fw_cluster/fw-hdv", "host/a"]


@pytest.mark.parametrize(
    ("check", "planned", "left"),
    [
        (True, (), USERS),
        (True, ("policy",), USERS[1:]),
        (True, ("policy", "engine_interface", "engine_settings"), ["host/a"]),
        (False, ("policy", "engine_interface", "engine_settings"), USERS),
    ],
)
def test_what_the_run_will_have_rewritten_uses_nothing(check: bool, planned: tuple[str, ...], left: list[str]) -> None:
    """The undo of a zone and of the interface that names it has a plan."""
    driver = object.__new__(Elements)
    shared = SimpleNamespace(planned=lambda kind: {"a": {}} if kind in planned else {})
    driver.smc = SimpleNamespace(shared=shared, users_of=lambda path: list(USERS))  # type: ignore[assignment]
    driver.request = SimpleNamespace(check=check)  # type: ignore[assignment]
    assert driver.used("zone/x", "/zone/1", []).endswith(", ".join(sorted(left)))
    assert driver.used("zone/x", "/zone/1", USERS) == ""
