"""Bags changed at random, sealed again or not: findings or nothing wrong, never a crash.

Nor a wait, nor a command.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.bounded import Unreadable, of_json, of_xml, of_yaml
from piste.engine.converge.text import as_declaration
from piste.exports.bag.bagit import MANIFEST, TAGS, seal
from piste.exports.bag.exported import NotAnExport, read
from piste.exports.bag.kinds import DOMAINS
from piste.exports.bag.verify import examine
from tests.support.bags import tiny
from tests.support.fuzz import examples

POISONS = (
    b"\x00", b"\xff\xfe", b"{{ 7*7 }}", b"{%", b"!!python/name:os.system ", b"&a [*a]", b"*a", b"[" * 300, b"{" * 300,
    b"- " * 300, b"\n", b"\r", b'"', b"'", b": ", b"? ", b"!unsafe ", b"0x" + b"f" * 200, b"9" * 5000, b"null", b"NaN",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"../../etc/passwd", b"\xed\xa0\x80", b"\\ud800", b"=cmd|'/C calc'!A0", b"",
)  # fmt: skip
TAG_FILES = (MANIFEST, TAGS, "bagit.txt", "bag-info.txt")
PLAIN = [*TAG_FILES, "data/manifest.json", "data/lacunes-connues.md", "data/repository/piste.bundle"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("sac"))


def flipped(raw: bytes, chance: random.Random) -> bytes:
    if not raw:
        return b"x"
    place = chance.randrange(len(raw))
    return raw[:place] + bytes([raw[place] ^ 1 << chance.randrange(8)]) + raw[place + 1 :]


def cut(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def poisoned(raw: bytes, chance: random.Random) -> bytes:
    begun, ended = sorted((chance.randrange(len(raw) + 1), chance.randrange(len(raw) + 1)))
    return raw[:begun] + chance.choice(POISONS) * chance.randrange(1, 4) + raw[chance.choice((begun, ended)) :]


def shuffled(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def odd(path: Path, chance: random.Random) -> None:
    """Put something that is no file in the place of a file, or beside it."""
    if chance.random() < 0.5:
        path.unlink()
    else:
        path = path.with_name(f"zz{chance.choice(('', chr(10), chr(27), ' '))}{path.name}")
    links = [lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to(path.name)]
    made: Callable[[Path], Any] = chance.choice([os.mkfifo, Path.mkdir, Path.touch, *links])
    with suppress(FileExistsError):
        made(path)


def changed(bag: Path, chance: random.Random) -> bool:
    """Change a file of a bag, in its content or its kind; return true if anything differs."""
    there = sorted(path for path in bag.rglob("*") if path.is_file() and not path.is_symlink())
    path = bag / chance.choice(PLAIN) if chance.random() < 0.3 else chance.choice(there)
    if not path.is_file():
        return False
    if chance.random() < 0.15:
        odd(path, chance)
        return True
    before = path.read_bytes()
    after = chance.choice((flipped, cut, poisoned, poisoned, shuffled))(before, chance)
    path.write_bytes(after)
    return before != after


def sealed_again(bag: Path) -> None:
    for path in (bag / name for name in TAG_FILES):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    seal(bag, {})


@examples(small=5, wide=1000)
@given(seed=st.integers(0, 2**32), again=st.booleans(), times=st.integers(1, 3))
def test_a_changed_bag_gives_findings(whole: Path, seed: int, again: bool, times: int) -> None:
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        bag = shutil.copytree(whole, Path(folder) / "sac")
        differs = [changed(bag, chance) for _ in range(times)]
        if again:
            sealed_again(bag)
        findings = list(examine(bag))
        assert findings
        assert all(finding.state in ("ok", "wrong") and finding.what.isprintable() for finding in findings)
        # An empty folder is of no bag, and an empty file beside is one too many.
        if any(differs) and not again and findings[0].state == "ok":
            assert content(bag) == content(whole)
        for domain in DOMAINS:
            with suppress(NotAnExport):
                assert isinstance(read(bag / "data/systems", domain), (dict, list))


def content(bag: Path) -> dict[str, bytes]:
    return {str(path.relative_to(bag)): path.read_bytes() for path in bag.rglob("*") if path.is_file()}


TEXTS = st.text() | st.sampled_from(["a {{ b", "a {% b", "a {# b", "#jinja2:x\nb"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@examples(small=38, wide=10000)
@given(value=VALUES)
def test_what_is_written_reads_back_equal_and_marked(value: Any) -> None:
    if _has_surrogate(value):
        return
    assert of_yaml(as_declaration(value).encode(), marked=True) == value


def _has_surrogate(value: Any) -> bool:
    return any(0xD800 <= ord(char) <= 0xDFFF for char in str(value))


@examples(small=38, wide=10000)
@given(raw=st.binary(max_size=200), seed=st.integers(0, 2**32))
def test_no_bytes_break_a_reader(raw: bytes, seed: int) -> None:
    chance = random.Random(seed)
    of_ours = [poisoned(raw, chance) for raw in (b'{"a": [1, {"b": "c"}], "d": null}', b"a:\n- b: c\n  d: [e]")]
    for document in (raw, *of_ours):
        for reader in (of_yaml, of_json, of_xml):
            with suppress(Unreadable):
                reader(document)  # type: ignore[operator]
