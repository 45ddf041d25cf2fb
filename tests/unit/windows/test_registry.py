"""Raw registry values under `KEY!VALUE`: every value that no other part takes."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.windows.gpo import registry_pol
from piste.systems.windows.gpo.part import Content, Pair
from piste.systems.windows.gpo.registry import Registry
from piste.systems.windows.gpo.registry_pol import Entry
from tests.unit.windows.support import NOBODY, side

KEY = "Software\\Policies\\Ville"
WRITTEN: dict[str, Any] = {
    f"{KEY}!Niveau": {"type": "dword", "data": 3},
    f"{KEY}!Grand": {"type": "qword", "data": 2**40},
    f"{KEY}!Chemin": {"type": "expand_sz", "data": "%SystemRoot%\\a!b"},
    f"{KEY}!Texte": {"type": "sz", "data": "Médiathèque"},
    f"{KEY}!Liste": {"type": "multi_sz", "data": ["un", "deux"]},
    f"{KEY}!Octets": {"type": "binary", "base64": "AAEC"},
    f"{KEY}!Rien": {"type": "none", "base64": ""},
    f"{KEY}!": {"type": "sz", "data": "valeur par défaut"},
    f"{KEY}!Ancien": {"state": "deleted"},
}


def test_what_is_put_is_taken_back_and_nothing_is_left() -> None:
    content = side()
    Registry().put(content, None, WRITTEN, NOBODY)
    assert [(entry.name, entry.type) for entry in content.registry] == [
        ("Niveau", 4), ("Grand", 11), ("Chemin", 2), ("Texte", 1), ("Liste", 7), ("Octets", 3), ("Rien", 0), ("", 1),
        ("**del.Ancien", 1),
    ]  # fmt: skip
    assert Registry().take(content, NOBODY) == WRITTEN
    assert content.registry == []


def test_a_change_touches_its_entry_alone() -> None:
    content = side()
    Registry().put(content, None, WRITTEN, NOBODY)
    before = list(content.registry)
    after = WRITTEN | {f"{KEY}!Niveau": {"type": "dword", "data": 5}, f"{KEY}!Texte": {"state": "deleted"}}
    del after[f"{KEY}!Grand"]
    Registry().put(content, WRITTEN, after, NOBODY)
    assert content.registry == [
        registry_pol.make(KEY, "Niveau", "dword", 5), before[2], registry_pol.deletion(KEY, "Texte"), *before[4:],
    ]  # fmt: skip


def test_the_last_of_equal_entries_decides_and_a_change_leaves_one() -> None:
    double = [registry_pol.make(KEY, "V", "dword", 1), registry_pol.make(KEY.upper(), "v", "dword", 2)]
    content = side(*double)
    read = Registry().take(content, NOBODY)
    assert read == {f"{KEY.upper()}!v": {"type": "dword", "data": 2}}
    content = side(*double)
    Registry().put(content, read, {f"{KEY.upper()}!v": {"type": "dword", "data": 3}}, NOBODY)
    assert content.registry == [registry_pol.make(KEY.upper(), "v", "dword", 3)]


@pytest.mark.parametrize(
    "stranger",
    [
        registry_pol.clearing(KEY),
        Entry(KEY, "**DeleteValues", 1, "a;b\0".encode("utf-16-le")),
        Entry(KEY, "**SecureKey", 4, b"\x01\0\0\0"),
        Entry(KEY, "court", 4, b"\x01"),
        Entry(KEY, "inconnu", 6, b""),
        Entry("Avec!point", "v", 4, b"\x01\0\0\0"),
        Entry(KEY, "invisible\x07", 4, b"\x01\0\0\0"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_in_yaml_stays_where_it_is(stranger: Entry) -> None:
    content = side(stranger)
    assert Registry().take(content, NOBODY) is None
    assert content.registry == [stranger]


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        ("Ville", {"type": "dword", "data": 1}, "la forme « CLÉ!VALEUR »"),
        ("HKLM\\Software!V", {"type": "dword", "data": 1}, "sans sa ruche"),
        ("HKEY_CURRENT_USER\\Software!V", None, "sans sa ruche"),
        ("\\Software!V", {"type": "dword", "data": 1}, "sans barre au début"),
        (f"{KEY}!**delvals.", {"type": "sz", "data": " "}, "mettez state: deleted"),
        (f"{KEY}!V", {}, "il manque le type"),
        (f"{KEY}!V", {"type": "dword"}, "s’écrit avec data, et avec lui seul"),
        (f"{KEY}!V", {"type": "binary", "data": "AA=="}, "s’écrit avec base64, et avec lui seul"),
        (f"{KEY}!V", {"type": "sz", "data": 5}, "un texte est attendu"),
        (f"{KEY}!V", {"type": "dword", "data": 2**32}, "un nombre entier de 0 à 4294967295"),
        (f"{KEY}!V", {"state": "deleted", "type": "sz"}, "state: deleted s’écrit seul"),
    ],
)
def test_a_fault_is_found_before_anything_is_written(where: str, value: Any, message: str) -> None:
    (fault,) = Registry().check({where: value}, "computer.registry", NOBODY)
    assert fault.path == f"computer.registry[{where}]"
    assert message in fault.message


def test_what_is_well_written_has_no_fault() -> None:
    assert Registry().check(WRITTEN | {f"{KEY}!Parti": None}, "computer.registry", NOBODY) == []


def test_entries_announce_the_templates_of_their_side_and_who_else_reads_them() -> None:
    registry = "35378EAC-683F-11D2-A89A-00C04FBBCFA2"
    tool = {"computer": "D02B1F72-3407-48AE-BA88-E8213C6761F1", "user": "D02B1F73-3407-48AE-BA88-E8213C6761F1"}
    user = Content(side="user", gpo="", registry=[registry_pol.make(KEY, "V", "dword", 1)])
    assert Registry().pairs(user) == {Pair(registry, tool["user"])}
    guard = registry_pol.make("SOFTWARE\\Policies\\Microsoft\\Windows\\DeviceGuard", "LsaCfgFlags", "dword", 1)
    assert Registry().pairs(side(guard)) == {
        Pair(registry, tool["computer"]), Pair("F312195E-3D9D-447A-A3F5-08DFFA24735E", tool["computer"]),
    }  # fmt: skip
    firewall = registry_pol.make("SOFTWARE\\Policies\\Microsoft\\WindowsFirewall", "PolicyVersion", "dword", 1)
    assert Registry().pairs(side(firewall)) == frozenset()
    old = registry_pol.make("Software\\Policies\\Microsoft\\WindowsFirewall\\StandardProfile", "V", "dword", 1)
    assert Registry().pairs(side(old)) == {Pair(registry, tool["computer"])}
    applocker = registry_pol.make("Software\\Policies\\Microsoft\\Windows\\SrpV2\\Exe", "V", "dword", 1)
    assert Registry().pairs(side(applocker)) == {Pair(registry, "62C1845D-C4A6-4ACB-BBB0-C895FD090385")}
