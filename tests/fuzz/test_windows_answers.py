"""Whatever a Windows host writes: an answer of the snippet's shape, or a useful error."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from piste.engine.converge.errors import PisteError
from piste.systems.windows import dn as dns
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo import acl
from piste.systems.windows.snippets import SNIPPETS
from piste.systems.windows.snippets.answers import fitting
from piste.systems.windows.winrm import unpack
from tests.support.fuzz import examples
from tests.support.winrm import said

NAMES = ["result", "error", "id", "queues", "document", "members", "name", "sid", "failed", "shared", "certificates"]
ANY = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(NAMES), inner, max_size=4),
)


@examples(small=10, wide=2000)
@given(some.sampled_from(sorted(SNIPPETS)), ANY)
def test_any_json_is_an_answer_or_unknown(snippet: str, answer: Any) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch, suppress(PisteError):
        fitting(snippet, said(snippet, json.dumps(answer).encode(), monkeypatch))


@examples(small=10, wide=2000)
@given(some.sampled_from(sorted(SNIPPETS)), some.binary(max_size=80))
def test_any_bytes_are_an_answer_or_unknown(snippet: str, out: bytes) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch, suppress(PisteError):
        said(snippet, out, monkeypatch)


@examples(small=10, wide=2000)
@given(some.binary(max_size=60) | some.text(max_size=30).map(str.encode))
def test_any_text_is_a_packed_file_or_is_refused(content: bytes) -> None:
    with suppress(ValueError):
        unpack(content.decode("latin-1"))


@examples(small=15, wide=8000)
@given(some.binary(max_size=120), some.lists(some.tuples(some.integers(0, 200), some.binary(max_size=4)), max_size=4))
def test_any_bytes_are_a_descriptor_or_are_refused(raw: bytes, edits: list[tuple[int, bytes]]) -> None:
    """Of nothing, and of a good descriptor that somebody has damaged."""
    ace = acl.Ace(acl.ALLOW, 0, 0x1F01FF, "S-1-5-32-544")
    good = acl.build(acl.Descriptor(0x8004, (ace,) * 3, "S-1-5-32-544", "S-1-5-21-1-2-3-512"))
    for at, change in edits:
        good = good[:at] + change + good[at + len(change) :]
    for content in (raw, good, good[: len(raw)]):
        for form in (acl.parse, dns.sid_text):
            with suppress(ValueError):
                form(content)


@examples(small=10, wide=2000)
@given(some.dictionaries(some.sampled_from(["objectSid", "cn", "flags"]), some.lists(some.binary(max_size=12))))
def test_any_attribute_is_read_or_unknown(values: dict[str, list[bytes]]) -> None:
    entry = Entry("CN=x", values)
    for name in ("objectSid", "cn", "flags"):
        for read in (entry.text, entry.number, lambda name: entry.read(name, dns.sid_text)):
            with suppress(PisteError):
                read(name)
