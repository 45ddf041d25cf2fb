"""The program of macOS, run here with commands that answer as macOS does."""

from __future__ import annotations

import os
import plistlib
import re
import subprocess
from pathlib import Path

import pytest

from piste.readings.computers import collector
from piste.readings.computers.report import Report, read

FOLDER = Path(collector.__file__).parent / "macos"
PROGRAM = FOLDER / "mesure-des-postes.sh"
CUSTOM = """Battery Power:
 lowpowermode         0
 sleep                1
 displaysleep         2
AC Power:
 standby              1
 sleep                10 (sleep prevented by coreaudiod)
 displaysleep         5
"""
ASSERTIONS = """2026-11-27 10:00:00 +0100
Assertion status system-wide:
   PreventUserIdleSystemSleep     1
Listed by owning process:
   pid 321(coreaudiod): [0x0001] 00:12:01 PreventUserIdleSystemSleep named: "Dupont - musique.mp3"
   pid 321(coreaudiod): [0x0002] 00:12:01 PreventUserIdleSystemSleep named: "autre"
   pid 77(Safari "é"): [0x0003] 00:00:02 PreventUserIdleDisplaySleep named: "Video"
"""
STUBS = {
    "scutil": "echo mac-de-jean",
    "sw_vers": "echo 15.1",
    "fdesetup": "echo true",
    "system_profiler": "printf '{}'",
    "plutil": 'case $2 in *machine_name) echo "MacBook Air";; *serial_number) echo C02ABC;; '
    "*machine_model) echo Mac14,2;; *cycle_count) echo 87;; *) exit 1;; esac",
    "pmset": f"case $2 in custom) cat <<'X'\n{CUSTOM}X\n;; assertions) cat <<'X'\n{ASSERTIONS}X\n;; esac",
}


def ran(place: Path, **stubs: str) -> tuple[int, Path]:
    programs, folder = place / "bin", place / "share"
    programs.mkdir()
    folder.mkdir()
    for name, body in {**STUBS, **stubs}.items():
        (programs / name).write_text(f"#!/bin/sh\n{body}\n")
        (programs / name).chmod(0o755)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "LC_ALL": "fr_FR.UTF-8"}
    done = subprocess.run(["sh", str(PROGRAM), str(folder)], env=environment, capture_output=True, check=False)
    return done.returncode, folder


def report(folder: Path) -> Report:
    (file,) = folder.iterdir()
    return read(file.read_bytes(), file.name)


def test_the_file_of_a_mac_has_the_form_and_what_macos_says(tmp_path: Path) -> None:
    code, folder = ran(tmp_path)
    assert code == 0
    made = report(folder)
    assert (made.computer, made.system.family) == ("MAC-DE-JEAN", "macos")
    assert (made.chassis, made.model) == ("laptop", "Mac14,2")
    assert made.power
    assert (made.power.sleep_ac_s, made.power.sleep_battery_s, made.power.display_ac_s) == (600, 60, 300)
    assert made.battery
    assert (made.battery.full_mwh, made.battery.cycles) == (None, 87)
    assert made.requests
    assert sorted((it.kind, it.owner, it.times) for it in made.requests) == [
        ("display", "Safari", 1), ("system", "coreaudiod", 2),
    ]  # fmt: skip
    assert (made.states, made.sessions, made.printers) == (None, None, None)


def test_the_reason_of_a_request_which_may_be_a_title_is_not_read(tmp_path: Path) -> None:
    _, folder = ran(tmp_path)
    (file,) = folder.iterdir()
    assert "Dupont" not in file.read_text()


@pytest.mark.parametrize(
    ("answer", "encrypted"), [("echo true", True), ("echo false; exit 1", False), ("echo Erreur; exit 9", None)]
)
def test_the_disk_of_a_mac_is_encrypted_where_it_says_so(tmp_path: Path, answer: str, encrypted: bool | None) -> None:
    _, folder = ran(tmp_path, fdesetup=answer)
    assert report(folder).encrypted is encrypted


@pytest.mark.parametrize("command", ["pmset", "system_profiler", "plutil"])
def test_what_does_not_answer_is_null_and_never_zero(tmp_path: Path, command: str) -> None:
    code, folder = ran(tmp_path, **{command: "exit 1"})
    made = report(folder)
    assert code == 0
    assert made.power
    assert (made.power.sleep_ac_s is None) == (command == "pmset")
    assert (made.serial is None) == (command == "plutil")


@pytest.mark.parametrize("answer", ['x","computer":"Y', "$(touch {place})", "`id`", "é\\n"])
def test_an_answer_that_is_no_name_gets_nowhere(tmp_path: Path, answer: str) -> None:
    text = answer.format(place=tmp_path / "touched").replace("'", "")
    code, folder = ran(tmp_path, plutil=f"printf '%s' '{text}'")
    assert code == 0
    assert report(folder).computer == "MAC-DE-JEAN"
    assert not (tmp_path / "touched").exists()


def test_a_share_that_is_not_there_ends_without_a_file(tmp_path: Path) -> None:
    done = subprocess.run(["sh", str(PROGRAM), str(tmp_path / "absent")], capture_output=True, check=False)
    assert done.returncode == 3


def test_it_writes_its_own_file_alone_and_reads_no_person() -> None:
    text = re.sub(r"(?m)^ *#.*$", "", PROGRAM.read_text("ascii"))
    assert re.findall(r">\s*(\S+)", re.sub(r"2>/dev/null", "", text)) == ['"$folder/$computer.json"']
    assert re.findall(r"\b(whoami|logname|dscl|who|last|id|curl|eval|osascript|defaults|log show)\b", text) == []


def test_the_job_is_in_the_background_and_spread() -> None:
    job = plistlib.loads((FOLDER / "fr.piste.mesure-des-postes.plist").read_bytes())
    assert (job["ProcessType"], job["Nice"]) == ("Background", 10)
    assert "% 7200" in job["ProgramArguments"][2]
    assert f"/Library/Piste/{PROGRAM.name}" in job["ProgramArguments"][2]
