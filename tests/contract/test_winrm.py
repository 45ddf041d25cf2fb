"""The Windows servers of the lab against pywinrm, which we did not write, over HTTPS."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
import winrm
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WSManFaultError
from winrm.protocol import Protocol

from lab import Lab
from lab.winrm import WinrmSimulator
from piste.systems.windows.snippets import COMMAND, arguments

WAYS = ("ntlm", "basic")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture(autouse=True)
def _start_anew(lab: Lab) -> None:
    lab.reset("empty")


def simulator(lab: Lab) -> WinrmSimulator:
    simulator = lab.systems["winrm"].simulator
    assert isinstance(simulator, WinrmSimulator)
    return simulator


def client(lab: Lab, way: str = "ntlm", host: str = "hdv-nps1", password: str = "") -> Protocol:
    info = lab.info["winrm"]
    return Protocol(
        info["hosts"][host],
        transport=way,  # type: ignore[arg-type]
        username=info["username"],
        password=password or info["password"],
        ca_trust_path=lab.info["ca_file"],
        operation_timeout_sec=2,
        read_timeout_sec=5,
        proxy=None,
    )


def typed(protocol: Protocol, shell: str, snippet: str, given: Any, size: int = 1000) -> tuple[Any, int]:
    """Run a snippet by hand, its input in several pieces.

    Return its answer and the number of asks.
    """
    command = protocol.run_command(shell, COMMAND, arguments(snippet), console_mode_stdin=False)
    text = json.dumps(given).encode()
    for at in range(0, len(text), size):
        protocol.send_command_input(shell, command, text[at : at + size], end=at + size >= len(text))
    out, times, done = b"", 0, False
    while not done:
        more, _, code, done = protocol.get_command_output_raw(shell, command)
        out, times = out + more, times + 1
    protocol.cleanup_command(shell, command)
    assert code == 0
    return json.loads(out)["result"], times


@pytest.mark.parametrize("way", WAYS)
def test_a_session_runs_a_command_and_leaves_no_shell(lab: Lab, way: str) -> None:
    info = lab.info["winrm"]
    session = winrm.Session(
        info["url"],
        auth=(info["username"], info["password"]),
        transport=way,
        ca_trust_path=lab.info["ca_file"],
        proxy=None,
    )
    assert session.run_cmd("hostname").std_out == b"hdv-nps1\r\n"
    assert b"is not recognized as an internal" in session.run_cmd("ipconfiguration", ["/all"]).std_err
    refused = session.run_ps("Get-ADUser svc-piste")
    assert (refused.status_code, b"Get-ADUser" in refused.std_err) == (1, True)
    assert {name: shells.open for name, shells in simulator(lab).shells.items()} == {host: {} for host in info["hosts"]}
    assert lab.calls.of("winrm")["sessions"] == 3


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_password_is_a_401(lab: Lab, way: str) -> None:
    with pytest.raises(InvalidCredentialsError):
        client(lab, way, password="un autre mot de passe").open_shell()


def test_an_authentication_that_is_not_offered_is_refused(lab: Lab) -> None:
    lab.systems["winrm"].behaviour.set(basic=False)
    try:
        with pytest.raises(InvalidCredentialsError):
            client(lab, "basic").open_shell()
        client(lab, "ntlm").open_shell()
    finally:
        lab.systems["winrm"].behaviour.set(basic=True)


@pytest.mark.parametrize("way", WAYS)
def test_a_configuration_comes_and_goes_in_pieces(lab: Lab, way: str) -> None:
    protocol = client(lab, way)
    shell = protocol.open_shell()
    exported, _ = typed(protocol, shell, "nps_export", {})
    document = gzip.decompress(b64decode(exported["document"]))
    assert document.startswith(b'<?xml version="1.0"?>\r\n<Root xmlns:dt=')
    assert typed(protocol, shell, "nps_import", {**exported, "restart": False}) == ({}, 1)
    assert typed(protocol, shell, "nps_export", {})[0] == exported
    protocol.close_shell(shell)
    assert lab.calls.of("winrm") == {"reads": 2, "writes": 1, "sessions": 1}


def test_a_long_answer_comes_in_several(lab: Lab) -> None:
    simulator(lab).machines["hdv-nps1"].state["certificates"] *= 100
    protocol = client(lab)
    shell = protocol.open_shell()
    answer, times = typed(protocol, shell, "certificates", {})
    assert (len(answer["certificates"]), times > 1) == (400, True)
    protocol.close_shell(shell)


def test_what_waits_for_input_has_nothing_to_say(lab: Lab) -> None:
    protocol = client(lab)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, COMMAND, arguments("host"), console_mode_stdin=False)
    with pytest.raises(WinRMOperationTimeoutError):
        protocol.get_command_output_raw(shell, command)
    protocol.close_shell(shell)


def test_faults_are_those_of_a_real_host(lab: Lab) -> None:
    lab.systems["winrm"].behaviour.set(max_shells=1, max_size=10_000)
    protocol = client(lab)
    shell = protocol.open_shell()

    def number(call: Any, *given: Any) -> int | None:
        with pytest.raises(WSManFaultError) as raised:
            call(*given)
        return raised.value.wsman_fault_code

    try:
        assert number(client(lab).open_shell) == 2150859173  # ERROR_WSMAN_QUOTA_MAX_SHELLS
        command = protocol.run_command(shell, COMMAND, arguments("host"), console_mode_stdin=False)
        assert number(protocol.send_command_input, shell, command, b"x" * 10_000) == 2150858805
        protocol.send_command_input(shell, command, b"{}", end=True)
        assert number(protocol.send_command_input, shell, command, b"{}") == 109  # ERROR_BROKEN_PIPE
        protocol.close_shell(shell, close_session=False)
        assert number(protocol.run_command, shell, "hostname") == 2150858843
    finally:
        lab.systems["winrm"].behaviour.set(max_shells=30, max_size=512_000)
