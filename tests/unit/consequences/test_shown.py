"""The consequences of a plan as they are printed, whatever became of their computation."""

from __future__ import annotations

from typing import Any

import pytest

from piste.commands.consequences import say_consequences
from piste.sites.consequences import computed as computing
from piste.sites.consequences import said
from piste.sites.consequences.shown import Uncomputed, computed
from tests.unit.consequences.changes import SCHOOL, changed, item, operation, plan

ROOM = "QZZZ-0005-0002/2"


def renamed() -> dict[str, Any]:
    return plan(changed("meraki_switch_ports", SCHOOL, ROOM, lambda port: port.update(name="x")))


def test_a_computation_that_fails_is_said_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*args: Any) -> Any:
        raise KeyError("address")

    monkeypatch.setattr(computing, "Sides", failing)
    say_consequences(renamed())
    assert "? Ce que cela fait aux personnes n’est pas connu : PISTE-E051" in capsys.readouterr().out
    with pytest.raises(Uncomputed, match="KeyError : 'address'"):
        computed(renamed())


def test_what_changes_nothing_for_people_is_in_text_and_in_markdown() -> None:
    made = renamed()
    result, since = computed(made)
    name = f"{SCHOOL} / switch_port {ROOM} : "
    assert [text for _, text in said.lines(result, made, since, whole=True) if text.startswith(f"  = {name}")]
    assert f"- `=` `{name}" in said.markdown(result, made, since)


def test_what_a_system_has_may_lack_an_address_or_the_ends_of_a_scope() -> None:
    face = item("meraki_routed_interfaces", SCHOOL, "VLB hotel-de-ville/coeur-hdv/151")
    bare = {name: value for name, value in face.items() if name != "address"}
    scope = item("dhcp_scopes", SCHOOL, "")
    endless = {name: value for name, value in scope.items() if name not in ("start", "end")}
    computed(plan(operation("meraki_routed_interfaces", SCHOOL, bare, face)))
    made, _ = computed(plan(operation("dhcp_scopes", SCHOOL, endless, scope)))
    assert made.lines
