"""A capture of the SMC: the questions that pass, the answers kept."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lab.clock import Clock
from lab.smc.captured import world_of
from piste.engine.converge.errors import Misused, PisteError
from piste.engine.transport.response import Response
from piste.engine.transport.witness import Question
from piste.exports.capture import store
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording
from piste.systems import questions
from piste.systems.forcepoint.administrators import MODULES as ADMINISTRATORS
from piste.systems.forcepoint.living import MODULES as LIVING
from tests.support.breadth import breadth
from tests.support.capture import capturing
from tests.support.smc import API_KEY, SmcWorld
from tests.support.smc_access import ALL, SECRETS, TUNNEL, VPNS

GATHERED = ("smc_elements", "smc_policies", "smc_engine_interfaces", "smc_engine_routes", "smc_engine_settings")


class Asked(NamedTuple):
    """An answer as a capture gives it."""

    path: str
    answer: Any
    method: str = "GET"
    query: Any = ()
    body: Any = None
    status: int = 200


def read(world: SmcWorld) -> dict[str, Any]:
    seen: dict[str, Any] = {name: world.gathered(name) for name in GATHERED}
    with world.run():
        living = LIVING["smc_living"].run({"smc": world.connection()}, False)["living"]
        asked = {"smc": world.connection(), "known": ["x"], "mode": "report"}
        orphans = ADMINISTRATORS["smc_administrators"].run(asked, False)["orphans"]
    return {**seen, "living": {**living, "read_at": ""}, "orphans": orphans}


def replayed(data: Path, folder: Path, clock: Clock) -> tuple[SmcWorld, list[str]]:
    other = SmcWorld(folder)
    world, left = world_of([answer for _, answer in store.answers(data)], clock, {})
    other.simulator.reset(world)
    return other, left


@pytest.mark.parametrize("seed", breadth(["inherited", "demo", "town"], 3))
def test_an_smc_from_a_capture_gathers_as_the_captured_did(seed: str, tmp_path: Path) -> None:
    world = SmcWorld(tmp_path / "first", seed)
    changed_by_hand(world)
    with capturing(tmp_path / "data"):
        before = read(world)
    other, left = replayed(tmp_path / "data", tmp_path / "other", world.simulator.clock)
    assert [line for line in left if not line.endswith("dont seul le nom est connu")] == []
    assert read(other) == before
    assert other.simulator.behaviour.smc_version == world.simulator.behaviour.smc_version


def test_users_authentication_and_vpn_of_a_capture_come_back(tmp_path: Path) -> None:
    """Its gateways, its tunnels with their keys, servers in their order, and what each names."""
    world = SmcWorld(tmp_path / "first", "inherited")
    world.module("smc_elements", ALL, secrets=SECRETS)
    with capturing(tmp_path / "data", {value: path for path, value in SECRETS.items()}):
        before = read(world)
    other, left = replayed(tmp_path / "data", tmp_path / "other", world.simulator.clock)
    assert [line for line in left if not line.endswith("dont seul le nom est connu")] == []
    assert read(other) == before
    shown = {f"{item['type']}/{item['name']}" for item in other.gathered("smc_elements")}
    assert shown >= {f"{item['type']}/{item['name']}" for item in ALL}
    changed = {**VPNS[-1], "comment": "changé après la capture"}
    done = other.module("smc_elements", [changed], secrets=SECRETS)
    assert [operation["key"] for operation in done["operations"]] == ["vpn/maintenance"]


def test_a_tunnel_of_a_capture_is_the_same_from_either_end(tmp_path: Path) -> None:
    world = SmcWorld(tmp_path / "first", "inherited")
    world.module("smc_elements", ALL, secrets=SECRETS)
    with capturing(tmp_path / "data"):
        read(world)
    answers = [answer for _, answer in store.answers(tmp_path / "data")]
    (tunnel,) = [answer.answer for answer in answers if re.search(r"/gateway_tunnel/\d+$", answer.path)]
    assert tunnel["hashed_preshared_key"]
    sides = ("gateway_node_1", "gateway_node_2")
    tunnel |= dict(zip(sides, [tunnel[side] for side in reversed(sides)], strict=True))
    other = SmcWorld(tmp_path / "other")
    made, _ = world_of(answers, world.simulator.clock, {})
    other.simulator.reset(made)
    (shown,) = [item for item in other.gathered("smc_elements") if item["type"] == "vpn"]
    assert [*shown["tunnels"]] == [TUNNEL]
    number = int(tunnel["link"][0]["href"].rpartition("/")[2])
    assert made[number]["data"]["preshared_key"]


def changed_by_hand(world: SmcWorld) -> None:
    """Write as another administrator: elements, locked policies, a relay."""
    write = world.simulator.edit
    host = write("POST", "/elements/host", {"name": "fait à la main", "address": "192.0.2.77"}).location
    write("POST", "/elements/ip_list", {"name": "liste à la main"})
    for policy in world.simulator.world.of_type("fw_policy"):
        write("PUT", f"/elements/fw_policy/{policy['key']}/lock?reason_for=nuit")
    engine = next(iter(world.simulator.world.of_type("fw_cluster", "single_fw")))
    interface = world.simulator.world.children(engine, "physical_interface")[0]
    path = world.simulator.world.path(interface)
    relay = {"enabled": True, "element": [host], "max_packet_size": 1400, "trusted_circuit": False}
    body = {**world.simulator.look(path), "dhcp_relay": relay, "comment": "voir le prestataire"}
    write("PUT", path, body, **{"If-Match": "*"})


def test_fields_of_no_form_are_served_and_stay_through_a_write(tmp_path: Path) -> None:
    world = SmcWorld(tmp_path / "first", "inherited")
    made = {"brandNew": "un mot que personne ne connaît", "weight": 12, "deep": {"on": True}}

    def spoil(method: str, answer: Response) -> Response:
        if not re.search(r"/(host|fw_cluster)/\d+$|/fw_ipv4_access_rule/\d+$", answer.url):
            return answer
        content = json.loads(answer.body)
        for wrapped in content.get("nodes", []):
            wrapped["firewall_node"]["weight"] = 3
        return replace(answer, body=json.dumps({**content, **made}).encode())

    world.spoil = spoil
    with capturing(tmp_path / "data"):
        before = read(world)
    other, left = replayed(tmp_path / "data", tmp_path / "other", world.simulator.clock)
    shown = {"brandNew": "x" * len(made["brandNew"]), "weight": 12, "deep": {"on": True}}
    assert [line for line in left if not line.endswith("dont seul le nom est connu")] == []
    host = next(record for record in other.simulator.world.of_type("host") if not record["system"])
    path = other.simulator.world.path(host)
    assert other.simulator.look(path).items() >= shown.items()
    engine = next(iter(other.simulator.world.of_type("fw_cluster")))
    assert other.simulator.look(other.simulator.world.path(engine))["nodes"][0]["firewall_node"]["weight"] == 3
    name = host["data"]["name"]
    change = [{"type": "host", "name": name, "address": host["data"]["address"], "comment": "changé"}]
    assert other.module("smc_elements", change)["operations"]
    assert other.simulator.look(path).items() >= {**shown, "comment": "changé"}.items()
    elements = [item for item in read(other)["smc_elements"] if item["name"] != name]
    assert elements == [item for item in before["smc_elements"] if item["name"] != name]


def test_a_policy_is_installed_on_an_engine_of_a_capture(tmp_path: Path) -> None:
    world = SmcWorld(tmp_path / "first", "inherited")
    with capturing(tmp_path / "data"):
        read(world)
    other, _ = replayed(tmp_path / "data", tmp_path / "other", world.simulator.clock)
    engine = next(iter(other.simulator.world.of_type("fw_cluster")))
    other.simulator.behaviour.set(upload_seconds=0)
    other.simulator.edit("POST", f"/elements/fw_cluster/{engine['key']}/upload?filter=POL_TEST_2021")
    (living,) = read(other)["living"]["engines"].values()
    assert [node["policy"] for node in living["nodes"]] == ["fw_policy/POL_TEST_2021"] * 2
    assert living["pending"] == 0


def test_addresses_without_end_or_of_no_element_are_no_elements() -> None:
    deep = "/elements" + "/host/1" * 400
    answers = [Asked("/7.4/elements/host", {"result": [
        {"href": f"https://smc/7.4{deep}", "name": "profond"}, {"href": "https://smc/7.4/elements/host/" + "9" * 400},
        {"href": "https://smc/7.4/elements/../../etc/1", "name": "ailleurs"}, {"href": 7}, "rien",
    ]})]  # fmt: skip
    world, left = world_of(answers, Clock(), {})
    assert list(world.elements) == []
    assert left


@pytest.mark.parametrize("seed", ["inherited", "demo", "empty"])
def test_what_the_lab_answers_has_a_form_and_no_key(seed: str, tmp_path: Path) -> None:
    world = SmcWorld(tmp_path, seed)
    with capturing(tmp_path / "data"):
        read(world)
    answers = [answer for _, answer in store.answers(tmp_path / "data")]
    assert [(answer.path, odd) for answer in answers for odd in answer.odd] == []
    assert {answer.method for answer in answers} == {"GET", "POST"}
    assert [answer.path for answer in answers if answer.path.endswith(("/login", "/logout"))] == []
    assert API_KEY.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*.json"))


def test_a_write_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    world = SmcWorld(tmp_path, "demo")
    with capturing(tmp_path / "data"), pytest.raises(PisteError, match="Rien n’a été envoyé"):
        world.module("smc_elements", [{"type": "host", "name": "essai", "address": "192.0.2.1"}])
    assert world.writes == []


ELEMENT = {"value": "https://smc/7.4/elements/host/1"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/7.4/elements/host", {"name": "a"}),
        ("PUT", "/7.4/elements/host/1", {"name": "a"}),
        ("DELETE", "/7.4/elements/host/1", None),
        ("POST", "/7.4/elements/fw_policy/1/upload", None),
        ("POST", "/7.4/system/references_by_element", {**ELEMENT, "delete": True}),
        ("POST", "/7.4/system/references_by_element/1", ELEMENT),
        ("GET", "/7.4/elements/host", {"name": "a"}),
    ],
)
def test_a_question_that_could_write_is_no_read(method: str, path: str, body: object) -> None:
    asked = Question("smc", method, path, (), body)
    assert questions.sort(asked) is None
    with pytest.raises(Misused):
        Recording(Path("/nowhere"), Masks(b"clef")).allow(asked)
