"""One writer at a time on a system object, whoever runs it, and a refusal that says who holds it."""

from __future__ import annotations

import getpass
import os
import platform
import signal
import stat
from pathlib import Path

import pytest

from piste.transport.locks import Held, exclusive, held
from tests.unit.transport.local import python

HOLD = """
import os, sys, time
from piste.transport.locks import exclusive
os.umask(0o077)
with exclusive(sys.argv[1]):
    print("tenu", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path / "verrous"))
    return tmp_path / "verrous"


def test_another_process_is_refused_by_name_until_the_holder_dies(folder: Path) -> None:
    holder = python(HOLD, "meraki https://x VLB École")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "tenu\n"
    with pytest.raises(Held) as caught, exclusive("meraki https://x VLB École", wait=0.2):
        pass
    assert "« meraki https://x VLB École » est en cours de modification par " in str(caught.value)
    assert f" par {getpass.getuser()} sur {platform.node()} (processus {holder.pid}). Attendez" in str(caught.value)
    assert [place for place, _ in held()] == ["meraki_https_x_VLB_cole"]
    assert (caught.value.code, caught.value.kind) == ("PISTE-E031", "refused")
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with exclusive("meraki https://x VLB École", wait=5):
        pass


def test_the_files_are_for_every_user_whatever_the_mask(folder: Path) -> None:
    mask = os.umask(0o077)
    try:
        with exclusive("x"):
            (path,) = folder.iterdir()
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    assert stat.S_IMODE(folder.stat().st_mode) == 0o1777


def test_names_that_look_alike_are_two_locks_and_any_length_will_do() -> None:
    with exclusive("École A"), exclusive("École/A"), exclusive("é" * 300), exclusive("é" * 301):
        pass


def test_a_lock_is_free_again_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), exclusive("x"):
        raise ZeroDivisionError
    with exclusive("x", wait=0):
        pass


def test_a_lock_is_never_taken_through_a_link(folder: Path, tmp_path: Path) -> None:
    with exclusive("x"):
        (path,) = folder.iterdir()
    precious = tmp_path / "précieux"
    precious.write_text("contenu", "utf-8")
    path.unlink()
    path.symlink_to(precious)
    with pytest.raises(OSError, match="symbolic links"), exclusive("x", wait=0):
        pass
    assert precious.read_text("utf-8") == "contenu"
