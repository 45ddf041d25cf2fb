"""SYSVOL as files: a DFS root, as on a Windows controller, and a plain share behave alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import Domain as Where
from piste.systems.windows.sysvol import DACL, Sysvol
from tests.support.samba import Domain

PLACE = "Policies/{00000000-0000-4000-8000-000000000001}"


@pytest.fixture
def sysvol(shared_domain: Domain, tmp_path: Path) -> Iterator[Sysvol]:
    directory = Directory(Where.of(shared_domain.option), tmp_path)
    share = Sysvol(directory)
    yield share
    share.delete(PLACE)
    share.close()
    directory.close()


def use(sysvol: Sysvol) -> None:
    """Do with files and folders all that a policy needs."""
    file, folder = f"{PLACE}/Machine/Registry.pol", f"{PLACE}/Machine"
    assert (sysvol.read(file), sysvol.listing(PLACE), sysvol.tree(PLACE)) == (None, None, {})
    assert sysvol.descriptor(file, folder=False) is None
    sysvol.write(file, b"un")
    sysvol.write(file, b"deux, plus long")
    assert (sysvol.read(file), sysvol.read(f"{PLACE}/GPT.INI")) == (b"deux, plus long", None)
    assert sysvol.tree(PLACE) == {"Machine": None, "Machine/Registry.pol": 15}
    kept = sysvol.descriptor(folder, folder=True, parts=DACL)
    assert kept
    sysvol.put_descriptor(folder, kept, folder=True)
    sysvol.rename(folder, f"{PLACE}/User")
    assert sysvol.tree(PLACE) == {"User": None, "User/Registry.pol": 15}
    with sysvol.hold(f"{PLACE}/piste.pending", b"", new=True):
        assert sysvol.exists(PLACE)
    sysvol.delete(PLACE)
    sysvol.delete(PLACE)
    assert not sysvol.exists(PLACE)


def test_a_share_that_is_a_dfs_root_is_used_as_any_other(sysvol: Sysvol) -> None:
    use(sysvol)
