"""The entry of inventory agents: what it accepts, what it makes of it, what it refuses."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from lab.glpi.agent import check
from lab.http import Request, Response
from tests.support.glpi import GlpiWorld, once

INVENTORY: dict[str, Any] = {
    "deviceid": "pc-1-2026-11-01-08-00-00", "itemtype": "Computer", "action": "inventory",
    "content": {
        "versionclient": "GLPI-Agent_v1.11", "hardware": {"name": "PC-1"},
        "bios": {"ssn": "A1", "smanufacturer": "Dell", "smodel": "Latitude"},
    },
}  # fmt: skip
XML = (
    "<?xml version='1.0' encoding='UTF-8'?><REQUEST><DEVICEID>pc-2-x</DEVICEID><QUERY>{query}</QUERY><CONTENT>"
    "<BIOS><SSN>A2</SSN><SMANUFACTURER>HP</SMANUFACTURER><SMODEL>Elite</SMODEL></BIOS>"
    "<HARDWARE><NAME>PC-2</NAME></HARDWARE></CONTENT></REQUEST>"
)


@pytest.fixture
def world(tmp_path: Path) -> GlpiWorld:
    return GlpiWorld(tmp_path)


def send(world: GlpiWorld, body: bytes, kind: str = "application/json") -> Response:
    return world.simulator.handle(Request.to("POST", "/front/inventory.php", headers={"Content-Type": kind}, body=body))


def test_a_json_inventory_completes_the_item_of_its_serial_number(world: GlpiWorld) -> None:
    once(world, "glpi_assets", [{"itemtype": "Computer", "name": "pc-1", "title": "pc-1", "serial": "A1"}])
    assert send(world, json.dumps(INVENTORY).encode()).json()["status"] == "ok"
    assert world.count("Computer") == 1
    live = world.named("Computer", "PC-1")
    assert (live["serial"], live["is_dynamic"]) == ("A1", True)


def test_the_older_agent_says_its_prologue_then_its_inventory_packed(world: GlpiWorld) -> None:
    prologue = send(world, zlib.compress(XML.format(query="PROLOG").encode()), "application/x-compress-zlib")
    assert b"<RESPONSE>SEND</RESPONSE>" in zlib.decompress(prologue.body)
    assert world.count("Computer") == 0
    send(world, zlib.compress(XML.format(query="INVENTORY").encode()), "application/x-compress-zlib")
    assert world.named("Computer", "PC-2")["serial"] == "A2"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"certificates": []}, "certificates: not expected"),
        ({"deviceid": ""}, "deviceid: required"),
        ({"itemtype": "Certificate"}, "itemtype: one of"),
        ({"content": {}}, "content.versionclient: required"),
        ({"content": {"versionclient": "x", "bios": []}}, "content.bios: an object is expected"),
    ],
)
def test_the_schema_is_closed_at_its_root(change: dict[str, Any], fault: str) -> None:
    assert [said for said in check({**INVENTORY, **change}) if said.startswith(fault)]
    assert check(INVENTORY) == []


@pytest.mark.parametrize("body", [b"{", b"\x00\x01", b"<a>", b"<!DOCTYPE x><REQUEST/>", zlib.compress(b"<b/>")])
def test_what_is_no_inventory_is_refused(world: GlpiWorld, body: bytes) -> None:
    assert send(world, body).status == 400
    assert world.count("Computer") == 0


def test_the_known_faults_of_glpi_can_be_had(world: GlpiWorld) -> None:
    send(world, json.dumps(INVENTORY).encode())
    world.simulator.behaviour.set(agent_adds="fail")
    assert send(world, json.dumps(INVENTORY).encode()).status == 500
    world.simulator.behaviour.set(agent_adds="double")
    send(world, json.dumps(INVENTORY).encode())
    assert world.count("Computer") == 2
