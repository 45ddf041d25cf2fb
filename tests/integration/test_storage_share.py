"""The scan of real shares: cold, double, denied, silent; nothing changed on them."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.shares import Shares, obstacle, sample
from piste.readings.storage.scan import MODULES
from piste.trials.probe.onsite import protocols
from tests.support.storage import rules, target

pytestmark = pytest.mark.skipif(bool(obstacle()), reason="smbd is not installed")
TARGETS = [
    target(excluded=[{"path": "Urbanisme/Plans", "why": "à part"}]),
    target(name="personnels", label="Dossiers personnels", share="Personnels$", levels=0),
    target(name="absent", label="Absent", share="Absent"),
]


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shares]:
    served = Shares(tmp_path_factory.mktemp("shares"), TARGETS[:2]).start()
    try:
        yield served
    finally:
        served.close()


def run(shares: Shares, folder: Path, *names: str, **smb: Any) -> dict[str, Any]:
    option = {**shares.info, "encrypt": True, "timeout": 10.0, **smb}
    given = {"declared": rules(*TARGETS), "smb": option, "names": list(names), "index": str(folder), "lists": None}
    return MODULES["storage_scan"].run(given, False)


def states(folder: Path) -> dict[str, tuple[int, int]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


def test_a_share_is_counted_and_left_as_it_was(shares: Shares, tmp_path: Path) -> None:
    before = states(shares.place("Services"))
    (made,) = run(shares, tmp_path, "services")["readings"]
    assert (made["state"], made["files"], made["folders"]) == ("complete", 5, 4)
    assert (made["duplicate_bytes"], made["cold_bytes"], made["waste_bytes"]) == (600_000, 420_000, 720_000)
    assert [row["folder"] for row in made["by_folder"]] == ["Finances", "Urbanisme"]
    assert states(shares.place("Services")) == before
    assert list(tmp_path.iterdir()) == []


def test_names_of_people_stay_out_of_the_reading_and_go_to_the_list_alone(shares: Shares, tmp_path: Path) -> None:
    shares.fill("Personnels$", {"m.dupont/=1+1 été.odt": (b"x" * 100, 3000)})
    option = {**shares.info, "timeout": 10.0}
    given = {
        "declared": rules(*TARGETS), "smb": option, "names": ["personnels"], "index": str(tmp_path / "index"),
        "lists": str(tmp_path / "listes"),
    }  # fmt: skip
    (made,) = MODULES["storage_scan"].run(given, False)["readings"]
    assert (made["state"], [row["folder"] for row in made["by_folder"]]) == ("complete", [""])
    assert "dupont" not in str(made)
    file = tmp_path / "listes" / "personnels.csv"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "m.dupont,'=1+1 été.odt,100," in file.read_text("utf-8")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_is_denied_is_named(shares: Shares, tmp_path: Path) -> None:
    denied = shares.place("Services") / "Finances" / "2014"
    denied.chmod(0)
    try:
        (made,) = run(shares, tmp_path, "services")["readings"]
    finally:
        denied.chmod(0o700)
    assert (made["state"], made["unread"][0]["folder"]) == ("partial", "Finances")


def test_what_does_not_answer_is_unknown_and_hides_no_other(shares: Shares, tmp_path: Path) -> None:
    absent, there = sorted(run(shares, tmp_path, "services", "absent")["readings"], key=lambda made: made["share"])
    assert (absent["state"], there["state"]) == ("silent", "complete")
    assert "Absent" in absent["why"]
    for smb in ({"password": "faux"}, {"elsewhere": {}, "only_elsewhere": True}, {"username": ""}):
        (made,) = run(shares, tmp_path, "services", **smb)["readings"]
        assert (made["state"], made["bytes"]) == ("silent", 0)
        assert "faux" not in made["why"]


def test_a_server_of_another_protocol_is_silent(shares: Shares, tmp_path: Path) -> None:
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            connection.recv(100)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 3)
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        elsewhere = {"srv-fic1": {"address": "127.0.0.1", "port": server.getsockname()[1]}}
        (made,) = run(shares, tmp_path, "services", elsewhere=elsewhere, timeout=3.0)["readings"]
    assert made["state"] == "silent"


def test_the_sample_has_what_a_scan_looks_for() -> None:
    assert len({content for content, _ in sample().values()}) < len(sample())


def test_the_probe_negotiates_with_a_real_server_before_any_account(shares: Shares) -> None:
    """A probe is no client: the server, which demands SMB 3, signed and encrypted, tells it so."""
    with socket.create_connection(("127.0.0.1", shares.port), 4) as plain:
        assert protocols.smb(plain, "127.0.0.1", shares.port) == {"dialect": "3.1.1", "signed": True}
