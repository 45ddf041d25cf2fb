"""The lab over sockets: keep-alive, TLS, control, state kept, background process."""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from lab import Lab, Request, Response, cli, daemon, instance
from lab.declared import write_secrets
from lab.faults import Faults
from lab.meraki.behaviour import Behaviour
from lab.system import Setting
from tests.support.meraki_client import small_inventory

ORG = "/api/v1/organizations/930093"


def connect(lab: Lab, scheme: str = "http_url") -> http.client.HTTPConnection:
    parts = urlsplit(lab.info["meraki"][scheme])
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.netloc, timeout=5)
    context = ssl.create_default_context(cafile=lab.info["ca_file"])
    return http.client.HTTPSConnection(parts.netloc, timeout=5, context=context)


def call(lab: Lab, connection: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {lab.meraki.api_key}"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    data = response.read()
    return json.loads(data) if data else None


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(inventory=small_inventory()) as running:
        yield running


def test_one_connection_serves_many_requests(lab: Lab) -> None:
    connection = connect(lab)
    made = [
        call(lab, connection, "POST", f"{ORG}/networks", {"name": f"réseau {n}", "productTypes": ["switch"]})
        for n in range(3)
    ]
    before = connection.sock
    assert call(lab, connection, "DELETE", f"/api/v1/networks/{made[0]['id']}") is None
    assert [n["name"] for n in call(lab, connection, "GET", f"{ORG}/networks")] == ["réseau 1", "réseau 2"]
    assert connection.sock is before


def test_a_cut_closes_the_connection_without_an_answer(lab: Lab) -> None:
    lab.faults.add("cut")
    with pytest.raises(http.client.RemoteDisconnected):
        call(lab, connect(lab), "GET", ORG)


def test_links_name_the_host_that_the_client_used(lab: Lab) -> None:
    connection = connect(lab)
    connection.request("GET", f"{ORG}/networks", headers={"Authorization": f"Bearer {lab.meraki.api_key}"})
    assert connection.getresponse().headers["Link"].startswith(f"<{lab.info['meraki']['http_url']}/organizations/")


def test_several_labs_live_in_one_process(lab: Lab) -> None:
    with Lab("brownfield", inventory=small_inventory()) as other:
        assert len(call(other, connect(other), "GET", f"{ORG}/networks")) == 4
        assert call(lab, connect(lab), "GET", f"{ORG}/networks") == []


def test_state_and_authority_survive_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    seen = []
    for _ in range(2):
        with Lab(tls=True, folder=folder, inventory=small_inventory()) as lab:
            connection = connect(lab, "url")
            seen.append((call(lab, connection, "GET", f"{ORG}/networks"), lab.meraki.api_key))
            call(lab, connection, "POST", f"{ORG}/networks", {"name": "VLB ctm", "productTypes": ["switch"]})
            authority = (folder / "ca.pem").read_bytes()
            assert oct(folder.stat().st_mode & 0o777) == "0o700"
            private = ("info.json", "keys.json", "ca.key")
            assert {oct((folder / name).stat().st_mode & 0o777) for name in private} == {"0o600"}
    assert (folder / "ca.pem").read_bytes() == authority
    assert [[n["name"] for n in networks] for networks, _ in seen] == [[], ["VLB ctm"]]
    assert seen[0][1] == seen[1][1]


def test_a_batch_still_running_is_finished_before_the_lab_stops(tmp_path: Path) -> None:
    action = {
        "resource": "/organizations/930093/networks",
        "operation": "create",
        "body": {"name": "n", "productTypes": ["switch"]},
    }
    with Lab(folder=tmp_path, inventory=small_inventory()) as lab:
        lab.meraki.behaviour.set(batch_delay=3600)
        call(lab, connect(lab), "POST", f"{ORG}/actionBatches", {"confirmed": True, "actions": [action]})
    kept = json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))
    assert [n["name"] for n in kept["meraki"]["networks"].values()] == ["n"]


def test_the_description_has_the_agreed_keys() -> None:
    with Lab(tls=True, inventory=small_inventory()) as lab:
        assert lab.info.keys() == {"ca_file", "control", "meraki", *instance.OTHERS}
        assert lab.info["winrm"].keys() == {"url", "username", "password", "hosts"}
        assert lab.info["smc"].keys() == {"url", "http_url", "api_key", "api_versions"}
        assert lab.info["prism"].keys() == {"url", "http_url", "username", "password", "api_key"}
        assert lab.info["meraki"].keys() == {"url", "http_url", "api_key", "organization_id"}
        assert lab.info["meraki"]["url"].startswith("https://127.0.0.1:")
        assert lab.info["meraki"]["url"].endswith("/api/v1")


def test_reset_starts_again_from_a_seed_and_zeroes_the_calls(lab: Lab) -> None:
    call(lab, connect(lab), "GET", ORG)
    lab.reset("brownfield")
    assert lab.calls.counts()["meraki"] == {"reads": 0, "writes": 0, "sessions": 0}
    assert len(lab.meraki.world.networks) == 4


def test_the_control_api_wants_its_token(lab: Lab) -> None:
    connection = connect(lab)

    def control(token: str, command: str, **given: Any) -> tuple[int, Any]:
        connection.request("POST", f"/_lab/{command}", json.dumps(given), {"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    assert control(lab.meraki.api_key, "ping")[0] == 401
    token = lab.control_token
    assert control(token, "ping") == (200, {"result": {"seeds": ["empty", "brownfield"]}})
    assert control(token, "fault", kind="status", status=429, times=2)[0] == 200
    assert [f.status for f in lab.faults.armed] == [429]
    assert control(token, "fault", kind="feu")[1] == {
        "error": "panne inconnue : feu (choix : status, cut, edit, lie, random, batch_fail, batch_stuck)"
    }
    assert control(token, "set", claim_limit=None)[1]["result"]["claim_limit"] is None
    before = lab.clock.now()
    assert control(token, "clock", advance=300)[0] == 200
    assert lab.clock.now() - before >= 300
    assert control(token, "nothing")[0] == 404


def test_secrets_are_kept_and_missing_secrets_are_added(tmp_path: Path) -> None:
    first = write_secrets(tmp_path, ["radius/ctm", "meraki/ssid/VLB-Agents/psk"])
    second = write_secrets(tmp_path, ["radius/ctm", "radius/hotel-de-ville"])
    asked = {"meraki/ssid/VLB-Agents/psk", "radius/ctm", "radius/hotel-de-ville"}
    assert second.keys() == asked | {"piste/fingerprint"}
    assert second["radius/ctm"] == first["radius/ctm"]
    assert min(map(len, second.values())) >= 16
    assert oct((tmp_path / "secrets.json").stat().st_mode & 0o777) == "0o600"


_ALONE = """
import sys
from lab import cli, daemon
from lab.instance import Lab
daemon.Lab = lambda seed, folder, inventory, begins, **parts: Lab(
    seed, tls=True, folder=folder, inventory=inventory, begins=begins
)
cli.main(["serve", "--seed", sys.argv[1]], prog_name="piste lab")
"""
"""A lab of simulators alone: molecule's scenario starts a whole one."""


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Run commands of the lab in a folder with the hardware of the small town."""
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    monkeypatch.setattr(daemon, "_command", lambda seed, capture: [sys.executable, "-c", _ALONE, seed])
    (tmp_path / "inventory.json").write_text(json.dumps(small_inventory()), encoding="utf-8")

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(cli.main, arguments)
        return done.stdout if done.exit_code == 0 else done.stderr

    yield run
    run("down")


def test_the_lab_runs_in_the_background_between_commands(command: Callable[..., str], tmp_path: Path) -> None:
    asked = subprocess.run([sys.executable, "-m", "lab", "info"], capture_output=True, text=True, check=False)
    assert asked.stderr == "Erreur : Le laboratoire n’est pas démarré. Démarrez-le avec « piste lab up ».\n"
    assert command("up").startswith("Le laboratoire est démarré.\n")
    assert command("up").startswith("Le laboratoire était déjà démarré.\n")
    described = json.loads(command("info", "--format", "json"))
    assert described == json.loads((tmp_path / "info.json").read_text(encoding="utf-8"))
    assert json.loads(command("calls", "--format", "json"))["meraki"] == {"reads": 0, "writes": 0, "sessions": 0}
    assert "claim_limit = null\n" in command("set", "claim_limit=null")
    assert "status" in command("fault", "add", "status", "status=429", "times=2")
    assert command("fault", "clear") == "Plus aucune panne.\n"
    assert command("down") == "Le laboratoire est arrêté.\n"
    assert (tmp_path / "state.json").exists()
    assert command("down") == "Le laboratoire n’était pas démarré.\n"


def test_a_seed_may_be_a_function(lab: Lab) -> None:
    body = {"name": "semé", "productTypes": ["switch"]}
    lab.reset(lambda simulator, inventory: simulator.edit("POST", "/organizations/930093/networks", body))
    assert [n["name"] for n in lab.meraki.world.networks.values()] == ["semé"]


class _Counter:
    """A system that counts its requests."""

    name = "counter"

    def __init__(self, setting: Setting) -> None:
        self.asked = setting.kept or 0
        self.faults, self.behaviour, self.simulator, self.key = Faults("jam"), Behaviour(), self, setting.key("key")

    def handle(self, request: Request) -> Response:
        self.asked += 1
        return Response(200, {}, str(self.asked).encode())

    def describe(self, plain: str, secure: str) -> dict[str, str]:
        return {"url": secure, "key": self.key}

    def reset(self, seed: str) -> None:
        self.asked = {"empty": 0, "brownfield": 10, "town": 0}[seed]

    def image(self) -> bytes:
        return str(self.asked).encode()

    def state(self) -> int:
        return self.asked

    def finish(self) -> None:
        self.asked += 100


def test_each_system_listens_by_itself_and_keeps_its_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "OTHERS", {"counter": _Counter})

    def ask(lab: Lab) -> str:
        connection = http.client.HTTPConnection(urlsplit(lab.info["counter"]["url"]).netloc)
        connection.request("OPTIONS", "/anything/at/all")
        return connection.getresponse().read().decode()

    with Lab(folder=tmp_path, inventory=small_inventory(), others=["counter"]) as lab:
        assert (ask(lab), ask(lab)) == ("1", "2")
        key = lab.info["counter"]["key"]
        lab.systems["counter"].faults.add("jam")
        assert lab.faults.armed == []
    with Lab(folder=tmp_path, inventory=small_inventory(), others=["counter"]) as lab:
        assert ask(lab) == "103"
        assert lab.info["counter"]["key"] == key
        lab.reset("brownfield")
        assert ask(lab) == "11"
        lab.reset("town")
        assert ask(lab) == "1"
    with Lab(folder=tmp_path, inventory=small_inventory(), others=[]) as lab:
        assert "counter" not in lab.info
