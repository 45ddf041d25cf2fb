"""Every kind of preference, with every field of it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from piste.engine.converge.resource import UNSET
from piste.systems.windows.gpo.part import Content, Side
from piste.systems.windows.gpo.preference_kind import Kind
from piste.systems.windows.gpo.preference_table import DOCUMENTS, KINDS
from piste.systems.windows.gpo.preferences import Preferences, entry_fields, remains
from piste.systems.windows.gpo.schema import violation
from piste.systems.windows.gpo.xml import parse, serialise
from tests.support.directory import Directory
from tests.support.preferences import KEYS, rich

NAMES = Directory()


def moment() -> datetime:
    return datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


PARTS: dict[Side, Preferences] = {"computer": Preferences("computer", moment), "user": Preferences("user", moment)}
IDS = [kind.name for kind in KINDS]


def written(kind: Kind, value: dict[str, Any], content: Content | None = None) -> Content:
    side: Side = "user" if "user" in kind.sides else "computer"
    content = copy.deepcopy(content or Content(side, "{31B2F340-016D-11D2-945F-00C04FB984F9}"))
    before = PARTS[content.side].take(copy.deepcopy(content), NAMES)
    PARTS[content.side].put(content, before, {kind.name: {KEYS.get(kind.name, "nom"): value}}, NAMES)
    return content


def read(content: Content) -> Any:
    """Read the documents from their bytes, as a run does."""
    again = {path: parse(serialise(root)) for path, root in content.preferences.items()}
    fresh = Content(content.side, content.gpo, preferences=again)
    value = PARTS[fresh.side].take(fresh, NAMES)
    assert remains(fresh) == []
    return value


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_every_field_comes_back(kind: Kind) -> None:
    value = rich(kind)
    assert read(written(kind, value)) == {kind.name: {KEYS.get(kind.name, "nom"): value}}


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_an_item_of_defaults_comes_back_with_them(kind: Kind) -> None:
    value = {field.name: field.default for field in entry_fields(kind) if field.default is not UNSET}
    assert read(written(kind, value))[kind.name][KEYS.get(kind.name, "nom")] == value


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_writing_what_is_there_changes_no_byte(kind: Kind) -> None:
    once = written(kind, rich(kind))
    twice = written(kind, rich(kind), once)
    assert [serialise(root) for root in twice.preferences.values()] == [
        serialise(root) for root in once.preferences.values()
    ]


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_taking_every_field_back_gives_the_plain_item(kind: Kind) -> None:
    plain = {field.name: field.default for field in entry_fields(kind) if field.default is not UNSET}
    back = written(kind, plain, written(kind, rich(kind)))
    assert read(back) == {kind.name: {KEYS.get(kind.name, "nom"): plain}}


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_what_is_written_keeps_its_schema_and_a_wrong_word_breaks_it(kind: Kind) -> None:
    (root,) = written(kind, rich(kind)).preferences.values()
    assert violation(kind.document.root, root) == ""
    root[0].set("uid", "pas un guid")
    assert "uid" in violation(kind.document.root, root)


@pytest.mark.parametrize(
    ("type_", "value", "wire"),
    [
        ("sz", {"data": "é"}, "é"),
        ("expand_sz", {"data": "%x%"}, "%x%"),
        ("dword", {"data": 4294967295}, "FFFFFFFF"),
        ("qword", {"data": 1}, "0000000000000001"),
        ("binary", {"base64": "AA//"}, "00 0f ff"),
        ("multi_sz", {"data": ["a b", "", "c"]}, "a b  c"),
    ],
)
def test_registry_data_is_written_as_the_editor_does(type_: str, value: dict[str, Any], wire: str) -> None:
    kind = next(kind for kind in KINDS if kind.name == "registry")
    content = written(kind, {"type": type_, **value})
    properties = content.preferences["Registry/Registry.xml"][0].find("Properties")
    assert properties is not None
    assert properties.get("value") == wire
    assert {"type": type_, **value}.items() <= read(content)["registry"][KEYS["registry"]].items()


@pytest.mark.parametrize(
    ("key", "attributes"),
    [
        ("HKLM\\Software\\A!b!c", {"key": "Software\\A", "name": "b!c", "default": "0"}),
        ("HKCU\\A!", {"key": "A", "name": "", "default": "1", "hive": "HKEY_CURRENT_USER"}),
        ("HKLM\\A", {"key": "A", "name": "", "default": "0"}),
    ],
)
def test_a_registry_name_says_key_value_and_default(key: str, attributes: dict[str, str]) -> None:
    kind = next(kind for kind in KINDS if kind.name == "registry")
    content = Content("computer", "{31B2F340-016D-11D2-945F-00C04FB984F9}")
    PARTS[content.side].put(content, None, {"registry": {key: {"action": "create"}}}, NAMES)
    properties = content.preferences["Registry/Registry.xml"][0].find("Properties")
    assert properties is not None
    assert attributes.items() <= dict(properties.attrib).items()
    assert list(read(content)[kind.name]) == [key]


def test_a_task_says_who_runs_it_once() -> None:
    kind = next(kind for kind in KINDS if kind.name == "scheduled_tasks")
    (root,) = written(kind, {"actions": [{"command": "a"}], "run_level": "highest"}).preferences.values()
    assert root.findtext(".//Principal/UserId") == "NT AUTHORITY\\System"
    assert root.findtext(".//Principal/LogonType") == "S4U"
    assert root.findtext(".//Principal/RunLevel") == "HighestAvailable"
    assert [part.tag for part in root[0][0][0]] == ["RegistrationInfo", "Principals", "Settings", "Actions"]


def test_a_task_of_two_truths_is_left_as_it_is() -> None:
    kind = next(kind for kind in KINDS if kind.name == "scheduled_tasks")
    content = written(kind, {"actions": [{"command": "a"}]})
    (root,) = content.preferences.values()
    (user,) = root.iter("UserId")
    user.text = "VILLE\\autre"
    assert PARTS[content.side].take(content, NAMES) is None
    assert remains(content) == ["TaskV2 « nom »"]


def test_each_document_is_announced_once_and_by_its_own() -> None:
    assert len({document.path for document in DOCUMENTS}) == len(DOCUMENTS) == 21
    assert len({pair for document in DOCUMENTS for pair in document.pairs}) == 2 * len(DOCUMENTS)
    assert {kind.document for kind in KINDS} <= set(DOCUMENTS)
