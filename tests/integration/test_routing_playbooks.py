"""The town's gateways by the playbooks: applied, nothing left to do, exported, replayed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.playbooks import Console, console

HALL, SCHOOL = "hotel-de-ville", "ecole-jaures"
PLANNED = "nouveau-site"
LIMIT = ("-l", f"commune,{HALL},{SCHOOL},{PLANNED}")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as opened:
        yield opened


def routing(terminal: Console) -> dict[str, Any]:
    """Return what the only stack of the organization routes."""
    networks = terminal.lab.meraki.world.networks.values()
    (stack,) = [stack for network in networks for stack in network.get("stacks", {}).values()]
    known: dict[str, Any] = stack.setdefault("routing", {"interfaces": {}, "routes": {}, "gateway": ""})
    return known


def interfaces(terminal: Console) -> list[dict[str, Any]]:
    return [*routing(terminal)["interfaces"].values()]


def test_a_school_gets_its_gateways_a_planned_site_none_and_an_export_says_them_again(terminal: Console) -> None:
    done = terminal.play("playbooks/site.yml", *LIMIT)
    assert done.code == 0, done.said
    made = interfaces(terminal)
    assert made[0]["vlanId"] == 400
    assert {entry["vlanId"] for entry in made} == {400, 101, 103, 151, 153}
    again = terminal.play("playbooks/domains/routing.yml", *LIMIT, "--check")
    assert again.code == 0, again.said
    assert [again.recap(host)["changed"] for host in ("commune", HALL, SCHOOL)] == [0, 0, 0]

    folder = f"folder={terminal.folder / 'export'}"
    (terminal.folder / "export").mkdir()
    assert terminal.play("playbooks/export_routing.yml", "-e", folder).code == 0
    routing(terminal).update({"interfaces": {}, "routes": {}, "gateway": ""})
    replayed = terminal.play("playbooks/replay_routing.yml", "-e", folder)
    assert replayed.code == 0, replayed.said
    assert interfaces(terminal) == made
