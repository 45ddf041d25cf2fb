"""Advanced audit by subcategory, over `audit.csv`."""

from __future__ import annotations

from piste.systems.windows.gpo import document, extensions
from piste.systems.windows.gpo.audit import FIELD, SUBCATEGORIES, Audit
from piste.systems.windows.gpo.part import Content
from tests.support import samba_reads
from tests.unit.windows.support import NOBODY, side

PART = Audit()
WRITTEN = {"logon.logon": "success_and_failure", "tracking.process_creation": "success", "system.integrity": "none"}
FRENCH = """Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value
,System,Auditer l’ouverture de session,{0CCE9215-69AE-11D9-BED3-505054503030},Succès,,1
,S-1-5-21-1-2-3-500,Audit Logon,{0cce9216-69ae-11d9-bed3-505054503030},Success,,1
,,Option:CrashOnAuditFail,,,,1
"""


def read(text: str) -> Content:
    return document.content_of("computer", "Ville", {document.AUDIT: text.encode()})


def test_every_subcategory_comes_back_and_announces_the_extension() -> None:
    content = side()
    desired = dict.fromkeys(SUBCATEGORIES, "failure")
    PART.put(content, None, desired, NOBODY)
    assert PART.pairs(content) == {extensions.AUDIT}
    assert PART.take(content, NOBODY) == desired
    assert content.audit == []
    assert PART.pairs(content) == frozenset()


def test_the_file_is_that_of_the_console_and_samba_reads_it() -> None:
    content = side()
    PART.put(content, None, WRITTEN, NOBODY)
    raw = document.documents(content)[document.AUDIT]
    assert raw.decode().splitlines()[:2] == [
        "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value",
        ",System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},Success and Failure,,3",
    ]
    lines = samba_reads.audit_csv(raw)
    assert [(line["Subcategory"], line["Setting Value"]) for line in lines] == [
        ("Audit Logon", "3"), ("Audit Process Creation", "1"), ("Audit System Integrity", "0"),
    ]  # fmt: skip


def test_a_line_is_known_by_its_guid_whatever_its_language_and_the_others_stay() -> None:
    content = read(FRENCH)
    before = PART.take(content, NOBODY)
    assert before == {"logon.logon": "success"}
    assert [row["Subcategory"] for row in content.audit] == ["Audit Logon", "Option:CrashOnAuditFail"]
    content = read(FRENCH)
    PART.put(content, before, {"logon.logon": "failure", "logon.logoff": "success"}, NOBODY)
    assert [(row["Subcategory"], row["Setting Value"]) for row in content.audit] == [
        ("Audit Logon", "2"), ("Audit Logon", "1"), ("Option:CrashOnAuditFail", "1"), ("Audit Logoff", "1"),
    ]  # fmt: skip
    PART.put(content, {"logon.logon": "failure", "logon.logoff": "success"}, None, NOBODY)
    assert [row["Subcategory"] for row in content.audit] == ["Audit Logon", "Option:CrashOnAuditFail"]


def test_an_unknown_subcategory_is_a_fault() -> None:
    (fault,) = PART.check({"logon.login": "success"}, "computer.audit", NOBODY)
    assert str(fault).startswith("computer.audit[logon.login] : sous-catégorie inconnue, vouliez-vous dire « logon.log")
    assert FIELD.choices == ("none", "success", "failure", "success_and_failure")
