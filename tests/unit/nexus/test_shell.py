"""The terminal on a Nexus: pinned keys, reads alone, and what does not answer is unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.nexus.server import Nexus
from piste.engine.converge.errors import PisteError, Rejected
from piste.systems.nexus.commands import OF_TERMINAL, Command
from piste.systems.nexus.connection import Access
from piste.systems.nexus.host_key import HostKey, UntrustedHost
from piste.systems.nexus.shell import Shell
from tests.support.nexus import ACCOUNTS, declared, option, run, switches

FIRST, SECOND = "nx-hdv-1", "nx-hdv-2"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nexus]:
    with switches(tmp_path_factory.mktemp("nexus")) as nexus:
        yield nexus


@pytest.fixture
def nexus(made: Nexus) -> Nexus:
    made.heard.clear()
    made.faults.clear()
    return made


def only(nexus: Nexus, module: str, username: str = "svc-piste", **more: Any) -> dict[str, Any]:
    """Run a module on the first switch."""
    return run(module, option(nexus, username, **more), switches=[FIRST])


def states(result: dict[str, Any], part: str = "findings") -> dict[str, str]:
    return {finding["id"]: finding["state"] for finding in result[part]}


def test_only_reads_and_terminal_settings_ever_reach_a_switch(nexus: Nexus) -> None:
    before = json.dumps(nexus.configs)
    for module in ("nexus_checks", "nexus_living", "nexus_orphans", "nexus_tests", "nexus_configurations"):
        only(nexus, module)
    lines = {line for _, line in nexus.heard}
    assert lines == {*Command}
    assert all(line.startswith(("show ", "terminal ")) for line in Command)
    assert json.dumps(nexus.configs) == before


def test_no_other_place_of_the_product_speaks_ssh() -> None:
    folder = Path(__file__).parents[3] / "piste"
    speaking = {path.name for path in folder.rglob("*.py") if ".sendall(" in path.read_text("utf-8")}
    opening = {path.name for path in folder.rglob("*.py") if "import paramiko" in path.read_text("utf-8")}
    assert opening == {"shell.py"}
    assert "shell.py" in speaking
    assert (folder.parent / "piste/systems/nexus/shell.py").read_text("utf-8").count(".sendall(") == 1


def test_an_unknown_key_is_refused_before_the_account_is_sent(nexus: Nexus) -> None:
    (finding,) = only(nexus, "nexus_checks", host_keys={})["findings"]
    assert (finding["id"], finding["state"], nexus.heard) == ("nexus.host_key", "wrong", [])
    shown = HostKey.of(FIRST, nexus.host_keys[FIRST])
    assert shown.fingerprint in finding["what"]
    assert nexus.host_keys[FIRST] in finding["todo"]


def test_a_changed_key_is_refused_with_both_fingerprints(nexus: Nexus) -> None:
    with pytest.raises(UntrustedHost) as caught:
        only(nexus, "nexus_orphans", host_keys={FIRST: nexus.host_keys[SECOND]})
    for name in (FIRST, SECOND):
        assert HostKey.of(name, nexus.host_keys[name]).fingerprint in str(caught.value)
    assert (caught.value.kind, nexus.heard) == ("refused", [])


@pytest.mark.parametrize("text", ["", "ssh-rsa", "ssh-rsa pas-du-base64", "ssh-ed25519 AAAAB3NzaC1yc2E="])
def test_a_pinned_key_that_does_not_read_is_refused(text: str) -> None:
    with pytest.raises(UntrustedHost):
        HostKey.of(FIRST, text)


def test_a_conform_switch_has_no_other_finding(nexus: Nexus) -> None:
    findings = only(nexus, "nexus_checks")
    assert set(states(findings).values()) == {"ok"}
    (version,) = (finding["what"] for finding in findings["findings"] if finding["id"] == "nexus.version")
    assert version == f"{FIRST} : Nexus9000 C93180YC-EX, NX-OS 9.3(13)"


def test_a_wrong_password_is_the_account(nexus: Nexus) -> None:
    assert states(only(nexus, "nexus_checks", password="un-autre-secret")) == {"nexus.account": "wrong"}


def test_an_account_that_may_write_is_wrong(nexus: Nexus) -> None:
    assert states(only(nexus, "nexus_checks", "admin"))["nexus.rights"] == "wrong"


def test_an_account_that_may_not_read_the_configuration_is_wrong(nexus: Nexus) -> None:
    assert states(only(nexus, "nexus_checks", "operateur"))["nexus.configuration"] == "wrong"
    with pytest.raises(Rejected, match="Permission denied"):
        only(nexus, "nexus_orphans", "operateur")


def test_a_configuration_that_is_cut_is_unknown(nexus: Nexus) -> None:
    nexus.faults.add("cut", path="show running-config", times=None)
    with pytest.raises(PisteError) as caught:
        only(nexus, "nexus_orphans")
    assert caught.value.kind == "unknown"
    assert states(only(nexus, "nexus_tests"), "trials") == {f"nexus.{FIRST}": "unknown"}


def test_the_version_of_a_switch_is_read_with_its_trials(nexus: Nexus) -> None:
    living = only(nexus, "nexus_tests")["living"]
    assert living["versions"] == {FIRST: "9.3(13)"}
    assert living["nexus_ports"][FIRST]["values"]["1/1"]["status"] == "up"
    assert [line for _, line in nexus.heard].count(Command.INTERFACES) == 1
    nexus.faults.add("status", path="show version", body="Bienvenue sur le portail")
    spoilt = only(nexus, "nexus_tests")
    assert (spoilt["living"]["versions"], list(spoilt["living"]["unread"])) == ({}, [FIRST])
    assert set(states(spoilt, "trials").values()) == {"ok"}


@pytest.mark.parametrize(
    "body",
    ["Bienvenue sur le portail", "version 9\nhostname nx\nvlan 1-99999", "--More--", ""],
)
def test_a_configuration_that_makes_no_sense_is_unknown(nexus: Nexus, body: str) -> None:
    nexus.faults.add("status", path="show running-config", body=body)
    with pytest.raises(PisteError) as caught:
        only(nexus, "nexus_orphans")
    assert caught.value.kind == "unknown"


def test_a_silent_switch_hides_no_other(nexus: Nexus) -> None:
    elsewhere = {**option(nexus)["elsewhere"], FIRST: {"address": "127.0.0.1", "port": 1}}
    config = nexus.configs[SECOND]["vlans"]
    config["999"] = {"name": "essai", "state": "active"}
    try:
        with pytest.raises(PisteError) as caught:
            run("nexus_orphans", option(nexus, elsewhere=elsewhere))
    finally:
        del config["999"]
    result = caught.value.to_json()
    assert (result["kind"], [orphan["key"] for orphan in result["orphans"]]) == ("unknown", [f"{SECOND}/999"])


def test_a_foreign_tongue_has_no_terminal(nexus: Nexus) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as mute:
        elsewhere = {FIRST: {"address": "127.0.0.1", "port": mute.getsockname()[1]}}
        assert states(only(nexus, "nexus_checks", elsewhere=elsewhere, timeout=0.2)) == {"nexus.reachable": "unknown"}


def test_no_account_is_unknown_and_no_switch_asks_for_nothing() -> None:
    assert states(run("nexus_checks", {})) == {"nexus.reachable": "unknown"}
    result = run("nexus_orphans", {}, declared={**declared(), "switches": []})
    assert (result["orphans"], result["calls"]) == ([], {"reads": 0, "writes": 0})


def test_a_long_answer_comes_whole_without_paging_and_without_secrets(nexus: Nexus) -> None:
    interfaces = nexus.configs[FIRST]["interfaces"]
    many = {f"Ethernet2/{number}": ["switchport", "shutdown"] for number in range(1, 97)}
    interfaces.update(many)
    try:
        text = only(nexus, "nexus_configurations")["configurations"][FIRST]
    finally:
        for name in many:
            del interfaces[name]
    assert all(f"interface {name}\n" in text for name in many)
    for secret in ("communaute-du-lab", "qdwmlab0secret", "00112233445566778899aabbccddeeff", "laboratoire0sans0"):
        assert secret not in text


def test_the_password_never_shows() -> None:
    access = Access.of({"username": "svc-piste", "password": ACCOUNTS["svc-piste"][0]})
    assert ACCOUNTS["svc-piste"][0] not in repr(access) + repr(Shell(FIRST, "10.0.0.1", access).__dict__)


def test_ports_are_read_in_one_session_for_each_switch_with_a_moment_of_their_own(nexus: Nexus) -> None:
    living = run("nexus_living", option(nexus))["living"]
    assert {name: len(part["values"]) for name, part in living["nexus_ports"].items()} == {FIRST: 54, SECOND: 54}
    assert living["nexus_ports"][FIRST]["values"]["1/49"] == {"status": "up", "speed_mbps": 40_000, "reason": ""}
    assert living["unread"] == {}
    for name in (FIRST, SECOND):
        heard = [line for switch, line in nexus.heard if switch == name]
        assert heard == [*OF_TERMINAL, Command.VERSION, Command.INTERFACES]


@pytest.mark.parametrize("module", ["nexus_living", "nexus_tests"])
def test_ports_that_do_not_read_are_unknown_and_the_rest_stays(nexus: Nexus, module: str) -> None:
    nexus.faults.add("status", path="show interface brief", body="Eth1/1 est en panne")
    living = only(nexus, module)["living"]
    assert (living["versions"], living["nexus_ports"]) == ({FIRST: "9.3(13)"}, {})
    assert list(living["unread"]) == [f"{FIRST}/ports"]


def test_a_switch_that_falls_silent_hides_no_other(nexus: Nexus) -> None:
    places = {**option(nexus)["elsewhere"], SECOND: {"address": "127.0.0.1", "port": 1}}
    living = run("nexus_living", option(nexus, elsewhere=places))["living"]
    assert ([*living["nexus_ports"]], [*living["unread"]]) == ([FIRST], [SECOND])
    nexus.faults.add("cut", path="show interface brief", times=None)
    living = run("nexus_living", option(nexus))["living"]
    assert (living["nexus_ports"], [*living["unread"]]) == ({}, [FIRST, SECOND])
