"""Scripts of a side: their ordered list, and their files."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.windows.gpo import document, extensions
from piste.systems.windows.gpo.part import Content
from piste.systems.windows.gpo.scripts import COMPUTER_SCRIPTS, USER_SCRIPTS, with_contents
from tests.support import samba_reads
from tests.unit.windows.support import NOBODY, side

WRITTEN: dict[str, Any] = {
    "startup": [
        {"name": "arret.cmd", "parameters": "/s 300", "content": "@echo off\nshutdown /s\n"},
        {"name": "\\\\srv\\outils\\agent.exe", "parameters": ""},
    ],
    "shutdown_powershell": [{"name": "Fermer.ps1", "parameters": "-Délai 5", "content": "Write-Output 'Été'\n"}],
}


def test_scripts_and_their_files_come_back() -> None:
    content = side()
    COMPUTER_SCRIPTS.put(content, None, WRITTEN, NOBODY)
    assert content.scripts == {
        "Startup": [
            "0CmdLine=arret.cmd", "0Parameters=/s 300", "1CmdLine=\\\\srv\\outils\\agent.exe", "1Parameters=",
        ]
    }  # fmt: skip
    assert content.powershell_scripts == {"Shutdown": ["0CmdLine=Fermer.ps1", "0Parameters=-Délai 5"]}
    assert content.files == {
        "Scripts/Startup/arret.cmd": b"@echo off\r\nshutdown /s\r\n",
        "Scripts/Shutdown/Fermer.ps1": "\ufeffWrite-Output 'Été'\r\n".encode(),
    }
    assert COMPUTER_SCRIPTS.pairs(content) == {extensions.SCRIPTS["computer"]}
    assert COMPUTER_SCRIPTS.check(WRITTEN, "computer.scripts", NOBODY) == []
    assert COMPUTER_SCRIPTS.take(content, NOBODY) == WRITTEN
    assert (content.scripts, content.powershell_scripts, content.files) == ({}, {}, {})
    assert COMPUTER_SCRIPTS.pairs(content) == frozenset()


def test_samba_reads_the_same_list() -> None:
    content = side()
    COMPUTER_SCRIPTS.put(content, None, WRITTEN, NOBODY)
    read = samba_reads.scripts_ini(document.documents(content)[document.SCRIPTS])
    assert read["Startup"]["0cmdline" if "0cmdline" in read["Startup"] else "0CmdLine"] == "arret.cmd"


def test_a_change_keeps_strangers_and_takes_away_the_file_that_nobody_lists() -> None:
    content = Content(side="user", gpo="")
    content.scripts = {"ScriptsConfig": ["StartExecutePSFirst=true"], "LOGON": ["0CmdLine=vieux.cmd", "0Parameters="]}
    content.files = {"Scripts/logon/VIEUX.cmd": b"rem", "Scripts/Logon/orphelin.cmd": b"rem"}
    before = {"logon": [{"name": "vieux.cmd", "parameters": "", "content": "rem"}]}
    assert USER_SCRIPTS.take(document.copy(content), NOBODY) == before
    USER_SCRIPTS.put(content, before, {"logon": [{"name": "neuf.cmd", "parameters": "", "content": "cd"}]}, NOBODY)
    assert content.scripts == {
        "ScriptsConfig": ["StartExecutePSFirst=true"], "LOGON": ["0CmdLine=neuf.cmd", "0Parameters="],
    }  # fmt: skip
    assert content.files == {"Scripts/Logon/orphelin.cmd": b"rem", "Scripts/Logon/neuf.cmd": b"cd"}


def test_order_is_that_of_the_numbers_and_a_program_stays_a_file() -> None:
    content = side()
    content.scripts = {"Startup": ["1CmdLine=b.exe", "1Parameters=", "0CmdLine=a.exe"]}
    content.files = {"Scripts/Startup/a.exe": b"MZ\xff\xfe"}
    taken = COMPUTER_SCRIPTS.take(content, NOBODY)
    assert taken == {"startup": [{"name": "a.exe", "parameters": ""}, {"name": "b.exe", "parameters": ""}]}
    assert content.files == {"Scripts/Startup/a.exe": b"MZ\xff\xfe"}


@pytest.mark.parametrize(
    ("name", "script", "message"),
    [
        ("startup", {"name": "a.ps1"}, "un script .ps1 se déclare dans la liste _powershell"),
        ("startup_powershell", {"name": "a.cmd"}, "un script .ps1 se déclare dans la liste _powershell"),
        ("startup", {"name": "x\\a.cmd", "content": "rem"}, "se nomme sans dossier"),
        ("startup", {"name": "../a.cmd", "content": "rem"}, "se nomme sans dossier"),
        ("startup", {"name": "a.cmd", "parameters": "x\n1CmdLine=b"}, "d’une seule ligne"),
        ("startup", {"name": ""}, "d’une seule ligne"),
    ],
)
def test_a_fault_is_found_before_anything_is_written(name: str, script: dict[str, Any], message: str) -> None:
    (fault,) = COMPUTER_SCRIPTS.check({name: [script]}, "computer.scripts", NOBODY)
    assert fault.path == f"computer.scripts.{name}[0]"
    assert message in fault.message


def test_one_file_cannot_have_two_contents() -> None:
    value = {"startup": [{"name": "a.cmd", "content": "1"}, {"name": "A.cmd", "content": "2"}]}
    (fault,) = COMPUTER_SCRIPTS.check(value, "computer.scripts", NOBODY)
    assert "deux contenus" in fault.message


def test_files_of_the_control_node_become_contents_and_all_faults_come_at_once() -> None:
    def read(path: str) -> bytes:
        if path == "absent.cmd":
            raise FileNotFoundError(2, "aucun fichier de ce nom")
        return {"a.cmd": "rem é\r\n".encode(), "b.exe": b"MZ\xff"}[path]

    value, faults = with_contents({"startup": [{"name": "a.cmd", "file": "a.cmd"}]}, "computer.scripts", read)
    assert (value, faults) == ({"startup": [{"name": "a.cmd", "content": "rem é\n"}]}, [])
    wrong = [{"name": "a.cmd", "file": "absent.cmd"}, {"name": "b.exe", "file": "b.exe"},
             {"name": "c.cmd", "file": "a.cmd", "content": "x"}]  # fmt: skip
    _, faults = with_contents({"startup": wrong}, "computer.scripts", read)
    assert [str(fault) for fault in faults] == [
        "computer.scripts.startup[0].file : « absent.cmd » est illisible : aucun fichier de ce nom",
        "computer.scripts.startup[1].file : « b.exe » n’est pas un texte",
        "computer.scripts.startup[2].file : content et file ne se donnent pas ensemble",
    ]
