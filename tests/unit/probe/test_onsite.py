"""The program of the station: old Pythons read it, its packets are those of the protocols."""

from __future__ import annotations

import ast
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import Mock

import pytest

from piste.trials.probe import carriers
from piste.trials.probe.onsite import questions, wire
from piste.trials.probe.onsite.questions import Icmp, exchange, name
from tests.unit.repository.tree import ROOT

FOLDER = ROOT / "piste" / "trials" / "probe" / "onsite"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_an_old_python_with_its_library_alone_reads_it(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 9))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [item.name for item in node.names])
    }
    assert {
        name
        for name in imported
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("piste.trials.probe.onsite")
    } == set()


def test_every_source_is_sent_after_those_that_it_imports() -> None:
    assert set(carriers.ONSITE) == {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    for place, stem in enumerate(carriers.ONSITE):
        text = (FOLDER / f"{stem}.py").read_text("utf-8")
        assert all(f"onsite.{later} import" not in text for later in carriers.ONSITE[place:])


def test_a_station_answers_even_where_it_can_do_nothing() -> None:
    request = {"interface": "nowhere0", "seconds": 5, "questions": []}

    def here(argv: Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, input=text, capture_output=True, text=True, timeout=60, check=False)

    said = carriers.ask(request, here)
    assert said["format"] == 1
    assert "nowhere0" in said["error"]
    assert said["answers"] == {}


@pytest.mark.parametrize("output", ["", "{", "[]", '{"format": 2}', '{"format": 1, "answers": []}', "null", '"x"'])
def test_what_a_station_says_that_makes_no_sense_is_an_error(output: str) -> None:
    said = carriers.unpacked(255, output, "ssh: connect to host\nport 22: No route to host\n")
    assert said["answers"] == {}
    assert said["error"] == "la sonde n’a pas répondu (code 255) : port 22: No route to host"


def test_a_command_that_does_not_end_is_an_error() -> None:
    def never(argv: object, text: str) -> subprocess.CompletedProcess[str]:
        raise subprocess.TimeoutExpired("python3", 60)

    assert "60" in carriers.ask({}, never)["error"]


def test_no_secret_is_an_argument() -> None:
    assert "sésame" not in " ".join(carriers.ARGV)
    assert "sésame" in json.loads(carriers.packed({"joins": ["sésame"]}))["request"]["joins"]


def reply(kind: int, transaction: bytes, **fields: bytes) -> bytes:
    options = {wire.TYPE: bytes((kind,)), wire.SERVER: b"\x0a\x5d\x02\x0b", 1: b"\xff\xff\xff\0", **{
        int(code.removeprefix("o")): value for code, value in fields.items()}}  # fmt: skip
    message = wire.dhcp(kind, b"\2" * 6, transaction, options)
    return b"\2" + message[1:16] + b"\x0a\x5d\x29\x32" + message[20:24] + b"\x0a\x5d\x29\xfe" + message[28:]


def test_an_offer_is_read_with_its_options_and_relay() -> None:
    servers = b"\x0a\x5d\x02\x0b\x0a\x5d\x02\x0c"
    message = reply(wire.OFFER, b"abcd", o3=b"\x0a\x5d\x29\xfe", o6=servers, o15=b"ville.fr\0")
    said = wire.read_dhcp(message, b"abcd")
    assert said
    assert (said["type"], said["address"], said["length"], said["server"], said["relay"]) == (
        wire.OFFER, "10.93.41.50", 24, "10.93.2.11", "10.93.41.254",
    )  # fmt: skip
    assert (said["routers"], said["domain"]) == (["10.93.41.254"], "ville.fr")
    assert said["dns"] == ["10.93.2.11", "10.93.2.12"]


def test_an_option_without_content_is_read_as_nothing() -> None:
    head = reply(wire.OFFER, b"abcd")[:240]
    said = wire.read_dhcp(head + bytes((wire.TYPE, 0, wire.SERVER, 0, 255)), b"abcd")
    assert said
    assert (said["type"], said["server"]) == (0, "")


def test_an_offer_to_another_computer_is_not_read() -> None:
    assert wire.read_dhcp(reply(wire.OFFER, b"abcd"), b"abce") is None


def test_a_request_names_no_host() -> None:
    # A DHCP server would register it in the DNS: a probe writes to no system.
    message = wire.dhcp(wire.DISCOVER, b"\2" * 6, b"abcd", {})
    options = message[240:]
    codes, at = [], 0
    while options[at] != 255:
        codes.append(options[at])
        at += 2 + options[at + 1]
    assert not {12, 81} & set(codes)


def test_a_checksum_is_that_of_the_internet() -> None:
    head = bytes.fromhex("4500003044224000800600008c7c19acae241e2b")
    assert wire.checksum(head) == 0x442E


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (b"\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4\x0a\x5d\2\x0b", ["10.93.2.11"]),
        (
            b"\xc0\x0c\0\5\0\1\0\0\x0e\x10\0\2\xc0\x0c" + b"\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4\x0a\x5d\2\x0c",
            ["10.93.2.12"],
        ),
        (b"", []),
    ],
)
def test_the_addresses_of_a_name_are_read(monkeypatch: pytest.MonkeyPatch, records: bytes, expected: list[str]) -> None:
    number = (2 if expected == ["10.93.2.12"] else 1) if records else 0

    def stand_in(question: object, icmp: object, payload: bytes, port: int) -> tuple[dict[str, object], bytes]:
        head = payload[:2] + b"\x81\x80" + payload[4:6] + struct.pack("!H", number) + b"\0\0\0\0"
        return {"outcome": "answered", "ms": 1.0}, head + payload[12:] + records

    monkeypatch.setitem(name.__globals__, "exchange", stand_in)
    said = name({"address": "192.0.2.1", "name": "hdv-dc1.ville.fr"}, None)  # type: ignore[arg-type]
    assert said["addresses"] == expected


@pytest.mark.parametrize("cut", [1, 5, 11])
def test_a_cut_answer_of_names_is_nonsense(monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    def stand_in(question: object, icmp: object, payload: bytes, port: int) -> tuple[dict[str, object], bytes]:
        head = payload[:2] + b"\x81\x80" + payload[4:6] + b"\0\1\0\0\0\0"
        return {"outcome": "answered", "ms": 1.0}, head + payload[12:] + b"\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4"[:cut]

    monkeypatch.setitem(name.__globals__, "exchange", stand_in)
    assert name({"address": "192.0.2.1", "name": "a.b"}, None)["outcome"] == "nonsense"  # type: ignore[arg-type]


def test_a_closed_port_of_udp_is_a_refusal_of_its_machine() -> None:
    class Nothing:
        source, refusals = "127.0.0.1", dict[str, object]()

        def refused(self, address: str) -> dict[str, object]:
            return {"outcome": "silent"}

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    said, _ = exchange({"address": "127.0.0.1", "patience": 1.0}, Nothing(), b"x", port)  # type: ignore[arg-type]
    assert said["outcome"] == "refused"


def test_the_echo_of_this_machine_returns() -> None:
    try:
        icmp = Icmp("127.0.0.1")
    except PermissionError:
        pytest.skip("a raw socket is for root")
    icmp.start()
    assert icmp.echo("127.0.0.1", 2.0) is not None


def fake_iperf(folder: Path, monkeypatch: pytest.MonkeyPatch, answered: str, error: str) -> None:
    """Put a false iperf3 first; it measures where its count of questions allows it."""
    said = {"end": {"sum_received": {"bits_per_second": 94_100_000}}}
    (folder / "said").write_text(json.dumps(said), "utf-8")
    (folder / "iperf3").write_text(
        "#!/bin/sh\n"
        'cd "$(dirname "$0")" && echo >>asked\n'
        f'[ "$(wc -l <asked)" {answered} ] && exec cat said\n'
        f"""echo '{{"error": "{error}"}}'\n""",
        "utf-8",
    )
    (folder / "iperf3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(questions, "BUSY_PAUSES", (0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("busy", "error", "outcome"),
    [
        (0, "", "answered"),
        (2, "the server is busy running a test. try again later", "answered"),
        (99, "the server is busy running a test. try again later", "silent"),
        (2, "unable to send control message: Connection reset by peer", "answered"),
    ],
)
def test_a_busy_server_of_rates_is_asked_again_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: int, error: str, outcome: str
) -> None:
    fake_iperf(tmp_path, monkeypatch, f"-gt {busy}", error)
    answer = questions.rate({"address": "192.0.2.1"}, Mock(source="127.0.0.1"))
    assert answer["outcome"] == outcome
    if outcome == "answered":
        assert (answer["up"], answer["down"]) == (94.1, 94.1)
    else:
        assert "busy" in answer["why"]


@pytest.mark.parametrize(("refused", "outcome"), [(1, "silent"), (2, "answered")])
def test_a_server_of_rates_that_opens_its_port_again_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: int, outcome: str
) -> None:
    """The first question that is refused says that there is no server."""
    fake_iperf(tmp_path, monkeypatch, f"-ne {refused}", "unable to connect to server: Connection refused")
    answer = questions.rate({"address": "192.0.2.1"}, Mock(source="127.0.0.1"))
    assert (answer["outcome"], answer.get("down")) == (outcome, 94.1 if outcome == "answered" else None)
