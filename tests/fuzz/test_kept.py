"""A kept derivation that was changed in any place: it reads as it was kept, or not at all."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.town import kept
from tests.fuzz.changes import HOW, VALUES, changed, places
from tests.support.fuzz import examples

DOCUMENTS = {"town": b'{"owners": ["a"]}', "site-a": '{"name": "École"}'.encode()}


NAMES = st.sampled_from([*DOCUMENTS, "index.json"])


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setenv(kept.VARIABLE, f"{folder}/derived")
        yield Path(folder) / "derived"


@examples(small=15, wide=3000)
@given(NAMES, st.integers(0, 300), st.integers(0, 3), st.binary(max_size=3))
def test_bytes_that_were_changed_are_never_believed(home: Path, name: str, at: int, cut: int, new: bytes) -> None:
    kept.write("0", DOCUMENTS)
    path = home / "0" / name
    content = path.read_bytes()
    path.write_bytes(content[:at] + new + content[at + cut :])
    assert kept.read("0") in (None, DOCUMENTS)


@examples(small=15, wide=3000)
@given(st.data())
def test_an_index_that_says_something_else_is_never_believed(home: Path, data: st.DataObject) -> None:
    kept.write("0", DOCUMENTS)
    path = home / "0" / "index.json"
    index = json.loads(path.read_bytes())
    other = changed(index, data.draw(st.sampled_from(places(index))), data.draw(VALUES), data.draw(HOW))
    path.write_bytes(json.dumps(other).encode())
    assert kept.read("0") in (None, DOCUMENTS)
