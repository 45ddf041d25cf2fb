"""The seeds of the simulated SMC: the disorder of the inherited server, the town in order."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from lab.clock import Clock
from lab.smc import kinds
from lab.smc.seeds import SEEDS, build_world
from lab.smc.seeds.inherited import POLICY, inherited
from lab.smc.seeds.town import town
from tests.support.smc_client import Client, frozen_client

ACCESS = "fw_ipv4_access_rule"


@pytest.fixture(scope="module")
def handed_over() -> Client:
    return frozen_client(inherited)


def rows(client: Client, kind: str = ACCESS) -> list[dict[str, object]]:
    policy = client.named("fw_policy", POLICY)
    return [client.get(entry["href"]) for entry in client.get(f"{policy}/{kind}")["result"]]


@pytest.mark.parametrize("name", SEEDS)
def test_a_seed_gives_the_same_state_each_time(name: str) -> None:
    clock = Clock()
    clock.freeze(0.0)
    first, second = (build_world(name, clock).data | {"salt": ""} for _ in range(2))
    assert first == json.loads(json.dumps(second))


def test_the_inherited_server_is_as_large_as_a_towns(handed_over: Client) -> None:
    records = handed_over.simulator.world.elements.values()
    own = [record for record in records if not record["system"]]
    assert 110 <= sum(record["parent"] is None for record in own) <= 150
    assert 75 <= sum(kinds.is_rule(record["type"]) for record in own) <= 95


def test_the_inherited_rules_are_unnamed_doubled_dead_and_end_with_any(handed_over: Client) -> None:
    rules = [row for row in rows(handed_over) if "sources" in row]
    names = Counter(row.get("name") for row in rules)
    assert names[None] >= 4
    assert names["vers AD"] == 6
    assert names["test"] == 2
    assert sum(row["is_disabled"] is True for row in rules) >= 2
    last = rules[-1]
    assert [last[cell] for cell in ("sources", "destinations", "services")] == [{"any": True}] * 3
    assert last["action"]["action"] == ["allow"]  # type: ignore[index]
    assert not any("[id:" in str(row.get("comment", "")) for row in rules)
    assert any("jump" in row["action"]["action"] for row in rules)  # type: ignore[index]


def test_the_inherited_server_has_translations_leftovers_and_pending_changes(handed_over: Client) -> None:
    client = handed_over
    used = Counter(key for row in rows(client, "fw_ipv4_nat_rule") for key in row.get("options", {}))  # type: ignore[attr-defined]
    assert (used["dynamic_src_nat"], used["static_dst_nat"], used["static_src_nat"]) == (3, 2, 1)
    assert "GRP_VIDE" in client.names("/elements/search_unused")
    assert {"SRV-AD1", "dc1 (ancien)"} <= set(client.names("/elements/search_duplicate"))
    engine = client.named("fw_cluster", "fw-hdv")
    pending = client.get(f"{engine}/pending_changes")["result"]
    assert [change["element_name"] for change in pending] == ["urgent maire", "Borne parking"]
    node = client.get(f"{engine}/nodes")["result"][0]["href"]
    assert client.get(f"{node}/status")["installed_policy"] == POLICY


def test_the_town_is_in_order() -> None:
    client = frozen_client(town)
    policy = client.named("fw_policy", "Ville")
    read = [client.get(entry["href"]) for entry in client.get(f"{policy}/{ACCESS}")["result"]]
    rules = [row for row in read if "sources" in row]
    assert all(row["comment"] == f"[id:{row['name']}]" for row in rules)
    assert len({row["name"] for row in rules}) == len(rules)
    assert client.get(f"{client.named('fw_cluster', 'fw-hdv')}/pending_changes")["result"] == []
