"""`Registry.pol`: an exact codec, which refuses other files with the offset of the fault."""

from __future__ import annotations

import contextlib
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.systems.windows.gpo import registry_pol
from piste.systems.windows.gpo.registry_pol import Entry
from tests.support import samba_reads
from tests.unit.converge.strategies import quick

KEY = "Software\\Policies\\Ville"
names = st.text(st.characters(exclude_characters="\0"), max_size=12)
entries = st.builds(Entry, names, names, st.integers(0, 2**32 - 1), st.binary(max_size=40))


def test_the_bytes_are_those_of_the_specification() -> None:
    content = registry_pol.encode([registry_pol.make("K", "V", "dword", 600)])
    assert content == (
        b"PReg\x01\0\0\0" + "[K\0;V\0;".encode("utf-16-le") + b"\x04\0\0\0" + b";\0" + b"\x04\0\0\0" + b";\0"
        b"\x58\x02\0\0" + b"]\0"
    )


@quick
@given(st.lists(entries, max_size=5))
def test_entries_come_back_from_their_bytes(desired: list[Entry]) -> None:
    content = registry_pol.encode(desired)
    assert registry_pol.decode(content) == desired
    assert registry_pol.encode(registry_pol.decode(content)) == content


@quick
@given(st.lists(entries, min_size=1, max_size=3), st.data())
def test_what_parses_after_damage_still_encodes_to_its_bytes(desired: list[Entry], data: st.DataObject) -> None:
    content = bytearray(registry_pol.encode(desired))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(at, len(content))) :]
    with contextlib.suppress(ValueError):
        assert registry_pol.encode(registry_pol.decode(bytes(content))) == content


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda good: b"", "octet 0 : l’en-tête « PReg », version 1, est attendu"),
        (lambda good: b"PReg\x02\0\0\0" + good[8:], "octet 0 : l’en-tête"),
        (lambda good: good[:8] + b"(\0" + good[10:], "octet 8 : « [ » est attendu"),
        (lambda good: good[:-2] + b"}\0", "octet 38 : « ] » est attendu"),
        (lambda good: good[:-4], "octet 34 : 4 octets attendus, le fichier s’arrête après 2"),
        (lambda good: good[:11], "octet 10 : un texte n’est pas terminé"),
        (lambda good: good + b"\0", "octet 40 : 2 octets attendus, le fichier s’arrête après 1"),
    ],
)  # fmt: skip
def test_a_malformed_file_is_refused_with_offset_and_reason(damage: Any, message: str) -> None:
    good = registry_pol.encode([registry_pol.make("K", "V", "dword", 1)])
    with pytest.raises(ValueError, match=r"^octet") as caught:
        registry_pol.decode(damage(good))
    assert str(caught.value).startswith(message)


VALUES: list[tuple[str, Any]] = [
    ("sz", "Médiathèque"), ("sz", ""), ("expand_sz", "%SystemRoot%\\x"), ("dword", 4294967295), ("qword", 2**64 - 1),
    ("multi_sz", ["un", "deux"]), ("multi_sz", []), ("binary", "AAEC"), ("none", ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), VALUES)
def test_a_value_comes_back_from_its_data(kind: str, value: Any) -> None:
    assert registry_pol.from_data(kind, registry_pol.to_data(kind, value)) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("dword", -1), ("dword", 2**32), ("dword", True), ("dword", "1"), ("qword", 2**64), ("sz", 5), ("sz", "a\0b"),
        ("sz", "\ud800"), ("multi_sz", "texte"), ("multi_sz", ["a", ""]), ("binary", "pas du base64"), ("binary", 1),
    ],
)  # fmt: skip
def test_a_value_that_the_type_cannot_hold_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"est attendu|ne peut"):
        registry_pol.to_data(kind, value)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("dword", b"\0"), ("qword", b"\0" * 4), ("sz", b"a"), ("sz", "a\0b\0".encode("utf-16-le")), ("sz", b"\x00\xd8"),
        ("multi_sz", "a\0\0b\0\0".encode("utf-16-le")),
    ],
)  # fmt: skip
def test_data_that_people_cannot_write_are_not_guessed(kind: str, data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        registry_pol.from_data(kind, data)


def test_a_text_without_its_final_zero_is_read_as_a_text() -> None:
    assert registry_pol.from_data("sz", "a".encode("utf-16-le")) == "a"
    assert registry_pol.from_data("multi_sz", "a\0b\0".encode("utf-16-le")) == ["a", "b"]


def test_a_replacement_keeps_its_place_and_drops_the_doubles() -> None:
    first, second, double = (registry_pol.make(KEY, name, "dword", 1) for name in ("a", "b", "A"))
    new, stranger = registry_pol.make(KEY, "a", "dword", 2), registry_pol.make("Autre", "x", "dword", 1)
    content = [first, second, double, stranger]
    registry_pol.replace(content, lambda entry: registry_pol.identity(entry) == registry_pol.identity(first), [new])
    assert content == [new, second, stranger]


def test_a_new_value_goes_after_those_of_its_key() -> None:
    present, stranger = registry_pol.make(KEY, "a", "dword", 1), registry_pol.make("Autre", "x", "dword", 1)
    new, elsewhere = registry_pol.make(KEY.upper(), "b", "dword", 2), registry_pol.make("Tiers", "y", "dword", 1)
    content = [present, stranger]
    registry_pol.replace(content, lambda entry: False, [new])
    registry_pol.replace(content, lambda entry: False, [elsewhere])
    assert content == [present, new, stranger, elsewhere]


def test_samba_reads_the_same_entries_and_packs_them_to_the_same_bytes() -> None:
    desired = [registry_pol.make(KEY, f"{kind}{at}", kind, value) for at, (kind, value) in enumerate(VALUES)]
    desired += [registry_pol.deletion(KEY, "ancien"), registry_pol.clearing(f"{KEY}\\Liste")]
    content = registry_pol.encode(desired)
    read = samba_reads.registry_pol(content)
    assert [entry[:3] for entry in read["entries"]] == [[entry.key, entry.name, entry.type] for entry in desired]
    assert [entry[3] for entry in read["entries"][:5]] == ["Médiathèque", "", "%SystemRoot%\\x", 4294967295, 2**64 - 1]
    assert read["same"]
    assert struct.unpack_from("<I", content, 4) == (1,)
