"""A capture of the Dashboard: the answers kept, and an organization with the same drift."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from lab.declared import declared_inventory, declared_town
from lab.meraki.captured import world_of
from lab.meraki.simulator import MerakiSimulator
from lab.meraki.world import Json
from piste.engine.converge.errors import Interrupted, Misused, PisteError
from piste.engine.transport import witness
from piste.engine.transport.http import Endpoint, Transport
from piste.engine.transport.response import Response
from piste.exports.capture import store
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording
from piste.systems.meraki.dashboard import Dashboard
from tests.support.capture import KEY, capturing
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.town import SCHOOL, converge, site, town_world


def changed_by_hand(world: MerakiWorld) -> None:
    """Change objects of a school behind our back, and add some that nothing declares."""
    simulator = world.simulator
    network = next(known for known in simulator.world.networks.values() if known["name"].endswith(SCHOOL))
    base = f"/networks/{network['id']}"
    devices = simulator.world.devices_of(network["id"])
    switch = next(device["serial"] for device in devices if device["kind"] == "switch")
    write = simulator.edit
    write("PUT", f"/devices/{switch}/switch/ports/2", {"vlan": 99, "name": "fait à la main"})
    write("PUT", f"/devices/{switch}", {"name": "renommé", "notes": "voir Mme Durand"})
    write("PUT", f"{base}/wireless/ssids/13", {"name": "Chez moi", "enabled": True, "authMode": "open"})
    write("PUT", f"{base}/wireless/ssids/0", {"perClientBandwidthLimitUp": 77})
    write("PUT", f"{base}/wireless/ssids/0/firewall/l3FirewallRules", {"rules": [
        {"policy": "allow", "protocol": "any", "destCidr": "192.0.2.0/24", "comment": "essai"}]})  # fmt: skip
    write("POST", f"{base}/switch/portSchedules", {"name": "la nuit"})
    write("PUT", f"{base}/switch/stormControl", {"broadcastThreshold": 42})
    write("PUT", f"{base}/snmp", {"access": "community", "communityString": "lecture-du-prestataire"})
    made = {"name": "réseau inconnu", "productTypes": ["switch"]}
    write("POST", "/organizations/930093/networks", made)


def read(world: MerakiWorld, whole: dict[str, Any]) -> dict[str, Any]:
    """Give what a drift says of a site and of the organization."""
    seen = converge(world, whole, check=True, survey=True)
    with world.run() as run:
        orphans = run.domain(state="undeclared", others=[])["orphans"]
    named = ("kind", "key", "action", "fields")
    operations = [[operation[name] for name in named] for operation in seen.operations]
    said = {"lines": seen.summary, "withheld": seen.withheld, "diff": seen.diff}
    return {**said, "operations": operations, "surveys": seen.surveys, "orphans": orphans}


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> tuple[MerakiWorld, dict[str, Any]]:
    world = town_world(tmp_path_factory.mktemp("town"))
    whole = site(SCHOOL)
    converge(world, whole)
    changed_by_hand(world)
    return world, whole


def replayed(data: Path, former: MerakiWorld, folder: Path) -> tuple[MerakiWorld, list[str]]:
    clock = former.simulator.clock
    answers = [answer for _, answer in store.answers(data)]
    world, left = world_of(answers, declared_inventory(declared_town()), clock, former.secrets)
    simulator = MerakiSimulator(API_KEY, world=world, clock=clock)
    simulator.behaviour.set(rate_limit=None, claim_limit=None)
    other = MerakiWorld(folder, simulator, former.secrets)
    other.lock_file.write_bytes(former.lock_file.read_bytes()) if former.lock_file.exists() else None
    return other, left


def test_an_organization_from_a_capture_drifts_as_the_captured_did(
    drifted: tuple[MerakiWorld, dict[str, Any]], tmp_path: Path
) -> None:
    world, whole = drifted
    with capturing(tmp_path / "data", world.secrets):
        before = read(world, whole)
    (tmp_path / "other").mkdir()
    other, left = replayed(tmp_path / "data", world, tmp_path / "other")
    assert left == []
    assert all(before[name] for name in ("lines", "diff", "operations", "surveys", "orphans"))
    assert comparable(read(other, whole)) == comparable(before)


def comparable(said: dict[str, Any]) -> dict[str, Any]:
    """Leave out the fingerprints: that of a secret which no vault has is of a made-up value."""
    texts = [{**entry, "before": re.sub(r"empreinte \w+", "", entry["before"])} for entry in said["diff"]]
    return {**said, "diff": texts}


def test_what_the_lab_answers_has_a_form(drifted: tuple[MerakiWorld, dict[str, Any]], tmp_path: Path) -> None:
    world, whole = drifted
    with capturing(tmp_path, world.secrets):
        read(world, whole)
    odd = [(answer.path, place) for _, answer in store.answers(tmp_path) for place in answer.odd]
    assert odd == []


def test_a_field_of_no_form_keeps_name_type_and_size_and_the_lab_shows_it(
    drifted: tuple[MerakiWorld, dict[str, Any]], tmp_path: Path
) -> None:
    world, whole = drifted
    made: Json = {"newKey": "un mot que personne ne connaît", "count": 12, "on": True, "deep": {"Jean Dupont": "tu"}}

    def spoil(method: str, answer: Response) -> Response:
        if not answer.url.endswith("/switch/mtu"):
            return answer
        return replace(answer, body=json.dumps({**json.loads(answer.body), **made}).encode())

    with capturing(tmp_path / "data", world.secrets), patch.object(world, "spoil", spoil):
        read(world, whole)
    (kept,) = [answer for _, answer in store.answers(tmp_path / "data") if answer.path.endswith("/switch/mtu")]
    shown = {"newKey": "x" * len(made["newKey"]), "count": 12, "on": True, "deep": {"?0": "xx"}}
    assert kept.answer == {"defaultMtuSize": 9578, "overrides": [], **shown}
    assert {(place.at, place.why, place.type, place.size) for place in kept.odd} == {
        (".newKey", "unseen", "text", 30), (".count", "unseen", "number", 0),
        (".on", "unseen", "bool", 0), (".deep", "unseen", "map", 1),
    }  # fmt: skip
    (tmp_path / "other").mkdir()
    other, _ = replayed(tmp_path / "data", world, tmp_path / "other")
    served = other.simulator.edit("GET", kept.path)
    assert served == kept.answer
    other.simulator.edit("PUT", kept.path, {"defaultMtuSize": 1500})
    assert other.simulator.edit("GET", kept.path) == {**kept.answer, "defaultMtuSize": 1500}


WRITES = [("PUT", "/networks/1"), ("POST", "/networks/1/devices/claim"), ("DELETE", "/networks/1"), ("PATCH", "/x")]


@pytest.mark.parametrize(("method", "path"), [*WRITES, ("POST", "/organizations/930093/actionBatches")])
def test_a_write_is_refused_before_it_is_sent(method: str, path: str, tmp_path: Path) -> None:
    world = town_world(tmp_path)
    with capturing(tmp_path / "data", {}), world.run():
        dashboard = Dashboard({"base_url": BASE, "api_key": API_KEY, "organization": "930093"})
        for changes in (True, False, None):
            with pytest.raises(Misused, match="Rien n’a été envoyé"):
                dashboard.transport.request(method, path, body={}, changes=changes)
    assert world.requests == []


WRITES_OF = {
    "zabbix": ("POST", "/api_jsonrpc.php", {"jsonrpc": "2.0", "method": "host.delete", "params": ["1"], "id": 1}),
    "veeam": ("POST", "/api/v1/jobs/1/start", {}),
    "microsoft": ("PATCH", "/v1.0/users/1", {"accountEnabled": False}),
    "glpi": ("DELETE", "/api.php/v2.3/Assets/Computer/1", None),
}


@pytest.mark.parametrize("system", WRITES_OF)
def test_a_write_of_any_system_opens_no_connection(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda *given: opened.append(given))
    transport = Transport(Endpoint("https://192.0.2.1", system=system))
    method, path, body = WRITES_OF[system]
    with capturing(tmp_path / "data"), pytest.raises(Misused, match="Rien n’a été envoyé"):
        transport.request(method, path, body=body)
    assert opened == []
    with pytest.raises(PisteError):
        transport.request(method, path, body=body)
    assert opened, "without a capture, it would be sent"


def test_a_task_that_writes_is_refused_in_a_capture(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    with capturing(tmp_path / "data", world.secrets), pytest.raises(Interrupted, match="Rien n’a été envoyé"):
        converge(world, site(SCHOOL))
    assert world.writes == []


def test_a_system_of_no_line_is_asked_nothing(tmp_path: Path) -> None:
    recording = Recording(tmp_path, Masks(KEY))
    for system in ("", "autre"):
        with pytest.raises(Misused):
            recording.allow(witness.Question(system, "GET", "/", (), None))


def planted(world: MerakiWorld) -> list[str]:
    """Write sixty secrets where a hand could put them; some are in the vault, some nowhere."""
    simulator = world.simulator
    network = next(known for known in simulator.world.networks.values() if known["name"].endswith(SCHOOL))
    switch = next(d["serial"] for d in simulator.world.devices_of(network["id"]) if d["kind"] == "switch")
    base, made = f"/networks/{network['id']}", []

    def secret(rank: int, *, random: bool = False) -> str:
        text = base64.b64encode(hashlib.sha256(f"planté {rank}".encode()).digest()).decode()[:24].replace("/", "Z")
        made.append(text if random else f"Soleil-{rank}-levant")
        if not random:
            world.secrets[f"essai/{rank}"] = made[-1]
        return made[-1]

    for port in range(1, 9):
        body = {"name": f"clef {secret(port)}", "tags": [secret(10 + port, random=True)]}
        simulator.edit("PUT", f"/devices/{switch}/switch/ports/{port}", body)
    coded = base64.b64encode(secret(20).encode()).decode()
    notes = f"voir {coded} ou {secret(22).encode().hex()}"
    simulator.edit("PUT", f"/devices/{switch}", {"name": secret(21), "notes": notes})
    body = {"notes": secret(23, random=True), "tags": [secret(24)], "enrollmentString": secret(25)}
    simulator.edit("PUT", base, body)
    users = [{"username": f"lecteur{n}", "passphrase": secret(30 + n, random=True)} for n in range(6)]
    simulator.edit("PUT", f"{base}/snmp", {"access": "users", "users": users})
    for slot in range(5, 13):
        body = {"name": f"R{slot}", "authMode": "psk", "encryptionMode": "wpa"}
        key = {"psk": secret(40 + slot, random=slot % 2 == 0)}
        simulator.edit("PUT", f"{base}/wireless/ssids/{slot}", {**body, **key})
        splash = {"welcomeMessage": f"mot de passe : {secret(60 + slot, random=True)}", "redirectUrl": ""}
        simulator.edit("PUT", f"{base}/wireless/ssids/{slot}/splash/settings", splash)
        rule = {"policy": "allow", "protocol": "any", "destCidr": "192.0.2.0/24", "comment": secret(80 + slot)}
        simulator.edit("PUT", f"{base}/wireless/ssids/{slot}/firewall/l3FirewallRules", {"rules": [rule]})
    for rank in range(8):
        servers = [{"host": f"192.0.2.{rank + 1}", "port": 1812, "secret": secret(100 + rank, random=True)}]
        made_policy = {"radiusServers": servers, "radiusAccountingEnabled": False}
        simulator.edit("POST", f"{base}/switch/accessPolicies", made_policy | {"name": secret(120 + rank)})
    return made


PERSONS = ("Durand", "durand@ville.example", "Exemple", "m.exemple", "exploitation@prestataire", "Astreinte")


@pytest.mark.parametrize("keep_names", [True, False])
def test_nothing_kept_has_a_planted_secret_nor_a_person(keep_names: bool, tmp_path: Path) -> None:
    world, whole = town_world(tmp_path), site(SCHOOL)
    converge(world, whole)
    changed_by_hand(world)
    secrets = planted(world)
    assert len(set(secrets)) >= 60
    network = next(known for known in world.simulator.world.networks.values() if known["name"].endswith(SCHOOL))
    world.simulator.edit("PUT", f"/networks/{network['id']}", {"notes": "appeler Mme Durand, durand@ville.example"})
    with capturing(tmp_path / "data", world.secrets, keep_names=keep_names):
        read(world, whole)
        with world.run() as run:
            for path in ("admins", "networks", "devices"):
                dashboard = Dashboard({"base_url": BASE, "api_key": API_KEY, "organization": "930093"})
                dashboard.items(f"/organizations/930093/{path}")
            for part in ("clients", "snmp", "switch/accessPolicies"):
                dashboard.request("GET", f"/networks/{network['id']}/{part}")
            assert run
    kept = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    for secret in secrets:
        for form in (secret.encode(), base64.b64encode(secret.encode()).rstrip(b"="), secret.encode().hex().encode()):
            assert [path.name for path, raw in kept.items() if form in raw] == [], secret
    shown = [word for word in PERSONS if any(word.encode() in raw for raw in kept.values())]
    assert shown == (list(PERSONS) if keep_names else [])
