"""Fixtures of a machine alone: no lab, a key without Ansible, a journal of its own."""

from __future__ import annotations

import hashlib
import hmac
import shutil
from pathlib import Path

import pytest

from piste.engine.repository import ROOT
from piste.runs.plans import keys


@pytest.fixture(autouse=True)
def lab_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lab whose state the commands are about: none is there."""
    folder = tmp_path / "lab"
    monkeypatch.setenv("PISTE_LAB_DIR", str(folder))
    return folder


@pytest.fixture(autouse=True)
def sealing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key for each environment, without Ansible."""

    def seal(environment: str, purpose: str, content: bytes) -> str:
        return hmac.new(f"{environment} {purpose}".encode(), content, hashlib.sha256).hexdigest()

    monkeypatch.setattr(keys, "seal", seal)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a journal, and the one that the commands take."""
    folder = tmp_path / "journal"
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(folder))
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path / "locks"))
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the declaration and the inventories, which a test may write."""
    folder = tmp_path / "clone"
    shutil.copytree(ROOT / "group_vars", folder / "group_vars")
    shutil.copytree(ROOT / "inventories", folder / "inventories", symlinks=True)
    return folder
