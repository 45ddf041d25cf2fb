"""The files of a policy: no password, no community, no person stays; words of programs do."""

from __future__ import annotations

import re
import struct
from typing import Any

import pytest
import trustme

from piste.engine.transport.contents import content_of, written
from piste.exports.capture.files import path, registry, settings, table
from piste.exports.capture.masks import Masks
from piste.exports.capture.nxos import configuration
from piste.exports.capture.trees import plain, preferences
from piste.systems.windows.gpo.audit import COLUMNS
from piste.systems.windows.gpo.certificates import der_of, thumbprint, trusted
from piste.systems.windows.gpo.extensions import BESIDE
from piste.systems.windows.gpo.policy_table import TABLE
from piste.systems.windows.gpo.registry_pol import Entry, decode, encode
from piste.systems.windows.gpo.security_table import ACCOUNTS, EVENT_LOGS, KERBEROS, LEGACY_AUDIT

SAID = re.compile(r"(?i)Tulipe|12345678|durand")
PREFERENCES = (
    '<Properties key="Software" name="DefaultPassword" type="REG_SZ" value="{}"/>',
    '<Variable name="DB_PASSWORD" status="DB_PASSWORD = {}"><Properties name="DB_PASSWORD" value="{}"/></Variable>',
    '<Properties path="a.ini" section="s" property="password" value="{}"/>',
    '<Properties path="a.ini" section="s" property="MotDePasse" value="{}"/>',
    '<!-- a -->{}<?b c?>{}',
)  # fmt: skip


@pytest.mark.parametrize("secret", ["Tulipe-2024", "Tulipe", "12345678"])
@pytest.mark.parametrize("keep_names", [True, False])
@pytest.mark.parametrize("form", PREFERENCES)
def test_a_preference_that_names_a_password_keeps_no_value(form: str, keep_names: bool, secret: str) -> None:
    shown = preferences(f"<A>{form.replace('{}', secret)}</A>", Masks(b"clef", keep_names), lambda *_: None)
    assert "<A>" in shown
    assert not SAID.search(shown)


@pytest.mark.parametrize("mask", [preferences, plain("nps")])
@pytest.mark.parametrize("keep_names", [True, False])
@pytest.mark.parametrize(
    "form",
    ['<A newPassword="{}"/>', "<A><Template_Shared_Secret>{}</Template_Shared_Secret></A>"],
)
def test_a_number_is_a_secret_where_its_name_says_so(form: str, keep_names: bool, mask: Any) -> None:
    assert "secret:" in mask(form.replace("{}", "12345678"), Masks(b"clef", keep_names), lambda *_: None)
    assert mask(form.replace("{}", "1"), Masks(b"clef"), lambda *_: None) == form.replace("{}", "1")


def test_a_preference_that_names_none_keeps_its_number() -> None:
    shown = preferences('<Properties name="ScreenSaveTimeOut" value="12345678"/>', Masks(b"clef"), lambda *_: None)
    assert 'value="12345678"' in shown


@pytest.mark.parametrize("name", ["**Soft.DefaultPassword", "DefaultPassword", "MotDePasse", "mdp", "CleWifi"])
@pytest.mark.parametrize("keep_names", [True, False])
@pytest.mark.parametrize("secret", ["Tulipe-2024", "12345678"])
def test_a_value_of_the_registry_that_names_a_password_is_dropped(name: str, keep_names: bool, secret: str) -> None:
    raw = encode([Entry("Software\\X", name, 1, f"{secret}\0".encode("utf-16-le"))])
    kept = content_of(registry(written(raw), Masks(b"clef", keep_names), lambda *_: None))
    assert not SAID.search(kept.decode("utf-16-le", "replace"))


SNMP = "SYSTEM\\CurrentControlSet\\Services\\SNMP\\Parameters"


@pytest.mark.parametrize("community", ["Tulipe-2024", "12345678"])
@pytest.mark.parametrize("keep_names", [True, False])
def test_a_community_of_snmp_is_dropped_where_it_is_a_name(community: str, keep_names: bool) -> None:
    masks, note = Masks(b"clef", keep_names), lambda *_: None
    valid, traps = f"{SNMP}\\ValidCommunities", f"{SNMP}\\TrapConfiguration"
    entries = [
        Entry(valid, community, 4, b"\4\0\0\0"), Entry(valid, f"**del.{community}", 1, " \0".encode("utf-16-le")),
        Entry(f"{traps}\\{community}", "1", 1, "192.0.2.1\0".encode("utf-16-le")),
        Entry(traps, "**DeleteKeys", 1, f"{community}\0".encode("utf-16-le")),
    ]  # fmt: skip
    kept = decode(content_of(registry(written(encode(entries)), masks, note)))
    assert [entry.key for entry in kept] == [valid, valid, f"{traps}\\secret:", traps]
    assert [entry.name for entry in kept] == ["secret:", "**del.secret:", "1", "**DeleteKeys"]
    assert not any(SAID.search(entry.data.decode("utf-16-le", "replace")) for entry in kept)
    value = f'<Properties key="{valid}" name="{community}" type="REG_DWORD" value="00000004"/>'
    tree = f'<Collection name="TrapConfiguration"><Collection name="{community}"><Registry name="1"><Properties ' \
           f'key="{traps}\\{community}" name="1" value="a"/></Registry></Collection></Collection>'  # fmt: skip
    item = f'<Registry name="{community}" status="{community}">{value}</Registry>'
    shown = preferences(f"<A>{item}{tree}</A>", masks, note)
    assert "<A>" in shown
    assert not SAID.search(shown)
    shown = settings(f"[Registry Values]\r\nMACHINE\\{valid}\\{community}=4,4\r\n", masks, note)
    assert shown == f"[Registry Values]\r\nMACHINE\\{valid}\\secret:=4,4\r\n"


@pytest.mark.parametrize("store", ["Root", "TrustedPublisher", "EFS"])
@pytest.mark.parametrize("keep_names", [True, False])
def test_a_certificate_stays_in_the_stores_that_all_trust(store: str, keep_names: bool) -> None:
    der = der_of(trustme.CA(organization_name="Zoe Durand").cert_pem.bytes().decode())
    key = f"Software\\Policies\\Microsoft\\SystemCertificates\\{store}\\Certificates\\"
    entry = Entry(f"{key}{thumbprint(der)}", "Blob", 3, b"\x20\0\0\0\1\0\0\0" + struct.pack("<I", len(der)) + der)
    label = b"\x0b\0\0\0\1\0\0\0\x06\0\0\0Tulipe"
    fake = Entry(f"{key}{'A' * 40}", "Blob", 3, b"\x20\0\0\0\1\0\0\0\x06\0\0\0Tulipe")
    raw = encode([entry._replace(data=entry.data + label), fake])
    kept = decode(content_of(registry(written(raw), Masks(b"clef", keep_names), lambda *_: None)))
    assert (der in kept[0].data) is (store != "EFS" and keep_names)
    assert not any(b"Tulipe" in entry.data for entry in kept)
    assert keep_names or not any(b"Durand" in entry.data for entry in kept)
    shown = trusted(kept[0])
    assert bool(shown) is (store != "EFS")
    assert not shown or kept[0].key.endswith(thumbprint(shown))


@pytest.mark.parametrize("name", ["zoe.durand", "**del.Zoe Durand", "ZoeDurand", "VILLE\\zdurand", "Durand2"])
def test_a_person_in_the_names_of_the_registry_is_masked(name: str) -> None:
    raw = encode([Entry(f"Software\\Policies\\{name.removeprefix('**del.')}\\Liste", name, 4, b"\1\0\0\0")])
    (kept,) = decode(content_of(registry(written(raw), Masks(b"clef"), lambda *_: None)))
    assert not re.search(r"(?i)zoe|durand", kept.key + kept.name)
    assert kept.key.startswith("Software\\Policies\\Nom ")
    assert kept.name.startswith("**del.Nom ") is name.startswith("**del.")
    whole = decode(content_of(registry(written(raw), Masks(b"clef", keep_names=True), lambda *_: None)))
    assert whole == decode(raw)


AUDIT = (
    ",System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},Success and Failure,,3",
    ",,Option:CrashOnAuditFail,,Disabled,,0",
)


@pytest.mark.parametrize(
    "row",
    ["PC-ZDURAND,System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},Success,,1", ",VILLE\\zdurand,,,Success,,1",
     ",System,Audit de Zoe Durand,,Success,,1", ",System,,,zdurand,,1", ",System,,,Success,,1,Zoe Durand",
     ',"Durand, Zoe",,,Success,,1', ",System,RegistryGlobalSacl,,,,D:Zoe Durand"],
)  # fmt: skip
def test_a_table_of_audit_keeps_the_words_of_windows_alone(row: str) -> None:
    whole = "\r\n".join([",".join(COLUMNS), *AUDIT, row, ""])
    shown = table(whole, Masks(b"clef"), lambda *_: None)
    assert shown.splitlines()[:3] == whole.splitlines()[:3]
    assert not re.search(r"(?i)zoe|durand", shown)
    assert table(whole, Masks(b"clef", keep_names=True), lambda *_: None) == whole


def test_a_table_that_is_none_of_audit_is_a_text() -> None:
    shown = table("login,nom,prénom,numéro\r\nzdurand,Durand,Zoe,12345678,Tulipe\r\n", Masks(b"clef"), lambda *_: None)
    assert not re.search(r"(?i)zoe|durand|login|Tulipe|12345678", shown)


def test_what_piste_names_in_the_registry_stays() -> None:
    named = {(element.key, element.name) for policy in TABLE for element in policy.elements.values()}
    named |= {(entry.key, entry.name) for policy in TABLE for entry in (*policy.on, *policy.off)}
    named |= {(key, name) for key, names, _ in BESIDE for name in (*names, "")}
    assert len(named) > 200
    raw = encode([Entry(key, name, 4, b"\1\0\0\0") for key, name in sorted(named)])
    kept = decode(content_of(registry(written(raw), Masks(b"clef"), lambda *_: None)))
    assert [(entry.key, entry.name) for entry in kept] == sorted(named)


@pytest.mark.parametrize("attribute", ["class", "version", "system", "days", "language", "edition", "sp"])
def test_a_filter_of_a_preference_keeps_words_of_windows_alone(attribute: str) -> None:
    for value, stays in (("NT", True), ("7", True), ("Zoe Durand", False), ("jdurand", False)):
        shown = preferences(f'<FilterOs {attribute}="{value}"/>', Masks(b"clef"), lambda *_: None)
        assert (f'{attribute}="{value}"' in shown) is stays
        assert stays or not re.search(r"(?i)zoe|durand", shown)


@pytest.mark.parametrize("name", ["Max Page", "Grace Gold", "max.page", "MaxPage", "page", "Wifi2024"])
def test_a_word_that_is_a_name_too_is_masked(name: str) -> None:
    raw = encode([Entry(f"Software\\{name}", name, 4, b"\1\0\0\0")])
    (kept,) = decode(content_of(registry(written(raw), Masks(b"clef"), lambda *_: None)))
    assert name not in kept.key + kept.name


def test_what_piste_names_in_a_template_stays() -> None:
    named = {setting.key for table in (ACCOUNTS, KERBEROS, EVENT_LOGS, LEGACY_AUDIT) for setting in table.values()}
    named |= {f"MACHINE\\System\\CurrentControlSet\\Control\\Lsa\\{name}" for name in ("NoLMHash", "ForceGuest")}
    lines = "".join(f"{name} = 1\r\n" for name in sorted(named))
    assert settings(f"[System Access]\r\n{lines}", Masks(b"clef"), lambda *_: None).endswith(lines)


def test_the_end_of_a_name_of_a_file_stays_where_it_is_one() -> None:
    shown = path(Masks(b"clef"), "Scripts/jean.petit/Startup/Essai.PS1")
    assert re.fullmatch(r"Scripts/Nom [0-9a-f]{6}/Startup/Nom [0-9a-f]{6}\.PS1", shown)


def test_the_group_of_a_task_and_the_classes_of_dhcp_are_masked() -> None:
    task = "<A><GroupId>VILLE\\zdurand</GroupId><GroupId>S-1-5-32-545</GroupId><GroupId>BUILTIN\\Users</GroupId></A>"
    shown = preferences(task, Masks(b"clef"), lambda *_: None)
    assert "durand" not in shown
    assert shown.endswith("<GroupId>S-1-5-32-545</GroupId><GroupId>BUILTIN\\Users</GroupId></A>")
    options = "<A><PolicyName>Durand</PolicyName><VendorClass>Durand</VendorClass><Data>Durand</Data></A>"
    assert "urand" not in plain("dhcp")(options, Masks(b"clef"), lambda *_: None)


def test_a_deletion_keeps_its_placeholder_alone() -> None:
    blank, said = " \0".encode("utf-16-le"), "zoe.durand;autre\0".encode("utf-16-le")
    raw = encode([Entry("S", "**del.X", 1, blank), Entry("S", "**delvals.", 1, blank),
                  Entry("S", "**DeleteValues", 1, said), Entry("S", "**del.Y", 1, said)])  # fmt: skip
    kept = decode(content_of(registry(written(raw), Masks(b"clef"), lambda *_: None)))
    assert [entry.data for entry in kept[:2]] == [blank, blank]
    assert not any(SAID.search(entry.data.decode("utf-16-le")) for entry in kept)


@pytest.mark.parametrize(
    "line",
    ["MotDePasse=Tulipe-2024", "mdp = Tulipe", "Password=12345678", 'MACHINE\\X\\DefaultPassword=1,"12345678"',
     "Clé du wifi = Tulipe"],
)  # fmt: skip
@pytest.mark.parametrize("keep_names", [True, False])
def test_a_line_of_settings_that_names_a_password_is_dropped(line: str, keep_names: bool) -> None:
    assert not SAID.search(settings(f"[A]\r\n{line}\r\n", Masks(b"clef", keep_names), lambda *_: None))


@pytest.mark.parametrize(
    "line",
    ["MinimumPasswordLength = 14", "PasswordComplexity = 1", "MACHINE\\X\\LimitBlankPasswordUse=4,1",
     "SeCreateTokenPrivilege = *S-1-5-32-544"],
)  # fmt: skip
def test_a_setting_of_windows_about_passwords_stays(line: str) -> None:
    assert line in settings(f"[A]\r\n{line}\r\n", Masks(b"clef"), lambda *_: None)


@pytest.mark.parametrize(
    "line",
    ["[zoe.durand]", '"Spooler",2,"D:Zoe Durand"', '"Spooler",2,"D:P(A;;CC;;;durand)"', "TOTO\\zdurand=12",
     "[S-1-5-21-1111-2222-3333-1106]", "zdurand=12", "Zoe Durand=1", "MACHINE\\Software\\Durand\\Zoe=4,1"],
)  # fmt: skip
def test_a_name_of_settings_that_is_a_person_is_masked(line: str) -> None:
    shown = settings(f"[System Access]\r\n{line}\r\n", Masks(b"clef"), lambda *_: None)
    assert "[System Access]" in shown
    assert not re.search("(?i)durand|zoe|1111-2222", shown)


@pytest.mark.parametrize(
    "line",
    ["no snmp-server user 12345678", "no username zoe.durand", "  Processor Board ID 12345678", "nouveau 12345678",
     "nouveau mot C12345678ABC"],
)
def test_a_line_of_a_switch_that_names_a_person_or_a_device_is_masked(line: str) -> None:
    assert not SAID.search(configuration(f"{line}\n", Masks(b"clef"), lambda *_: None))
