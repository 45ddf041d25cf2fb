"""A single writer at a time on a system object, and a refusal that says who writes."""

from __future__ import annotations

import getpass
import os
import platform
import pwd
import shutil
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from piste.engine.converge import locks
from piste.engine.converge.locks import Busy, Exposed, exclusive, in_use
from tests.unit.transport.local import python

HOLD = """
import os, sys, time
from piste.engine.converge.locks import exclusive
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
    with pytest.raises(Busy) as caught, exclusive("meraki https://x VLB École", wait=0.2):
        pass
    assert "« meraki https://x VLB École » est en cours de modification par " in str(caught.value)
    assert f" par {getpass.getuser()} sur {platform.node()} (processus {holder.pid}). Attendez" in str(caught.value)
    assert [lock.name for lock in in_use()] == ["meraki https://x VLB École"]
    assert (caught.value.code, caught.value.kind) == ("PISTE-E031", "refused")
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with exclusive("meraki https://x VLB École", wait=5):
        pass


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_lies_in_place_of_a_lock_is_not_opened(folder: Path, make: Callable[[Path], None]) -> None:
    with exclusive("x"):
        (path,) = folder.iterdir()
    path.unlink()
    make(path)
    with pytest.raises(Exposed), exclusive("x", wait=0):
        pass


def test_the_files_are_for_the_team_that_reaches_the_folder_whatever_the_mask(folder: Path) -> None:
    mask = os.umask(0o077)
    try:
        with exclusive("x"):
            (path,) = folder.iterdir()
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o702])
def test_a_folder_where_anybody_could_hold_a_lock_is_refused(mode: int, folder: Path) -> None:
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(Exposed, match="n’importe quel compte de ce poste pourrait y tenir un verrou"), exclusive("x"):
        pass
    folder.chmod(0o2770)
    with exclusive("x"):
        pass


@pytest.mark.parametrize("wrong", ["open", "another's", "a link", "a file"])
def test_the_folder_of_an_account_is_its_own(wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = pwd.struct_passwd(("a", "x", 1, 1, "", str(tmp_path), ""))
    monkeypatch.delenv("PISTE_LOCK_DIR")
    monkeypatch.setattr(locks.pwd, "getpwuid", lambda uid: account)
    with exclusive("x"):
        assert stat.S_IMODE((tmp_path / ".piste" / "locks").stat().st_mode) == 0o700
    own = tmp_path / ".piste" / "locks"
    if wrong == "open":
        own.chmod(0o750)
    elif wrong == "another's":
        monkeypatch.setattr(locks.os, "getuid", lambda: 12345)
    else:
        shutil.rmtree(own)
        own.symlink_to(tmp_path) if wrong == "a link" else own.touch()
    with pytest.raises(Exposed), exclusive("x"):
        pass


def test_an_account_without_a_home_has_its_folder_among_the_temporary_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PISTE_LOCK_DIR")
    monkeypatch.setattr(locks.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(locks.pwd, "getpwuid", lambda uid: SimpleNamespace(pw_dir="/nonexistent"))
    assert locks.locks_folder() == tmp_path / f"piste-locks-{os.getuid()}"
    monkeypatch.setattr(locks.pwd, "getpwuid", {}.__getitem__)
    assert locks.locks_folder() == tmp_path / f"piste-locks-{os.getuid()}"


def test_names_that_look_alike_are_two_locks_and_any_length_will_do() -> None:
    with exclusive("École A"), exclusive("École/A"), exclusive("é" * 300), exclusive("é" * 301):
        pass


def test_a_lock_is_free_again_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), exclusive("x"):
        raise ZeroDivisionError
    with exclusive("x", wait=0):
        pass


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_a_lock_is_never_taken_through_a_link(folder: Path, tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    with exclusive("x"):
        (path,) = folder.iterdir()
    precious = tmp_path / "précieux"
    precious.write_text("contenu", "utf-8")
    path.unlink()
    link(path, precious)
    with pytest.raises(Exposed, match="verrou"), exclusive("x", wait=0):
        pass
    assert precious.read_text("utf-8") == "contenu"
