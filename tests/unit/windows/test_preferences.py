"""Preferences, between documents as the editor writes them and what people declare."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from piste.engine.converge.errors import InvalidConfig
from piste.systems.windows.gpo.foreign import FOREIGN, encoded
from piste.systems.windows.gpo.part import Content, Pair, Side
from piste.systems.windows.gpo.preferences import Preferences, remains
from piste.systems.windows.gpo.xml import canonical, parse, serialise
from piste.systems.windows.gpos import PARTS
from tests.support.directory import BASE, DOMAIN_SID, Directory

GPO = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
NAMES = Directory()


def moment() -> datetime:
    return datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


PART = Preferences("user", moment)
COMPUTER = Preferences("computer", moment)

DRIVES = (
    b'<?xml version="1.0" encoding="utf-8"?>\r\n'
    b'<Drives clsid="{8FDDCC1A-0C3C-43cd-A6B4-71A6DF20DA8C}">'
    b'<Drive clsid="{935D1B74-9CB8-4e3c-9914-7DD559B7A417}" name="P:" status="P:" image="2" '
    b'changed="2025-03-01 08:00:00" uid="{4DA4A7E3-F1D8-4FB1-874F-D2F7D16F7065}" bypassErrors="1">'
    b'<Properties action="U" thisDrive="NOCHANGE" allDrives="NOCHANGE" userName="" path="\\\\srv\\police" '
    b'label="Police &amp; Cie" persistent="1" useLetter="1" letter="P"/>'
    b'<Filters><FilterGroup bool="AND" not="0" name="VILLE\\GG-Police" sid="' + DOMAIN_SID.encode() + b'-1104" '
    b'userContext="1" primaryGroup="0" localGroup="0"/></Filters></Drive>\r\n\t'
    b'<Drive clsid="{935D1B74-9CB8-4e3c-9914-7DD559B7A417}" name="S:" status="S:" image="2" '
    b'changed="2025-03-01 08:00:00" uid="{5DA4A7E3-F1D8-4FB1-874F-D2F7D16F7065}" bypassErrors="1">'
    b'<Properties action="U" thisDrive="NOCHANGE" allDrives="NOCHANGE" userName="" path="\\\\srv\\commun" '
    b'label="" persistent="0" useLetter="1" letter="S"/></Drive>\r\n'
    b"</Drives>\r\n"
)
ITEM = {
    "enabled": True,
    "description": "",
    "stop_on_error": False,
    "user_context": False,
    "remove_when_unapplied": False,
    "apply_once": False,
}


def side(name: Side = "user", **documents: bytes) -> Content:
    return Content(name, GPO, preferences={path.replace("_", "/") + ".xml": parse(x) for path, x in documents.items()})


def taken(content: Content) -> Any:
    return PART.take(copy.deepcopy(content), NAMES)


def put(content: Content, after: Any) -> Content:
    """Put `after` in place of the live value."""
    written = copy.deepcopy(content)
    PART.put(written, taken(content), after, NAMES)
    return written


def only(content: Content) -> bytes:
    (root,) = content.preferences.values()
    return serialise(root)


def test_a_document_of_the_editor_is_read_with_the_names_of_people() -> None:
    content = side(Drives_Drives=DRIVES)
    assert PART.take(content, NAMES) == {
        "drive_maps": {
            "P:": {
                "action": "update",
                "path": "\\\\srv\\police",
                "label": "Police & Cie",
                "persistent": True,
                "visibility": "unchanged",
                "other_drives": "unchanged",
                **ITEM,
                "targeting": [{"group": "GG-Police", "not": False, "or": False}],
            },
            "S:": {
                "action": "update",
                "path": "\\\\srv\\commun",
                "label": "",
                "persistent": False,
                "visibility": "unchanged",
                "other_drives": "unchanged",
                **ITEM,
            },
        }
    }
    assert content.preferences == {}


def test_a_document_of_the_editor_is_written_back_byte_for_byte() -> None:
    content = side(Drives_Drives=DRIVES)
    assert only(put(content, taken(content))) == DRIVES


def test_a_change_touches_its_item_and_nothing_else() -> None:
    content = side(Drives_Drives=DRIVES)
    after = taken(content)
    after["drive_maps"]["S:"]["label"] = "Commun"
    expected = DRIVES.replace(b'srv\\commun" label=""', b'srv\\commun" label="Commun"')
    before, mark = expected.rsplit(b"2025-03-01 08:00:00", 1)
    assert only(put(content, after)) == before + b"2026-11-24 20:00:00" + mark


def test_a_new_item_comes_last_and_a_removed_one_leaves_the_others_in_order() -> None:
    content = side(Drives_Drives=DRIVES)
    after = taken(content)
    after["drive_maps"]["A:"] = {"path": "\\\\srv\\archives", **ITEM}
    grown = put(content, after)
    assert list(taken(grown)["drive_maps"]) == ["P:", "S:", "A:"]
    del after["drive_maps"]["P:"]
    shrunk = put(grown, after)
    assert list(taken(shrunk)["drive_maps"]) == ["S:", "A:"]
    assert only(shrunk).count(b"\r\n\t<Drive ") == 1


def test_the_last_item_goes_with_its_document_and_its_announcement() -> None:
    content = side(Drives_Drives=DRIVES)
    drives = Pair("5794DAFD-BE60-433F-88A2-1A31939AC01F", "2EA1A81B-48E5-45E9-8BB7-A6E3AC170006")
    in_front = Pair("00000000-0000-0000-0000-000000000000", drives.tool)
    assert PART.pairs(content) == {drives, in_front}
    empty = put(content, None)
    assert empty.preferences == {}
    assert PART.pairs(empty) == frozenset()


def test_the_same_item_has_the_same_guid_wherever_it_is_written() -> None:
    value = {"drive_maps": {"P:": {"path": "\\\\srv\\p", **ITEM}, "S:": {"path": "\\\\srv\\s", **ITEM}}}
    first, second = put(side(), value), put(side(), value)
    assert only(first) == only(second)
    uids = [item.get("uid") for item in first.preferences["Drives/Drives.xml"]]
    assert len(set(uids)) == 2


def test_two_items_for_the_same_letter_have_distinct_and_lasting_names() -> None:
    content = side(Drives_Drives=DRIVES.replace(b'letter="S"', b'letter="P"').replace(b'"S:"', b'"P:"'))
    assert list(taken(content)["drive_maps"]) == ["P: #4da4a7e3", "P: #5da4a7e3"]
    after = taken(content)
    del after["drive_maps"]["P: #4da4a7e3"]
    alone = put(content, after)
    assert list(taken(alone)["drive_maps"]) == ["P: #5da4a7e3"]
    assert taken(put(side(), after)) == after


def test_a_declared_label_survives() -> None:
    value = {
        "drive_maps": {
            "P:": {**DRIVE, "path": "\\\\srv\\a"},
            "P: #police": {**DRIVE, "path": "\\\\srv\\b"},
        }
    }
    assert list(taken(put(side(), value))["drive_maps"].items()) == list(value["drive_maps"].items())


DRIVE: dict[str, Any] = {
    "action": "update",
    "path": "\\\\srv\\x",
    "label": "",
    "persistent": False,
    "visibility": "unchanged",
    "other_drives": "unchanged",
    **ITEM,
}


@pytest.mark.parametrize("name", ["Été «à» l’école", "<&\">'", "a #b #", "%x% $(y) {{z}}", "日本", "a\tb"])
def test_hostile_names_come_back(name: str) -> None:
    folder = {"action": "update", "read_only": False, "archive": True, "hidden": False, **ITEM}
    value = {"folders": {f"C:\\{name}": {**folder, "description": name}}}
    assert PART.check(value, "", NAMES) == []
    written = put(side(), value)
    again = Content("user", GPO, preferences={p: parse(serialise(root)) for p, root in written.preferences.items()})
    assert taken(again) == value


def test_foreign_items_stay_in_their_place_and_are_shown() -> None:
    local = (
        b'<LocalPrinter clsid="{F08996D5-568B-45f5-BB7A-D3FB1E370B0A}" name="Epson" '
        b'uid="{65D3663D-BC4E-45D2-8EA8-1DB3AC7158CB}"><Properties action="U" name="Epson" port="LPT1:" path="x"/>'
        b"</LocalPrinter>"
    )
    shared = (
        b'<SharedPrinter clsid="{9A5E9697-9095-436d-A0EE-4D128FDFBCE5}" name="imp" '
        b'uid="{D954AF72-DDFC-498D-A185-A569A0D02FC4}"><Properties action="U" path="\\\\srv\\imp"/></SharedPrinter>'
    )
    document = b'<Printers clsid="{1F577D12-3D1B-471e-A1B7-060317597B9C}">' + local + shared + b"</Printers>"
    content = side(Printers_Printers=document)
    left = copy.deepcopy(content)
    value = PART.take(left, NAMES)
    assert value is not None
    assert list(value["shared_printers"]) == ["\\\\srv\\imp"]
    assert remains(left) == ["LocalPrinter « Epson »"]
    value["shared_printers"]["\\\\srv\\neuve"] = {**value["shared_printers"]["\\\\srv\\imp"]}
    del value["shared_printers"]["\\\\srv\\imp"]
    root = put(content, value).preferences["Printers/Printers.xml"]
    assert [(item.tag, item.get("name")) for item in root] == [("LocalPrinter", "Epson"), ("SharedPrinter", "neuve")]
    assert canonical(root[0]) == canonical(parse(local))


def test_a_password_is_never_taken_over_and_always_reported() -> None:
    secret = DRIVES.replace(
        b'userName="" path="\\\\srv\\police"', b'userName="v\\x" cpassword="j1Uyj3" path="\\\\srv\\police"'
    )
    content = side(Drives_Drives=secret)
    value = PART.take(content, NAMES)
    assert value is not None
    assert list(value["drive_maps"]) == ["S:"]
    assert remains(content) == ["Drive « P: », avec un mot de passe lisible par tous"]
    path = "Preferences/Drives/Drives.xml"
    (fault,) = FOREIGN.check({path: encoded(only(content))}, "user.foreign", NAMES)
    assert str(fault) == f"user.foreign[{path}] : contient un mot de passe, que tout le domaine pourrait lire"
    faults = PART.check({"drive_maps": {"P:": {**DRIVE, "attributes": {"cPassword": "x"}}}}, "user.preferences", NAMES)
    assert [fault.path for fault in faults] == ["user.preferences.drive_maps[P:].attributes"]
    assert "un mot de passe n’a pas sa place dans un GPO" in faults[0].message


def test_a_live_document_that_breaks_its_schema_is_foreign_and_is_never_written_over() -> None:
    broken = DRIVES.replace(b'persistent="1"', b'persistent="oui"')
    content = side(Drives_Drives=broken)
    assert taken(content) is None
    assert any("persistent" in line and "ligne 2" in line for line in remains(content))
    with pytest.raises(InvalidConfig, match="ne respecte pas son schéma \\(ligne 2"):
        PART.put(content, None, {"drive_maps": {"Z:": DRIVE}}, NAMES)
    assert only(content) == broken


def test_an_attribute_without_a_field_is_shown_and_kept() -> None:
    content = side(Drives_Drives=DRIVES.replace(b'persistent="0"', b'persistent="0" future="1"'))
    after = taken(content)
    assert after["drive_maps"]["S:"]["attributes"] == {"future": "1"}
    after["drive_maps"]["S:"]["label"] = "x"
    assert b'future="1"' in only(put(content, after))


def test_a_disabled_document_says_so_of_each_item() -> None:
    content = side(Drives_Drives=DRIVES.replace(b'A8C}">', b'A8C}" disabled="1">', 1))
    after = taken(content)
    assert [drive["enabled"] for drive in after["drive_maps"].values()] == [False, False]
    after["drive_maps"]["S:"]["enabled"] = True
    assert [drive["enabled"] for drive in taken(put(content, after))["drive_maps"].values()] == [False, True]


CONDITIONS = [
    {"group": "GG-Police", "not": True, "or": False},
    {"group": "GG-Agents", "of": "computer", "not": False, "or": True},
    {"organizational_unit": "Ville/Ecoles", "direct": True, "not": False, "or": False},
    {"computer": "PC-JAU-01", "not": False, "or": False},
    {"computer": "pc.ad.ville.test", "not": False, "or": False},
    {"user": "marie.durand", "not": False, "or": False},
    {"ip_range": ["10.93.12.1", "10.93.12.254"], "not": False, "or": False},
    {"site": "Le-Bourget", "not": False, "or": False},
    {
        "conditions": [
            {"group": "GG-Police", "not": False, "or": False},
            {"conditions": [{"computer": "X", "not": False, "or": False}], "not": False, "or": True},
        ],
        "not": False,
        "or": False,
    },
    {
        "xml": '<FilterWmi bool="OR" not="0" query="SELECT * FROM X" nameSpace="Root\\cimv2"/>',
        "not": False,
        "or": False,
    },
]


def test_every_condition_comes_back() -> None:
    value = {"drive_maps": {"P:": {**DRIVE, "apply_once": True, "targeting": CONDITIONS}}}
    assert PART.check(value, "", NAMES) == []
    written = put(side(), value)
    assert taken(written) == value
    filters = written.preferences["Drives/Drives.xml"][0].find("Filters")
    assert filters is not None
    assert filters[2].get("name") == f"OU=Ecoles,OU=Ville,{BASE}"
    assert filters[0].get("sid") == f"{DOMAIN_SID}-1104"
    assert filters[-1].tag == "FilterRunOnce"


def test_all_faults_come_at_once_and_say_where() -> None:
    value = {
        "drive_maps": {
            "PQ": DRIVE,
            "z:": DRIVE,
            "Z:": DRIVE,
            "R:": {**DRIVE, "remove_when_unapplied": True},
            "X: #": DRIVE,
        },
        "local_groups": {"BUILTIN\\Inconnu": {**ITEM, "members": {"GG-Absent": "add", ".\\local": "add"}}},
        "registry": {
            "HKXX\\A!b": {"type": "sz", "data": "x"},
            "HKLM\\A!b": {"type": "dword", "data": 4294967296},
            "HKLM\\A!c": {"type": "multi_sz", "data": "x"},
            "HKLM\\A!d": {"type": "binary", "base64": "0G"},
        },
        "power_plans": {"balanced": {**ITEM, "sleep_ac": 90}},
        "scheduled_tasks": {
            "T": {**ITEM, "time_limit": "10 min", "triggers": [{"type": "weekly", "enabled": True}], "actions": []}
        },
        "folders": {
            "C:\\x": {
                **ITEM,
                "targeting": [
                    {"group": "GG-Absent"},
                    {"organizational_unit": "Ville/Absente"},
                    {"ip_range": ["10.0.0.9", "10.0.0.1"]},
                    {"group": "GG-Police", "site": "x"},
                    {"xml": "<Autre/>"},
                ],
            }
        },
    }
    faults = [str(fault) for part in (PART, COMPUTER) for fault in part.check(value, "p", NAMES)]
    assert list(dict.fromkeys(faults)) == [
        "p.drive_maps[PQ] : « PQ » n’a pas la forme d’un nom de drive_maps",
        "p.drive_maps[R:].action : remove_when_unapplied demande l’action replace",
        "p.drive_maps[X: #] : « X: # » s’écrit « X: »",
        "p.scheduled_tasks[T].actions : une tâche lance au moins un programme",
        "p.scheduled_tasks[T].time_limit : « 10 min » n’est pas une durée (PT10M, P3D)",
        "p.scheduled_tasks[T].triggers[0].start : un déclencheur weekly a une première heure (2026-01-31T20:00:00)",
        "p.scheduled_tasks[T].triggers[0].days : des jours sont attendus",
        "p.local_groups[BUILTIN\\Inconnu] : « BUILTIN\\Inconnu » n’existe pas dans l’annuaire",
        "p.local_groups[BUILTIN\\Inconnu].members[GG-Absent] : « GG-Absent » n’existe pas dans l’annuaire ; "
        ".\\GG-Absent est un compte du poste lui-même",
        "p.registry[HKXX\\A!b] : « HKXX\\A!b » n’a pas la forme d’un nom de registry",
        "p.registry[HKLM\\A!b].data : « 4294967296 » n’est pas un nombre de 32 bits",
        "p.registry[HKLM\\A!c].data : une liste de textes est attendue",
        "p.registry[HKLM\\A!d].base64 : des octets en base64 sont attendus",
        "p.folders[C:\\x].targeting[0].group : « GG-Absent » n’existe pas dans l’annuaire",
        "p.folders[C:\\x].targeting[1].organizational_unit : « Ville/Absente » n’existe pas dans l’annuaire",
        "p.folders[C:\\x].targeting[2].ip_range : deux adresses sont attendues, la première puis la dernière",
        "p.folders[C:\\x].targeting[3] : une condition porte sur une seule chose parmi group, organizational_unit, "
        "computer, user, ip_range, site, conditions, xml",
        "p.folders[C:\\x].targeting[4].xml : un élément Filter… est attendu, reçu Autre",
        "p.power_plans[balanced] : une durée se donne en multiples de 60 s : sleep_ac",
    ]


def test_what_a_disabled_document_has_besides_stays_disabled_once_replayed() -> None:
    local = b'<LocalPrinter clsid="{1}" name="LPT1:"><Properties action="U" name="Epson" port="LPT1:" path="x"/>'
    local += b"</LocalPrinter>"
    shared = (
        b'<SharedPrinter clsid="{9A5E9697-9095-436d-A0EE-4D128FDFBCE5}" name="imp" '
        b'uid="{D954AF72-DDFC-498D-A185-A569A0D02FC4}"><Properties action="U" path="\\\\srv\\imp"/></SharedPrinter>'
    )
    document = b'<Printers clsid="{1F577D12-3D1B-471e-A1B7-060317597B9C}" disabled="1">\n\n' + local + b"\n\n" + shared
    content = side(Printers_Printers=document + b"\n</Printers>")
    value = PARTS.read(content, NAMES)
    assert [item["enabled"] for item in value["preferences"]["shared_printers"].values()] == [False]
    replayed = PARTS.changed(Content("user", GPO), {}, value, NAMES)
    assert {item.get("disabled") for item in replayed.preferences["Printers/Printers.xml"]} == {"1"}
    assert PARTS.read(replayed, NAMES) == value
    assert "foreign" not in PARTS.read(PARTS.changed(content, value, {**value, "foreign": None}, NAMES), NAMES)
