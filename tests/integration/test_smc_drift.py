"""Changes behind the declaration, by the vendor's own library: named exactly, repaired."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from smc import session
from smc.elements.network import Host, Network
from smc.elements.service import TCPService
from smc.policy.layer3 import FirewallPolicy

from lab.server import Listener
from tests.support.rules import ELEMENTS, TOWN
from tests.support.smc import SmcWorld, rules


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SmcWorld]:
    made = SmcWorld(tmp_path / "smc")
    made.simulator.behaviour.null_values = "ignore"  # the vendor's library sends some
    made.module("smc_elements", ELEMENTS)
    made.module("smc_policies", [TOWN])
    listener = Listener({"": made.simulator})
    session.login(url=listener.url, api_key=made.key, api_version="7.4")
    made.forget_requests()
    yield made
    session.logout()
    listener.close()


def drift(world: SmcWorld) -> list[tuple[str, str, list[str]]]:
    """Return the changes that a check names: action, key, fields."""
    with world.run() as run:
        operations = [
            *run.module("smc_elements", ELEMENTS, check=True)["operations"],
            *run.module("smc_policies", [TOWN], check=True)["operations"],
        ]
    return [(operation["action"], operation["key"], operation["fields"]) for operation in operations]


def test_nothing_is_found_where_nothing_changed(world: SmcWorld) -> None:
    assert drift(world) == []


def test_elements_that_somebody_changed_are_found_and_repaired(world: SmcWorld) -> None:
    Network("net-jaures").update(ipv4_network="10.93.0.0/16")
    TCPService("TCP-8443").update(min_dst_port=443, max_dst_port=8443)
    Host.create("que personne ne déclare", "10.0.0.1")
    assert drift(world) == [
        ("update", "network/net-jaures", ["ipv4_network"]),
        ("update", "tcp_service/TCP-8443", ["ports"]),
    ]
    world.module("smc_elements", ELEMENTS)
    assert drift(world) == []
    assert Network("net-jaures").ipv4_network == "10.93.12.0/24"


@pytest.mark.parametrize("change", ["action", "added", "copied", "deleted", "moved", "disabled"])
def test_rules_that_somebody_changed_are_found_and_repaired(world: SmcWorld, change: str) -> None:
    policy = FirewallPolicy("VLB")
    listed = policy.fw_ipv4_access_rules
    web, admin = _rule(listed, "jaures-web"), _rule(listed, "admin")
    if change == "action":
        web.update(sources="any")
    elif change == "added":
        listed.create(name="any any", sources="any", destinations="any", services="any", action="allow", add_pos=1)
    elif change == "copied":  # the comment goes with it, and with the comment its id
        listed.create(name=web.name, sources="any", services="any", action="allow", comment=web.comment, add_pos=1)
    elif change == "deleted":
        web.delete()
    elif change == "moved":
        web.move_rule_before(admin)
    else:
        web.disable()
        web.save()
    assert rules(world) != TOWN["ipv4_access"]
    assert drift(world) == [("update", "fw_policy/whole/VLB", ["ipv4_access"])]
    done = world.module("smc_policies", [TOWN])
    assert len(world.writes) == 1
    assert rules(world) == TOWN["ipv4_access"]
    assert done["diff"][0]["before"] != done["diff"][0]["after"]
    assert drift(world) == []


def test_the_diff_of_a_rule_shows_that_rule_alone(world: SmcWorld) -> None:
    web = _rule(FirewallPolicy("VLB").fw_ipv4_access_rules, "jaures-web")
    web.update(services="any")
    with world.run() as run:
        (diff,) = run.module("smc_policies", [TOWN], check=True)["diff"]
    before, after = diff["before"].splitlines(), diff["after"].splitlines()
    assert set(before) - set(after) == set()
    assert [line.strip() for line in after if line not in before] == ["- service_group/svc-web"]


def _rule(listed: Any, identity: str) -> Any:
    (rule,) = [candidate for candidate in listed if f"[id:{identity}]" in str(candidate.comment)]
    return rule
