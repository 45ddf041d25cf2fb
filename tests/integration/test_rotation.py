"""Rotation of a site's RADIUS secret on servers and devices: RADIUS never stops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab.declared import keep_secrets
from lab.radius import nps_export
from tests.support.meraki_client import remembers
from tests.support.playbooks import Console, Played, console

PORT = "/devices/QZZZ-0001-0001/switch/ports/5"
SITE = "ccas"
FIRST, SECOND = ("hdv-nps1", "10.93.2.13"), ("hdv-nps2", "10.93.2.14")


class Watch:
    """Secrets that each RADIUS server accepts and each device presents, read at every request."""

    def __init__(self, opened: Console) -> None:
        self.lab, self.moments, self.lost = opened.lab, [], []
        for system in self.lab.systems.values():
            self._look_after(system.simulator)

    moments: list[tuple[bool, bool]]
    lost: list[str]

    def _look_after(self, simulator: Any) -> None:
        handle = simulator.handle

        def watched(request: Any) -> Any:
            answer = handle(request)
            self._look()
            return answer

        simulator.handle = watched

    def accepted(self, server: str) -> set[str]:
        exports = self.lab.systems["winrm"].exports  # type: ignore[attr-defined]
        return {client.secret for client in nps_export.read(exports[server]()).clients if "ccas" in client.name}

    def lists(self) -> dict[str, list[dict[str, Any]]]:
        network = next(n for n in self.lab.meraki.world.networks.values() if n["name"] == f"VLB {SITE}")
        holders = {**network["policies"], **network["ssids"]}
        return {name: settings["radiusServers"] for name, settings in holders.items() if settings.get("radiusServers")}

    def speaks(self, servers: list[dict[str, Any]], server: tuple[str, str]) -> bool:
        secrets = self.accepted(server[0])
        return len(secrets) == 1 and remembers(self.lab.meraki.world, servers, server[1], secrets.copy().pop())

    def _look(self) -> None:
        for name, servers in self.lists().items():
            usable = [self.speaks(servers, server) for server in (FIRST, SECOND)]
            if not any(usable):
                self.lost.append(name)
            if (moment := (usable[0], usable[1])) not in self.moments:
                self.moments.append(moment)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("rotation")) as terminal:
        terminal.environment["ANSIBLE_SKIP_TAGS"] = "directory,firewall,hosting,inventory,names,printing"
        done = terminal.play("playbooks/site.yml", "-l", SITE)
        assert done.code == 0, done.said
        yield terminal


def port(opened: Console) -> dict[str, Any]:
    settings: dict[str, Any] = opened.lab.meraki.edit("GET", PORT)
    return settings


def rotate(opened: Console, *options: str) -> Played:
    return opened.play("playbooks/rotate_radius.yml", "-l", SITE, *options)


def writes(opened: Console) -> list[str]:
    return [f"{call.system} {call.path}" for call in opened.lab.calls.log if call.kind == "write"]


def test_a_secret_is_changed_server_by_server_and_the_site_always_has_one(opened: Console) -> None:
    path = f"radius/{SITE}"
    old = opened.secrets[path]
    keep_secrets(opened.lab.folder, {path: "un-nouveau-secret-bien-long"})

    whole = opened.play("playbooks/site.yml", "-l", SITE)
    assert "radius_secret" in whole.said
    assert whole.code != 0
    refused = rotate(opened)
    assert f"{path}/ancien" in refused.said
    assert writes(opened) == []

    keep_secrets(opened.lab.folder, {f"{path}/ancien": old})
    watch = Watch(opened)
    opened.lab.faults.add("status", status=400, method="POST", path="actionBatches")
    stopped = rotate(opened)
    assert stopped.code != 0
    assert watch.moments == [(True, True), (True, False)]
    done = rotate(opened)
    assert done.code == 0, done.said
    assert watch.lost == []
    assert watch.moments == [(True, True), (True, False), (False, True)]
    assert watch.accepted(FIRST[0]) == watch.accepted(SECOND[0]) == {"un-nouveau-secret-bien-long"}
    assert old not in done.said

    assert watch.moments.count((False, True)) == 1
    again = rotate(opened)
    assert (again.code, writes(opened)) == (0, [])


def test_ports_and_ssids_of_a_site_in_802_1x_are_left_alone_where_its_servers_do_not_answer(opened: Console) -> None:
    assert port(opened)["accessPolicyType"] == "Custom access policy"
    opened.lab.meraki.edit("PUT", PORT, {"name": "à la main"})
    servers = opened.lab.systems["winrm"]
    servers.faults.add("cut", times=None)
    cut = opened.play("playbooks/site.yml", "-l", SITE)
    servers.faults.clear()
    assert cut.code != 0
    assert "ses ports et ses SSID restent tels quels" in cut.said
    assert port(opened)["name"] == "à la main"
    assert opened.play("playbooks/site.yml", "-l", SITE).code == 0
    assert port(opened)["name"] != "à la main"


@pytest.mark.story
def test_policies_of_the_town_that_cannot_be_made_stop_before_any_write_and_leave_ports_alone(opened: Console) -> None:
    opened.lab.meraki.edit("PUT", PORT, {"name": "à la main"})
    # Without a directory, no group that the town's policies name is known.
    refused = opened.play("playbooks/site.yml", "-l", f"commune:{SITE}")
    assert refused.recap("commune")["rescued"] == 1
    assert "ses ports et ses SSID restent tels quels" in refused.said
    # Options of DHCP servers do not wait for policies.
    assert [write for write in writes(opened) if "dhcp_settings" not in write] == []
    assert port(opened)["name"] == "à la main"
