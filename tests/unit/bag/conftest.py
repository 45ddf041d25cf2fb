"""The search of a bag for secrets, which says the same of the same text."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from piste.exports.bag import scan
from piste.exports.bag.scan import Admitted

LARGE = 2**20


@pytest.fixture(autouse=True, scope="session")
def _searched_once() -> Iterator[None]:
    """Search a file once: most files of a bag are those of the bag before."""
    looks, known = scan._looks, dict[tuple[str, bytes], list[tuple[str, str]]]()

    def once(path: Path, name: str, admitted: Admitted) -> Iterator[tuple[str, str]]:
        if admitted._digests or path.stat().st_size > LARGE:
            yield from looks(path, name, admitted)
        else:
            key = name, sha256(path.read_bytes()).digest()
            if key not in known:
                known[key] = [*looks(path, name, admitted)]
            yield from known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_looks", once)
        yield
