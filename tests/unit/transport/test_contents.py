"""Bytes as texts: read back to the same bytes, whatever they are."""

from __future__ import annotations

import pytest

from piste.engine.transport.contents import BASE64, content_of, parts, written

BYTES = [
    b"", b"un texte", "été\r\n".encode(), "été".encode("utf-8-sig"), "été".encode("utf-16"), "été".encode("utf-16-le"),
    b"\x01\x05\x00\x00", b"base64:AAAA", b"utf-16:x", b"utf-8-sig:x", bytes(range(256)), b"\xff\xfe", b"\xff\xfe\x00",
]  # fmt: skip


@pytest.mark.parametrize("content", BYTES)
def test_a_text_gives_back_its_bytes(content: bytes) -> None:
    assert content_of(written(content)) == content
    assert content_of(written(content, binary=True)) == content
    assert written(content, binary=True).startswith(BASE64)


def test_a_text_reads_as_it_is() -> None:
    assert written(b"un texte") == "un texte"
    assert parts(written("été".encode("utf-16"))) == ("utf-16:", "été")
    assert parts(written("net use".encode("utf-16-le"))) == ("utf-16-le:", "net use")
    assert parts(written(b"\x01\x05\x00\x00"))[0] == BASE64
