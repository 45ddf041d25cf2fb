"""Files of a side and of its version: reading, least writing."""

from __future__ import annotations

import pytest

from piste.systems.windows.gpo import document, xml
from piste.systems.windows.gpo.document import (
    changes,
    comment_bytes,
    comment_of,
    content_of,
    documents,
    illegible,
    version_of,
    with_version,
)
from piste.systems.windows.gpo.foreign import FOREIGN, encoded
from piste.systems.windows.gpo.registry_pol import encode, make
from tests.unit.windows.support import NOBODY

POL = encode([make("Software\\Ville", "Un", "dword", 1)])
XML = b'<?xml version="1.0" encoding="utf-8"?><Kiosk clsid="{1}"><A name="a"/></Kiosk>'
INI = b"\xff\xfe" + "[Startup]\r\n0CmdLine=a.cmd\r\n0Parameters=\r\n".encode("utf-16-le")


def test_a_document_is_known_whatever_the_case_of_its_path_and_written_where_it_is() -> None:
    files = {"REGISTRY.POL": POL, "preferences/Kiosk/Kiosk.XML": XML}
    content = content_of("computer", "{G}", files)
    assert (len(content.registry), list(content.preferences), content.files) == (1, ["Kiosk/Kiosk.XML"], {})
    after = document.copy(content)
    after.registry.append(make("Software\\Ville", "Deux", "dword", 2))
    assert list(changes(files, content, after)) == ["REGISTRY.POL"]


def test_what_says_the_same_is_left_alone_however_it_is_spelt() -> None:
    files = {"Scripts/scripts.ini": INI.replace(b"\r\x00\n\x00", b"\n\x00"), "Preferences/K/K.xml": XML, "x.bin": b"\0"}
    content = content_of("user", "{G}", files)
    assert changes(files, content, document.copy(content)) == {}


def test_a_document_that_holds_nothing_more_is_deleted() -> None:
    files = {"Registry.pol": POL, document.SECURITY: b"\xff\xfe" + "[System Access]\r\nA = 1\r\n".encode("utf-16-le")}
    content = content_of("computer", "{G}", files)
    after = document.copy(content)
    after.registry.clear()
    after.security.clear()
    assert changes(files, content, after) == {"Registry.pol": None, document.SECURITY: None}


def test_what_is_not_what_its_name_promises_is_kept_as_a_file() -> None:
    files = {
        "Registry.pol": b"rien de tel",
        "Preferences/Drives/Drives.xml": b"<Drives",
        document.AUDIT: b'a,b\n"1',
        "Scripts/scripts.ini": b"\xff\xfe\x00",
    }
    content = content_of("computer", "{G}", files)
    assert content.files == files
    assert documents(content) == files
    assert sorted(illegible(content)) == sorted(files)
    assert FOREIGN.take(document.copy(content), NOBODY) is None


def test_what_is_illegible_gives_way_to_what_is_put_into_it_under_the_spelling_that_is_there() -> None:
    files = {"REGISTRY.POL": b"rien de tel", "Preferences/DRIVES/Drives.xml": b"<Drives", "x.bin": b"\0"}
    content = content_of("computer", "{G}", files)
    after = document.copy(content)
    after.registry.append(make("Software\\Ville", "Un", "dword", 1))
    after.preferences["Drives/Drives.xml"] = xml.parse(XML)
    written = changes(files, content, after)
    assert list(written) == ["Preferences/DRIVES/Drives.xml", "REGISTRY.POL"]
    assert written["REGISTRY.POL"] == POL


def test_an_ini_file_in_the_code_page_of_windows_is_read_and_noise_is_not() -> None:
    assert document.sections("[Arrêt]\r\nà=1\r\n".encode("cp1252")) == {"Arrêt": ["à=1"]}
    for noise in (b"\xe9\x01\xff", b"[A]\r\n\x07=1", b"\xff\xfe\x00"):
        with pytest.raises(ValueError, match=r"codec|characters"):
            document.sections(noise)


def test_a_new_template_has_its_header_and_an_old_one_keeps_its_own() -> None:
    content = content_of("computer", "{G}", {})
    content.security["System Access"] = ["A = 1"]
    text = documents(content)[document.SECURITY].decode("utf-16")
    assert text.split("\r\n")[:5] == ["[Unicode]", "Unicode=yes", "[Version]", 'signature="$CHICAGO$"', "Revision=1"]
    content.security["version"] = ["Revision=2"]
    assert "Revision=1" not in documents(content)[document.SECURITY].decode("utf-16")


def test_the_version_is_found_and_changed_without_touching_the_rest() -> None:
    raw = b"[General]\r\ndisplayName=x\r\nversion = 65537\r\n[Autre]\r\nVersion=1\r\n"
    assert version_of(raw) == 65537
    assert with_version(raw, 7) == b"[General]\r\ndisplayName=x\r\nVersion=7\r\n[Autre]\r\nVersion=1\r\n"
    assert with_version(None, 3) == b"[General]\r\nVersion=3\r\n"
    assert with_version(b"[General]\r\ndisplayName=x\r\n", 3) == b"[General]\r\nVersion=3\r\ndisplayName=x\r\n"
    assert [version_of(raw) for raw in (None, b"", b"[General]\r\nVersion=x\r\n")] == [None, None, None]
    assert document.joined({"computer": 2, "user": 1}) == 65538
    assert document.halves(65538) == {"computer": 2, "user": 1}


def test_a_comment_is_read_with_or_without_its_mark() -> None:
    assert [comment_of(raw) for raw in (None, b"", comment_bytes("é\nb"), b"\xff\xfea\0\0\0")] == ["", "", "é\nb", "a"]
    assert comment_bytes("") is None


def test_the_rest_of_a_document_is_put_beside_what_others_put_there_and_taken_out_again() -> None:
    rest = {
        "Registry.pol": encoded(POL),
        "Scripts/scripts.ini": encoded(INI),
        "Preferences/K/K.xml": encoded(XML),
        "x.bin": encoded(b"\0"),
        "LDAP/CN=x,CN=y": encoded(b'{"objectClass": ["top"]}'),
        "extensions": encoded(b"[{25537BA6-77A8-11D2-9B6C-0000F8080861}{88E729D6-BDC1-11D1-BD2A-00C04FB9603F}]"),
    }
    content = content_of("computer", "{G}", {})
    content.registry.append(make("Software\\Autre", "Zéro", "dword", 0))
    FOREIGN.put(content, None, rest, NOBODY)
    assert len(content.registry) == 2
    assert FOREIGN.check(rest, "foreign", NOBODY) == []
    FOREIGN.put(content, rest, None, NOBODY)
    assert (len(content.registry), FOREIGN.take(content, NOBODY)) == (
        1,
        {"Registry.pol": encoded(encode([make("Software\\Autre", "Zéro", "dword", 0)]))},
    )


def test_the_rest_of_a_security_template_has_neither_header_nor_empty_sections() -> None:
    """Public baselines have their sections in various orders, some of them empty."""
    header = '[Unicode]\r\nUnicode=yes\r\n', '[Version]\r\nsignature="$CHICAGO$"\r\nRevision=1\r\n'
    kept, other = "[Registry Values]\r\nMACHINE\\Software\\Ville\\Un=3,0\r\n", "[File Security]\r\n"
    (first, last) = header
    rests = []
    for text in (first + other + kept + last, first + last + kept):
        content = content_of("computer", "{G}", {document.SECURITY: b"\xff\xfe" + text.encode("utf-16-le")})
        rests.append(FOREIGN.take(content, NOBODY))
    assert rests[0] == rests[1]
    content.security["Autre"] = ["A = 1"]
    FOREIGN.put(content, rests[0], None, NOBODY)
    text = documents(content)[document.SECURITY].decode("utf-16")
    assert text.replace("[Registry Values]\r\n", "") == f"{first}{last}[Autre]\r\nA = 1\r\n"
