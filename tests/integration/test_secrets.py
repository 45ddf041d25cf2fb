"""Secrets: never shown, never needed to go on, rotated when they change and only then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, Interrupted, InvalidConfig
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.systems.meraki.intent import meraki_intent
from tests.support import meraki_client
from tests.support.inprocess import MerakiWorld
from tests.support.town import Outcome, converge, dot1x, school, town_world, unheld

RADIUS, AGENTS, PEDAGOGY = "radius/ecole-jaures", "meraki/ssid/VLB-Agents/psk", "meraki/ssid/VLB-Pedagogique/psk"
PRINTERS_PORT = "QZZZ-0005-0002/7"


def network_of(world: MerakiWorld) -> dict[str, Any]:
    return next(n for n in world.simulator.world.networks.values() if n["name"] == "VLB ecole-jaures")


def without(world: MerakiWorld, *paths: str) -> MerakiWorld:
    world.secrets = {path: value for path, value in world.secrets.items() if path not in paths}
    return world


def ssids(world: MerakiWorld) -> dict[str, dict[str, Any]]:
    path = f"/networks/{network_of(world)['id']}/wireless/ssids"
    return {ssid["name"]: ssid for ssid in world.simulator.edit("GET", path)}


def check_then_run(world: MerakiWorld, whole: dict[str, Any]) -> Outcome:
    predicted = converge(world, whole, check=True)
    assert world.writes == []
    done = converge(world, whole)
    assert (predicted.operations, predicted.withheld) == (done.operations, done.withheld)
    again = converge(world, whole)
    assert (again.operations, world.writes) == ([], [])
    assert len(again.withheld) == len(done.withheld)
    return done


@pytest.mark.parametrize("seed", ["empty", "brownfield"])
def test_a_missing_shared_key_leaves_its_ssid_off_and_listed(seed: str, tmp_path: Path) -> None:
    world = without(town_world(tmp_path, seed), PEDAGOGY)
    whole = school()
    whole["ssids"][1]["name"] = "VLB-Nouveau"
    whole["ssids"][1]["psk"] = {"secret": PEDAGOGY}
    done = check_then_run(world, whole)
    assert done.withheld == [f"ssid VLB-Nouveau : secret absent ({PEDAGOGY}), laissé désactivé"]
    assert ssids(world)["VLB-Nouveau"]["enabled"] is False
    assert ssids(world)["VLB-Agents"]["enabled"] is True


def test_a_missing_radius_secret_leaves_off_or_alone_all_that_waits_for_it(tmp_path: Path) -> None:
    world = without(town_world(tmp_path), RADIUS)
    done = check_then_run(world, dot1x(school()))
    assert done.withheld == [
        f"access_policy agents : secret absent ({RADIUS}), non créé",
        f"access_policy telephones-imprimantes : secret absent ({RADIUS}), non créé",
        f"switch_port {PRINTERS_PORT} : attend la politique d’accès « telephones-imprimantes », à qui manque un "
        "secret, laissé tel quel",
        f"ssid VLB-Agents : secret absent ({RADIUS}), laissé désactivé",
        f"ssid VLB-Pedagogique : secret absent ({RADIUS}), laissé désactivé",
    ]
    assert not any(ssid["enabled"] for ssid in ssids(world).values())
    assert network_of(world)["policies"] == {}
    assert "7" not in world.simulator.world.devices["QZZZ-0005-0002"]["port"]
    world.secrets[RADIUS] = "secret-enfin-fourni"
    assert converge(world, dot1x(school())).withheld == []
    assert ssids(world)["VLB-Agents"]["authMode"] == "8021x-radius"
    assert ssids(world)["VLB-Agents"]["enabled"] is True


@pytest.mark.parametrize("state", ["merged", "replaced", "overridden"])
@pytest.mark.parametrize("enforced", [True, False])
def test_what_works_stays_in_place_whatever_the_state_when_its_secret_is_missing(
    state: str, enforced: bool, tmp_path: Path
) -> None:
    world = town_world(tmp_path)
    whole = dot1x(school()) if enforced else school()
    converge(world, whole)
    before = world.simulator.world.snapshot()
    without(world, RADIUS, AGENTS, PEDAGOGY)
    intent = meraki_intent(whole)
    with world.run() as run:
        for module, kind in (("meraki_access_policies", "access_policies"), ("meraki_ssids", "ssids")):
            result = run.module(module, intent[kind], network=intent["name"], owner="ecole-jaures", state=state)
            assert result["operations"] == []
            assert [line.partition(", ")[2] for line in result["withheld"]] == ["laissé en place sans être vérifié"] * 2
    assert world.simulator.world.snapshot() == before


def test_a_secret_too_short_is_refused_before_any_request(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.secrets |= {AGENTS: "courte", RADIUS: "septcar"}
    with pytest.raises(InvalidConfig) as caught:
        converge(world, school())
    assert [str(fault) for fault in caught.value.faults] == [
        f"{AGENTS} : secret de moins de 8 caractères",
        f"{RADIUS} : secret de moins de 8 caractères",
    ]
    assert world.requests == []
    assert "courte" not in str(caught.value)


def everything_said(world: MerakiWorld, outcome: Outcome) -> str:
    """Return results and diffs, and every file that a run leaves."""
    files = [path.read_text(encoding="utf-8") for path in world.folder.rglob("*") if path.is_file()]
    return "\n".join([json.dumps(outcome.results, ensure_ascii=False), *files])


def test_no_secret_is_in_a_result_a_diff_the_run_folder_or_the_lock(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    both = converge(world, school(), dot1x(school()), check=False)
    world.secrets |= {RADIUS: "secret-tourné", AGENTS: "clef-tournée"}
    said = everything_said(world, both) + everything_said(world, converge(world, school(), confirm=["radius_secret"]))
    values = {**town_world_secrets(tmp_path), **world.secrets}
    assert [path for path, value in values.items() if value in said] == []
    assert "access_policy/VLB ecole-jaures" in said


def town_world_secrets(folder: Path) -> dict[str, str]:
    (folder / "other").mkdir()
    return town_world(folder / "other").secrets


def test_no_secret_is_in_an_error(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.faults.add("batch_fail", nth=3)
    with pytest.raises(Interrupted) as caught:
        converge(world, dot1x(school()))
    assert [path for path, value in world.secrets.items() if value in str(caught.value)] == []


def remembers(world: MerakiWorld, secret: str) -> list[bool]:
    """Compare the secret of each stored RADIUS server with this secret."""
    network = network_of(world)
    holders = [*network["policies"].values(), *network["ssids"].values()]
    servers = [
        server
        for holder in holders
        for name in ("radiusServers", "radiusAccountingServers")
        for server in holder.get(name, [])
    ]
    return [meraki_client.remembers(world.simulator.world, [server], server["host"], secret) for server in servers]


def test_a_rotated_radius_secret_reaches_every_server_and_nothing_else_is_written(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    whole = dot1x(school())
    converge(world, whole)
    assert remembers(world, world.secrets[RADIUS]) == [True] * 16
    world.secrets[RADIUS] = "secret-tourné"
    with pytest.raises(Guarded) as caught:
        converge(world, whole)
    assert "playbooks/rotate_radius.yml" in str(caught.value)
    assert world.writes == []
    predicted = converge(world, whole, check=True)
    assert predicted.summary == [
        "~ access_policy agents : radius_servers, radius_accounting_servers",
        "~ access_policy telephones-imprimantes : radius_servers, radius_accounting_servers",
        "~ ssid VLB-Agents : radius_servers, radius_accounting_servers",
        "~ ssid VLB-Pedagogique : radius_servers, radius_accounting_servers",
    ]
    assert converge(world, whole, confirm=["radius_secret"]).operations == unheld(predicted.operations)
    assert len(world.writes) == 2
    assert remembers(world, "secret-tourné") == [True] * 16
    assert (converge(world, whole).operations, world.writes) == ([], [])


def test_a_rotated_shared_key_is_seen_on_the_system_itself(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, school())
    world.secrets[AGENTS] = "clef-tournée"
    done = converge(world, school())
    assert done.summary == ["~ ssid VLB-Agents : psk"]
    assert ssids(world)["VLB-Agents"]["psk"] == "clef-tournée"
    assert (converge(world, school()).operations, world.writes) == ([], [])


def test_a_server_keeps_its_id_through_a_rotation(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, school())
    ids = [
        server["serverId"] for policy in network_of(world)["policies"].values() for server in policy["radiusServers"]
    ]
    world.secrets[RADIUS] = "secret-tourné"
    converge(world, school(), confirm=["radius_secret"])
    assert ids == [
        server["serverId"] for policy in network_of(world)["policies"].values() for server in policy["radiusServers"]
    ]


def test_without_the_key_of_fingerprints_what_cannot_be_read_counts_as_unchanged(tmp_path: Path) -> None:
    world = without(town_world(tmp_path), FINGERPRINT_KEY)
    whole = dot1x(school())
    converge(world, whole)
    before = world.secrets[RADIUS]
    world.secrets[RADIUS] = "secret-tourné"
    assert (converge(world, whole).operations, world.writes) == ([], [])
    assert remembers(world, before) == [True] * 16
    assert not world.lock_file.exists()


def test_a_lost_lock_file_rewrites_the_secrets_once(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    whole = dot1x(school())
    converge(world, whole)
    world.lock_file.unlink()
    assert len(converge(world, whole).operations) == 4
    assert (converge(world, whole).operations, world.writes) == ([], [])
