"""A lab from a bag: its domains are replayed; a bag with faults changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab import daemon, replayed
from piste.exports.bag import bagit
from piste.runs.plans import play
from piste.runs.plans.play import Order, Played, Trouble
from tests.support.bags import tiny


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("sac"))


def test_the_domains_that_have_an_object_are_replayed_in_order_and_the_rest_is_said(
    bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[Order] = []

    def played(order: Order, *, check: bool) -> Played:
        assert not check
        orders.append(order)
        trouble = Trouble("commune", "Redire", "unknown", "le SMC ne répond pas.")
        return Played(operations=[{}, {}], troubles=[trouble] if "firewall" in order.playbook else [])

    monkeypatch.setattr(play, "play", played)
    asked: list[tuple[str, dict[str, Any]]] = []
    limits = {"rate_limit": 10, "claim_limit": 8, "batch_delay": 1.0}

    def ask(folder: Path, command: str, **given: Any) -> Any:
        asked.append((command, given))
        return {"set": limits, "clock": "2026-12-01T09:00:00+00:00"}.get(command)

    monkeypatch.setattr(daemon, "ask", ask)
    assert replayed.is_bag(bag)
    domains = replayed.checked(bag)
    assert domains == ["firewall", "printing", "network"]
    taken = replayed.replay(bag, tmp_path, domains, lambda part: None)
    assert [given for command, given in asked if command == "set" and given][-1] == limits
    assert abs(next(given["advance"] for command, given in asked if command == "clock")) < 86_400
    assert taken["taken"] == dict.fromkeys(domains, 2)
    assert [order.playbook for order in orders] == [f"playbooks/replay_{domain}.yml" for domain in domains]
    assert {order.extra["folder"] for order in orders} == {str(bag / "data/systems")}
    assert taken["left"][0] == "firewall : le SMC ne répond pas."
    assert "lacunes-connues.md" in taken["left"][-1]


def test_a_bag_with_faults_is_refused_before_the_lab_starts(bag: Path, tmp_path: Path) -> None:
    folder = tiny(tmp_path)
    (folder / "data/systems/network/ecole-jaures.yml").write_text("network: [", "utf-8")
    with pytest.raises(ValueError, match="pas conforme"):
        replayed.checked(folder)
    bagit.seal(folder, {})
    with pytest.raises(ValueError, match="pas conforme"):
        replayed.checked(folder)
