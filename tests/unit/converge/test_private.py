"""Private files: whole or absent, named where the disk refuses, closed whatever the mask."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from piste.converge.private import close_mask, not_written, private_folder, refused_by_disk, write_private
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


def test_a_draft_is_no_way_to_another_file(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("kept", "utf-8")
    (tmp_path / "plan.json.draft").symlink_to(other)
    with pytest.raises(OSError, match="symbolic links"):
        write_private(tmp_path / "plan.json", b"new")
    assert other.read_text("utf-8") == "kept"


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
from piste.converge.private import close_mask
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
