"""A copy of the declared town that a test may break."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.town.model import Town
from tests.support.checkouts import cut_down, declaration, few

pytest.register_assert_rewrite("tests.unit.model.broken_town")

from tests.unit.model.broken_town import Case, Copy, on_the_day  # noqa: E402

ROOT = Path(__file__).parents[3]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the first case of each rule in a test; what else breaks that rule is a story."""
    seen = set()
    for item in items:
        case = (
            item.callspec.params.get("case")
            if isinstance(item, pytest.Function) and hasattr(item, "callspec")
            else None
        )
        if isinstance(case, Case) and case.faults:
            rules = (item.path, item.originalname, frozenset(fault[0] for fault in case.faults))
            if rules in seen:
                item.add_marker(pytest.mark.story)
            seen.add(rules)


@pytest.fixture(scope="session")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy that the tests break in turn."""
    return few(tmp_path_factory.mktemp("copy"))


@pytest.fixture
def copy(lent: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Copy]:
    case = request.node.callspec.params.get("case") if hasattr(request.node, "callspec") else None
    if isinstance(case, Case) and case.whole:
        yield Copy(declaration(tmp_path))
        return
    yield Copy(lent)
    mend(lent, cut_down())


def mend(folder: Path, whole: Path) -> None:
    """Make a copy again what it is a copy of, by the files that changed."""
    now, before = _states(folder), _states(whole)
    changed = {name for name, _ in now.items() ^ before.items()}
    folders = (name for name in changed for states in (now, before) if stat.S_ISDIR(states[name][0]))
    if now.keys() == before.keys() and not any(folders):
        for name in changed:
            (folder / name).unlink()
            shutil.copy2(whole / name, folder / name, follow_symlinks=False)
    else:
        shutil.rmtree(folder)
        shutil.copytree(whole, folder, symlinks=True)


def _states(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Give, by name, what changes with each file of a folder."""
    states: dict[str, tuple[Any, ...]] = {}
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = f"{place}/{name}"
            kind = os.lstat(path)
            known = (kind.st_size, kind.st_mtime_ns) if stat.S_ISREG(kind.st_mode) else ()
            link = os.readlink(path) if stat.S_ISLNK(kind.st_mode) else ""
            states[path.removeprefix(f"{folder}/")] = kind.st_mode, link, *known
    return states


@pytest.fixture
def whole(tmp_path: Path) -> Copy:
    """A copy where all sites of the town are open."""
    return Copy(declaration(tmp_path))


@pytest.fixture(scope="session")
def town() -> Town:
    return on_the_day(ROOT / "inventories" / "town")
