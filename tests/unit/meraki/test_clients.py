"""The place of a client by MAC and by address; no answer is unknown, never a crash."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import InvalidConfig, PisteError, Rejected, Unreachable, Unreadable
from piste.engine.transport.response import Response
from piste.systems.meraki.clients import DAYS, MODULES
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.town import converge, site, town_world

PHONE, ADDRESS = "02:93:05:20:00:01", "10.93.41.10"
SCHOOL, OTHER = "VLB ecole-jaures", "VLB ecole-mermoz"
LAPTOP = {"mac": "02:AA:00:00:00:01", "serial": "QZZZ-0005-0041", "ssid": "VLB-Agents", "ip": "10.93.41.60"}
PRINTER = {"mac": "02:cc:00:00:00:01", "serial": "QZZZ-0005-0002", "port": "7", "vlan": 151, "ip": ADDRESS}
DASHBOARD = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}
NOTHING = {"mac": "", "ip": "", "network": ""}


@pytest.fixture(scope="module")
def converged(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    made = town_world(tmp_path_factory.mktemp("town"))
    converge(made, site("ecole-jaures"), site("ecole-mermoz"))
    return made.simulator.world.snapshot()


@pytest.fixture
def world(converged: bytes, tmp_path: Path) -> MerakiWorld:
    made = town_world(tmp_path)
    made.simulator.world.restore(converged)
    made.simulator.behaviour.set(clients=[PRINTER])
    return made


def located(world: MerakiWorld, **asked: str) -> list[dict[str, Any]]:
    with world.run():
        return MODULES["meraki_clients"].run({"dashboard": DASHBOARD, **NOTHING, **asked}, False)["located"]


def test_a_phone_is_at_its_port_by_its_mac_and_a_printer_by_its_address(world: MerakiWorld) -> None:
    (place,) = located(world, mac=PHONE)
    assert place.pop("seen_at")
    assert place == {
        "network": SCHOOL, "serial": "QZZZ-0005-0001", "port": "5", "ssid": None, "vlan": "153", "online": True,
        "mac": PHONE, "ip": None,
    }  # fmt: skip
    (printer,) = located(world, ip=ADDRESS, network=SCHOOL)
    assert (printer["serial"], printer["port"], printer["mac"]) == ("QZZZ-0005-0002", "7", PRINTER["mac"])
    assert world.writes == []


def test_no_name_and_no_user_leaves_the_module(world: MerakiWorld) -> None:
    said = json.dumps(located(world, mac=PHONE) + located(world, ip=ADDRESS, network=SCHOOL))
    assert "Exemple" not in said
    assert "exemple" not in said


def test_part_of_an_address_is_another_machine(world: MerakiWorld) -> None:
    world.simulator.behaviour.set(clients=[PRINTER, {**LAPTOP, "ip": "10.93.41.101"}])
    assert [seen["ip"] for seen in located(world, ip=ADDRESS, network=SCHOOL)] == [ADDRESS]
    assert located(world, ip="10.93.41.1", network=SCHOOL) == []


def test_a_laptop_that_moved_is_where_it_was_seen_last(world: MerakiWorld) -> None:
    now = world.time.time()
    there = {**LAPTOP, "serial": "QZZZ-0006-0041", "seen": now - 86_400 * 3}
    world.simulator.behaviour.set(clients=[there, LAPTOP])
    first, second = located(world, mac="02:aa:00:00:00:01")
    assert (first["network"], first["serial"], first["ssid"], first["port"]) == (
        SCHOOL, "QZZZ-0005-0041", "VLB-Agents", None,
    )  # fmt: skip
    assert (second["network"], second["serial"]) == (OTHER, "QZZZ-0006-0041")


def test_a_machine_gone_for_long_has_a_network_and_no_device(world: MerakiWorld) -> None:
    gone = {**LAPTOP, "seen": world.time.time() - 86_400 * (DAYS + 10)}
    world.simulator.behaviour.set(clients=[gone])
    (place,) = located(world, mac="02:aa:00:00:00:01")
    assert (place["network"], place["serial"]) == (SCHOOL, None)


def test_all_pages_are_read(world: MerakiWorld) -> None:
    crowd = [{**LAPTOP, "mac": f"02:bb:00:00:{at // 256:02x}:{at % 256:02x}"} for at in range(1001)]
    world.simulator.behaviour.set(clients=crowd)
    assert len(located(world, ip="10.93.41.60", network=SCHOOL)) == 1001


@pytest.mark.parametrize("answer", ["empty", "not_found"])
def test_a_mac_that_nobody_knows_has_no_place(world: MerakiWorld, answer: str) -> None:
    world.simulator.behaviour.set(unknown_client=answer)
    assert located(world, mac="02:00:00:00:00:99") == []


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"recentDeviceSerial": 5}, Unreadable),
        ({"lastSeen": "hier"}, Unreadable),
        ({"vlan": ["151"]}, Unreadable),
        ({"mac": {}}, Unreadable),
    ],
)
def test_nonsense_is_refused_with_its_reason(world: MerakiWorld, said: dict[str, Any], error: type[PisteError]) -> None:
    world.simulator.behaviour.set(clients=[{**LAPTOP, "said": said}])
    with pytest.raises(error):
        located(world, ip="10.93.41.60", network=SCHOOL)


def test_what_an_answer_leaves_out_is_not_known(world: MerakiWorld) -> None:
    left_out = dict.fromkeys(("recentDeviceSerial", "ssid", "vlan", "status", "lastSeen"))
    world.simulator.behaviour.set(clients=[{**LAPTOP, "said": left_out}])
    (place,) = located(world, ip="10.93.41.60", network=SCHOOL)
    assert {place[name] for name in ("serial", "port", "ssid", "vlan", "online", "seen_at")} == {None}


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"records": 3}', b'{"records": [5]}', b'{"records": [{}]}', b"<html>"]
)
def test_a_search_of_another_form_is_unreadable(world: MerakiWorld, body: bytes) -> None:
    def spoil(method: str, answer: Response) -> Response:
        return replace(answer, body=body) if "/clients/search" in answer.url else answer

    world.spoil = spoil
    with pytest.raises(Unreadable):
        located(world, mac=PHONE)


def test_a_silence_and_a_bad_address_are_errors_with_a_reason(world: MerakiWorld) -> None:
    with pytest.raises(Rejected, match="400"):
        located(world, mac="02:93")
    with pytest.raises(InvalidConfig):
        located(world, mac=PHONE, ip=ADDRESS, network=SCHOOL)
    with pytest.raises(InvalidConfig):
        located(world, ip=ADDRESS)
    world.simulator.faults.add("status", path="/clients", status=404, times=1, nth=2)
    with pytest.raises(Rejected, match="404"):
        located(world, mac=PHONE)
    world.simulator.faults.add("status", path="/clients", status=429, retry_after=1, times=1)
    assert len(located(world, mac=PHONE)) == 1
    world.simulator.faults.add("cut", times=None)
    with pytest.raises(Unreachable):
        located(world, mac=PHONE)
