"""The export that a DHCP server makes of itself: whole, without leases or secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from lab import Lab
from piste.engine.converge.errors import PisteError, Unreachable
from piste.exports.bag.verify import examine
from piste.systems.windows.dhcp.exports import MODULES, exported
from piste.systems.windows.winrm import pack
from tests.support.bags import tiny
from tests.support.dhcp import FIRST, PARTNER, USERS, Json, Town

BOMB = b"<!DOCTYPE x [<!ENTITY e 'x'>]><DHCPServer>&e;</DHCPServer>"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def town(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path))
    lab.reset("empty")
    return Town(lab, tmp_path)


def exports(town: Town, *servers: str, leases: bool = False) -> Json:
    result: Json = MODULES["dhcp_exports"].run({"winrm": town.winrm, "servers": list(servers), "leases": leases}, True)
    return result


def test_the_export_of_each_server_is_read_without_its_leases_and_verifies_in_a_bag(town: Town, tmp_path: Path) -> None:
    town.run(USERS)
    town.scopes()["10.93.41.0"]["leases"] = {"10.93.41.77": "00-11-22-33-44-55"}
    read = exports(town, FIRST, PARTNER)
    assert (read["calls"], town.writes[-1]) == ({"reads": 2, "writes": 0}, f"/{FIRST}/dhcp_relation_add")
    root = etree.fromstring(read["exports"][FIRST].encode())
    assert [scope.findtext("ScopeId") for scope in root.iter("Scope")] == ["10.93.41.0"]
    assert [it.findtext("IPAddress") for it in root.iter("Reservation")] == ["10.93.41.12"]
    assert "10.93.41.77" not in read["exports"][FIRST]
    assert "10.93.41.77" in exports(town, FIRST, leases=True)["exports"][FIRST]
    folder = tmp_path / "sac/data/systems/dhcp"
    folder.mkdir(parents=True)
    for name, text in read["exports"].items():
        (folder / f"{name}.xml").write_text(text, "utf-8")
    bag = tiny(tmp_path)
    assert {finding.state for finding in examine(bag)} == {"ok"}
    assert "data/dhcp/hdv-dc2.xml" in (bag / "manifest-sha256.txt").read_text("utf-8")
    (bag / "data/dhcp/hdv-dc2.xml").write_bytes(BOMB)
    assert "wrong" in {finding.state for finding in examine(bag)}


def test_what_was_read_is_kept_where_another_server_is_silent(town: Town) -> None:
    town.simulator.machines[PARTNER].state["services"]["DHCPServer"] = False
    with pytest.raises(PisteError) as stopped:
        exports(town, PARTNER, FIRST)
    assert list(stopped.value.earlier["exports"]) == [FIRST]


def test_an_element_named_after_a_secret_is_emptied() -> None:
    secrets = b"<x:SharedSecret><v>chut</v></x:SharedSecret><Password>mot</Password>"
    raw = b"<x:DHCPServer xmlns:x='urn:a'>" + secrets + b"</x:DHCPServer>"
    text = exported(pack(raw), FIRST)
    assert "chut" not in text
    assert "mot" not in text


@pytest.mark.parametrize("raw", [b"", b"<html/>", BOMB, b"MZ\x00"])
def test_what_is_no_export_is_unknown(raw: bytes) -> None:
    with pytest.raises(Unreachable, match="n’a pas rendu l’export"):
        exported(pack(raw), FIRST)
    with pytest.raises(Unreachable):
        exported("pas du base64", FIRST)
