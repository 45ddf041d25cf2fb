"""Surprises of a first real run on a Dashboard, which no lab shows by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, site, town_world

NETWORK = "VLB ecole-jaures"
KEY = {"secret": "meraki/ssid/Clef/psk"}
POLICY: dict[str, Any] = {
    "name": "essai", "radius_servers": [{"host": "10.93.0.10", "secret": {"secret": "radius/ecole-jaures"}}],
}  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    made = town_world(tmp_path)
    made.secrets["meraki/ssid/Clef/psk"] = "une-clef-partagée"
    converge(made, site("ecole-jaures"))
    made.forget_requests()
    return made


def run(world: MerakiWorld, module: str, config: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    with world.run() as tasks:
        return tasks.module(module, config, network=NETWORK, owner="ecole-jaures", **options)


def sent(world: MerakiWorld) -> list[dict[str, Any]]:
    """List the written bodies, those of a batch separately."""
    bodies = [body for (method, _), body in zip(world.requests, world.bodies, strict=True) if method != "GET" and body]
    return [action["body"] for body in bodies for action in body.get("actions", [{"body": body}])]


def test_an_ssid_with_a_shared_key_says_which_kind_of_key(world: MerakiWorld) -> None:
    """An open slot becomes a keyed slot in this way alone: no public source documents another."""
    world.simulator.behaviour.psk_needs_encryption_mode = True
    clef = [{"name": "Clef", "enabled": True, "auth_mode": "psk", "psk": KEY}]
    assert run(world, "meraki_ssids", clef)["changed"]
    assert [body["encryptionMode"] for body in sent(world) if body.get("authMode") == "psk"] == ["wpa"]
    assert run(world, "meraki_ssids", clef)["changed"] is False
    run(world, "meraki_ssids", [{"name": "Clef", "auth_mode": "open"}])
    assert "encryptionMode" not in sent(world)[-1]


def test_a_key_of_wep_stays_until_a_version_of_wpa_is_declared(world: MerakiWorld) -> None:
    path = f"/networks/{network(world)['id']}/wireless/ssids/9"
    wep = {"name": "Clef", "authMode": "psk", "psk": "0123456789abc", "encryptionMode": "wep"}
    world.simulator.edit("PUT", path, wep)
    run(world, "meraki_ssids", [{"name": "Clef", "auth_mode": "psk", "psk": KEY}])
    assert "encryptionMode" not in sent(world)[-1]
    run(world, "meraki_ssids", [{"name": "Clef", "auth_mode": "psk", "wpa_encryption_mode": "WPA3 only"}])
    assert sent(world)[-1]["encryptionMode"] == "wpa"


def test_a_certificate_of_open_roaming_is_neither_sent_nor_exported(world: MerakiWorld) -> None:
    world.simulator.behaviour.open_roaming_zero = True
    essai = {"name": "Essai", "auth_mode": "8021x-radius", "radius_servers": POLICY["radius_servers"]}
    run(world, "meraki_ssids", [essai])
    whole = run(world, "meraki_ssids", [], state="gathered")["gathered"]
    (exported,) = [ssid for ssid in whole if ssid["name"] == "Essai"]
    assert "open_roaming" not in str(whole)
    run(world, "meraki_ssids", [{**exported, "wpa_encryption_mode": "WPA3 only"}])
    assert sent(world)[-1]["radiusServers"]
    assert "openRoaming" not in str(sent(world))


@pytest.mark.parametrize("state", ["merged", "replaced"])
def test_what_an_organization_may_lack_is_not_sent_unasked(world: MerakiWorld, state: str) -> None:
    world.simulator.behaviour.guest_port_bouncing = False
    for change in ({}, {"host_mode": "Multi-Auth"}):
        assert run(world, "meraki_access_policies", [{**POLICY, **change}], state=state)["changed"]
        assert run(world, "meraki_access_policies", [{**POLICY, **change}], state=state)["changed"] is False
    assert "guestPortBouncing" not in str(sent(world))


def test_what_a_template_decides_asks_for_a_word_before_any_write(world: MerakiWorld) -> None:
    network(world)["bound"] = True
    wanted = [{"name": "Clef", "enabled": True, "auth_mode": "psk", "psk": KEY}]
    with pytest.raises(Guarded, match=r"template:VLB ecole-jaures.*suit un modèle de configuration.*détachez-le"):
        run(world, "meraki_ssids", wanted)
    with pytest.raises(Guarded, match="template:VLB ecole-jaures"):
        run(world, "meraki_access_policies", [POLICY])
    assert world.writes == []
    assert run(world, "meraki_ssids", wanted, check=True)["withheld"]
    world.simulator.behaviour.template_refuses = False
    assert run(world, "meraki_ssids", wanted, confirm=["template"])["changed"]


def network(world: MerakiWorld) -> dict[str, Any]:
    (live,) = [candidate for candidate in world.simulator.world.networks.values() if candidate["name"] == NETWORK]
    return live
