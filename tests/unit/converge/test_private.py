"""Private files: whole or absent, named where the disk refuses, closed whatever the mask."""

from __future__ import annotations

import errno
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.inventory.manager import IGNORED_ALWAYS

from piste.engine.converge.private import (
    close_mask,
    not_written,
    private_folder,
    refused_by_disk,
    write_private,
    write_shared,
)
from tests.unit.repository.tree import ROOT


def test_a_disk_that_refuses_is_named_and_keeps_the_former_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.json"
    write_private(path, b"former")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as refused:
        write_private(path, b"new")
    assert [left.name for left in tmp_path.iterdir()] == ["plan.json"]
    assert path.read_bytes() == b"former"
    assert refused_by_disk(refused.value)
    assert str(not_written(refused.value)) == (
        f"PISTE-E097 {path} : ce fichier ne s’écrit pas. No space left on device. "
        "Vérifiez la place et les droits de ce dossier, puis relancez."
    )


def test_a_draft_is_no_way_to_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.write_text("kept", "utf-8")
    monkeypatch.setattr("os.urandom", bytes)
    (tmp_path / ".plan.json.00000000.draft").symlink_to(other)
    with pytest.raises(OSError, match="File exists"):
        write_private(tmp_path / "plan.json", b"new")
    assert other.read_text("utf-8") == "kept"


def test_two_writers_of_a_file_keep_one_of_theirs_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer and a person write the same readings at the same moment."""
    path, replace = tmp_path / "readings.json", os.replace

    def meanwhile(draft: Path, to: Path) -> None:
        monkeypatch.setattr(os, "replace", replace)
        write_private(path, b"of the other")
        replace(draft, to)

    monkeypatch.setattr(os, "replace", meanwhile)
    write_private(path, b"mine")
    assert path.read_bytes() == b"mine"
    assert [left.name for left in tmp_path.iterdir()] == ["readings.json"]


def test_two_long_names_have_drafts_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda draft, to: (names.append(draft.name), replace(draft, to)))
    for end in "ab":
        write_private(tmp_path / f"{'x' * 60}{end}.json", b"")
    assert len(set(names)) == 2


def test_ansible_takes_no_draft_for_an_inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fingerprints are kept beside an inventory, and a run may start meanwhile."""
    names: list[str] = []
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda draft, to: (names.append(draft.name), replace(draft, to)))
    write_private(tmp_path / "secrets.lock.yml", b"")
    assert re.search(IGNORED_ALWAYS[0].decode(), names[0])


def test_a_file_that_others_may_read_keeps_its_mode_and_a_link_its_target(tmp_path: Path) -> None:
    closed, link = tmp_path / "closed", tmp_path / "link"
    closed.touch(0o600)
    link.symlink_to(closed)
    write_shared(link, b"new")
    assert (link.is_symlink(), closed.read_bytes(), stat.S_IMODE(closed.stat().st_mode)) == (True, b"new", 0o600)
    write_shared(tmp_path / "fresh", b"")
    assert stat.S_IMODE((tmp_path / "fresh").stat().st_mode) == 0o644


def test_the_longest_name_has_a_draft(tmp_path: Path) -> None:
    write_private(tmp_path / ("é" * 120 + ".json"), b"x")


@pytest.mark.parametrize("error", [ConnectionRefusedError(errno.ECONNREFUSED, ""), TimeoutError(), ValueError()])
def test_a_network_is_no_disk(error: Exception) -> None:
    assert not refused_by_disk(error)


def test_whatever_the_mask_nobody_else_writes_what_piste_has_written(tmp_path: Path) -> None:
    code = f"""
import os
os.umask(0)
from pathlib import Path
from piste.engine.converge.private import close_mask
close_mask()
Path({str(tmp_path / "page")!r}).write_text("x")
Path({str(tmp_path / "folder")!r}).mkdir()
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    private_folder(tmp_path / "own")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"page": 0o644, "folder": 0o755, "own": 0o700}


def test_a_closer_mask_stays() -> None:
    before = os.umask(0o077)
    try:
        close_mask()
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
