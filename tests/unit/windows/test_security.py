"""Security template: entries by name over `GptTmpl.inf`; the rest stays in place."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.windows.gpo import document, extensions
from piste.systems.windows.gpo.part import Content
from piste.systems.windows.gpo.security import Security
from tests.support import samba_reads
from tests.unit.windows.support import DOMAIN, NOBODY, side

PART = Security()
WRITTEN: dict[str, Any] = {
    "accounts": {"password_length": 14, "password_complexity": True, "guest_name": "Visiteur", "lockout_minutes": -1},
    "kerberos": {"clock_skew_minutes": 5},
    "event_logs": {"security.maximum_kib": 196608, "security.retention": "as_needed"},
    "legacy_audit": {"logon": "success_and_failure"},
    "registry_values": {
        "MACHINE\\Software\\Ville\\Delai": {"type": "dword", "data": 600},
        "MACHINE\\Software\\Ville\\Titre": {"type": "sz", "data": "Mairie, accueil"},
        "MACHINE\\Software\\Ville\\Texte": {"type": "multi_sz", "data": ["Un, deux", "Trois"]},
        "MACHINE\\Software\\Ville\\Vide": {"type": "multi_sz", "data": []},
    },
    "rights": {"SeBackupPrivilege": ["Administrators", "GG-Support"], "SeTcbPrivilege": []},
    "services": {
        "dot3svc": {"startup": "automatic"},
        "Spooler": {"startup": "disabled", "permissions": "D:AR(A;;CCDC;;;{GG-Support})(A;;GA;;;SY)"},
    },
    "restricted_groups": {
        "Administrators": {"members": ["GG-Support"]},
        "GG-Police": {"member_of": ["Administrators"], "members": []},
    },
}
LINES = {
    "System Access": [
        "MinimumPasswordLength = 14", "PasswordComplexity = 1", 'NewGuestName = "Visiteur"', "LockoutDuration = -1",
    ],
    "Kerberos Policy": ["MaxClockSkew = 5"],
    "Security Log": ["MaximumLogSize = 196608", "AuditLogRetentionPeriod = 0"],
    "Event Audit": ["AuditLogonEvents = 3"],
    "Registry Values": [
        "MACHINE\\Software\\Ville\\Delai=4,600", 'MACHINE\\Software\\Ville\\Titre=1,"Mairie, accueil"',
        'MACHINE\\Software\\Ville\\Texte=7,Un"," deux,Trois', "MACHINE\\Software\\Ville\\Vide=7,",
    ],
    "Privilege Rights": [f"SeBackupPrivilege = *S-1-5-32-544,*{DOMAIN}-1105", "SeTcbPrivilege = "],
    "Service General Setting": [
        '"dot3svc",2,""', f'"Spooler",4,"D:AR(A;;CCDC;;;{DOMAIN}-1105)(A;;GA;;;SY)"',
    ],
    "Group Membership": [
        f"*S-1-5-32-544__Members = *{DOMAIN}-1105", f"*{DOMAIN}-1104__Members = ",
        f"*{DOMAIN}-1104__Memberof = *S-1-5-32-544",
    ],
}  # fmt: skip


def template(text: str) -> Content:
    content = side()
    content.security = document.sections(text.encode())
    return content


def test_each_entry_is_its_line_and_comes_back() -> None:
    content = side()
    PART.put(content, None, WRITTEN, NOBODY)
    assert content.security == LINES
    assert PART.check(WRITTEN, "computer.security", NOBODY) == []
    assert PART.take(content, NOBODY) == WRITTEN
    assert not any(content.security.values())


def test_lines_of_somebody_else_keep_their_place_and_spelling() -> None:
    text = """[Unicode]
Unicode=yes
[version]
signature="$CHICAGO$"
Revision=1
[registry values]
; posé par le prestataire
machine\\software\\ville\\delai=4,300
MACHINE\\System\\Lsa\\FullPrivilegeAuditing=3,0
[Registry Keys]
"MACHINE\\Software\\X",0,"D:PAR(A;CI;KA;;;BA)"
[System Access]
MinimumPasswordLength=8
ReglageInconnu = 5
"""
    before = PART.take(template(text), NOBODY)
    assert before == {
        "accounts": {"password_length": 8},
        "registry_values": {"machine\\software\\ville\\delai": {"type": "dword", "data": 300}},
    }
    content = template(text)
    after = {
        "accounts": {"password_length": 14, "guest_enabled": False},
        "registry_values": {"machine\\software\\ville\\delai": {"type": "dword", "data": 600}},
    }
    PART.put(content, before, after, NOBODY)
    assert content.security["registry values"] == [
        "; posé par le prestataire", "machine\\software\\ville\\delai=4,600",
        "MACHINE\\System\\Lsa\\FullPrivilegeAuditing=3,0",
    ]  # fmt: skip
    assert content.security["System Access"] == [
        "MinimumPasswordLength = 14", "ReglageInconnu = 5", "EnableGuestAccount = 0",
    ]  # fmt: skip
    assert content.security["Registry Keys"] == ['"MACHINE\\Software\\X",0,"D:PAR(A;CI;KA;;;BA)"']


def test_the_last_entry_of_a_section_takes_the_section_away() -> None:
    content = side()
    PART.put(content, None, WRITTEN, NOBODY)
    PART.put(content, WRITTEN, None, NOBODY)
    assert content.security == {}
    assert PART.pairs(content) == frozenset()


@pytest.mark.parametrize(
    "line",
    [
        "[System Access]\nMinimumPasswordLength = beaucoup", "[System Access]\nPasswordComplexity = 7",
        "[Registry Values]\nMACHINE\\A\\B=9,0", "[Registry Values]\nMACHINE\\A\\B=4",
        "[Privilege Rights]\nSeAutre = *S-1-5-18",
        "[Service General Setting]\nspooler,9,\"\"", "[Group Membership]\n*S-1-5-32-544__Autre = *S-1-5-18",
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_said_stays(line: str) -> None:
    content = template(line)
    before = dict(content.security)
    assert PART.take(content, NOBODY) is None
    assert content.security == before


def test_an_unknown_principal_is_shown_by_its_sid() -> None:
    content = template("[Privilege Rights]\nSeBackupPrivilege = *S-1-5-21-9-9-9-500, GG-Support")
    assert PART.take(content, NOBODY) == {"rights": {"SeBackupPrivilege": ["GG-Support", "S-1-5-21-9-9-9-500"]}}


def test_rights_of_accounts_that_no_domain_issues_are_written_again_as_they_were_read() -> None:
    sids = ["S-1-15-2-1", "S-1-5-80-1-2-3-4-5", "S-1-5-82-0", "S-1-5-83-0", "S-1-5-90-0", "S-1-5-96-0-1"]
    line = f"SeSystemtimePrivilege = {','.join(f'*{sid}' for sid in sids)}"
    known = PART.take(template(f"[Privilege Rights]\n{line}"), NOBODY)
    assert known == {"rights": {"SeSystemtimePrivilege": sids}}
    assert PART.check(known, "computer.security", NOBODY) == []
    content = side()
    PART.put(content, None, known, NOBODY)
    assert content.security["Privilege Rights"] == [line]


@pytest.mark.parametrize(
    ("section", "entry", "value", "message"),
    [
        ("accounts", "password_lenght", 14, "vouliez-vous dire « password_length »"),
        ("accounts", "password_length", "14", "un nombre entier de 0 à 128"),
        ("accounts", "password_complexity", 1, "true, false"),
        ("accounts", "guest_name", 'a"b', "un texte sans guillemet"),
        ("event_logs", "security.retention", "always", "as_needed, by_days, never"),
        ("registry_values", "Software\\X", {"type": "dword", "data": 1}, "« MACHINE\\Clé\\Valeur »"),
        ("registry_values", "MACHINE\\A\\B", {"type": "dword", "data": -1}, "type et data sont attendus"),
        ("rights", "SeBackupPrivilage", [], "vouliez-vous dire « SeBackupPrivilege »"),
        ("rights", "SeBackupPrivilege", ["Fantômes"], "« Fantômes » est inconnu du domaine"),
        ("rights", "SeBackupPrivilege", ["S-1-5-21-9-9-9-500"], "« S-1-5-21-9-9-9-500 » est inconnu du domaine"),
        ("rights", "SeBackupPrivilege", ["gg-support"], "« gg-support » s’écrit « GG-Support »"),
        ("rights", "SeBackupPrivilege", ["S-1-5-32-544"], "s’écrit par son nom, « Administrators »"),
        ("services", "dot3svc", {"startup": "boot"}, "automatic, manual, disabled"),
        ("services", "dot3svc", {"startup": "manual", "permissions": "D:(A;;GA;;;S-1-5-18)"}, "par leur nom"),
        ("services", "dot3svc", {"startup": "manual", "permissions": "D:(A;;GA;;;{Absents})"}, "« Absents »"),
        ("restricted_groups", "Absents", {"members": []}, "« Absents » est inconnu"),
        ("restricted_groups", "Administrators", {}, "members ou member_of est attendu"),
    ],
)  # fmt: skip
def test_a_fault_is_found_before_anything_is_written(section: str, entry: str, value: Any, message: str) -> None:
    (fault,) = PART.check({section: {entry: value}}, "computer.security", NOBODY)
    assert fault.path == f"computer.security.{section}[{entry}]"
    assert message in fault.message


def test_the_template_announces_its_extension() -> None:
    content = side()
    PART.put(content, None, {"services": {"dot3svc": {"startup": "automatic"}}}, NOBODY)
    assert PART.pairs(content) == {extensions.SECURITY}


def test_samba_reads_the_same_template() -> None:
    content = side()
    PART.put(content, None, WRITTEN, NOBODY)
    read = samba_reads.gpt_tmpl(document.documents(content)[document.SECURITY])
    assert read["System Access"][0] == ["MinimumPasswordLength", "14"]
    assert read["Registry Values"] == LINES["Registry Values"]
    assert read["Privilege Rights"] == [
        ["SeBackupPrivilege", ["*S-1-5-32-544", f"*{DOMAIN}-1105"]], ["SeTcbPrivilege", [""]],
    ]  # fmt: skip
    assert read["Service General Setting"][0] == ["dot3svc", "2", ""]
    assert read["Group Membership"][0] == [["*S-1-5-32-544", "Members"], [f"*{DOMAIN}-1105"]]
