"""Files from elsewhere: read within bounds, or refused at once."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from piste.engine.converge.untrusted import DEEPEST, WIDEST, NotPlain, parse_json, read_plain


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """A name of each kind that is no plain file."""
    target = tmp_path / "fichier"
    target.write_bytes(b"{}")
    files = {kind: tmp_path / kind for kind in ("pipe", "folder", "link", "dangling", "socket")}
    os.mkfifo(files["pipe"])
    files["folder"].mkdir()
    files["link"].symlink_to(target)
    files["dangling"].symlink_to(tmp_path / "rien")
    with socket.socket(socket.AF_UNIX) as listening:
        former = Path.cwd()
        os.chdir(tmp_path)  # The name of a socket is short.
        listening.bind("socket")
        os.chdir(former)
        yield {**files, "device": Path("/dev/zero")}


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "dangling", "socket", "device"])
def test_what_is_no_plain_file_is_refused_without_waiting(kind: str, odd: dict[str, Path]) -> None:
    with pytest.raises(NotPlain, match="ce n’est pas un fichier ordinaire"):
        read_plain(odd[kind])


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    assert read_plain(path, 5) == b"12345"
    with pytest.raises(NotPlain, match="plus de 0 Mio"):
        read_plain(path, 4)
    with pytest.raises(FileNotFoundError):
        read_plain(tmp_path / "rien")


def test_a_deep_text_is_refused_and_brackets_inside_a_text_do_not_count() -> None:
    whole = "[" * DEEPEST + "]" * DEEPEST
    assert parse_json(whole.encode())
    brackets = '["' + "[{" * 500 + r"\"" + "[{" * 500 + '"]'
    assert parse_json(brackets.encode())
    for deep in (f"[{whole}]", "[" * 200_000, '{"a":' * 200_000, f'["x", "\\"{"[" * 100}", [{whole}]]'):
        with pytest.raises(ValueError, match="niveaux imbriqués"):
            parse_json(deep.encode())


@pytest.mark.parametrize(
    "text", [b"", b"nul", b"NaN", b"[Infinity]", b"-Infinity", b"1" * 5000, b'"\xff"', b'"' * 99, b'{"a" 1}', b"\x00"]
)
def test_what_is_not_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_json(text)


def test_a_text_of_too_many_values_is_refused_before_any_is_made() -> None:
    with pytest.raises(ValueError, match="plus de 5000000 valeurs"):
        parse_json(b"[" + b"0," * WIDEST + b"0]")


def test_a_text_made_to_slow_the_search_for_texts_down_is_refused_as_fast_as_any() -> None:
    """Each quotation mark could begin an endless text: tried from each, this would not end."""
    with pytest.raises(ValueError, match=r".+"):
        parse_json(rb'"\\' * 2_000_000)
