"""The policy of the measure: exact bytes, trusted publisher, waiting for its signature."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any, cast

import pytest

from lab.signing import PUBLISHER, publisher, sign
from lab.state import private_folder
from piste.readings.computers import findings
from piste.readings.computers.collector import signing
from piste.systems.windows.gpo.foreign import decoded
from piste.systems.windows.gpo.part import Content
from piste.systems.windows.gpos import PARTS
from piste.systems.windows.intent import MEASURE_TASK, MEASURING, SHUTDOWN, _measure
from piste.systems.windows.signed import BOM, Waiting, carried, program, unsigned
from piste.town.model.derived import Derived
from tests.unit.windows.support import NOBODY

CARRIED = f"Piste/{MEASURING}.ps1"
GPO: dict[str, Any] = {
    "name": "Mesure des postes",
    "computer": _measure({"at": "11:00", "spread_min": 120, "server": "fic1.ville.example", "share": "Mesures$"}),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lab")
    if not sign(made):
        pytest.skip("osslsigncode missing")
    return made


@pytest.fixture
def folder(lab: Path, tmp_path: Path) -> Path:
    for file in (lab / "signed").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_what_is_signed_verifies_and_is_the_program_of_this_version(lab: Path) -> None:
    signing.verify(lab / "signed", lab / "ca.pem")
    known = program(str(lab / "signed"), MEASURING)
    assert known.publisher == PUBLISHER
    assert unsigned(known.content) == signing.SOURCE.read_bytes()
    assert signing.outdated(lab / "signed") is False


def test_a_second_signature_of_the_lab_changes_nothing(lab: Path) -> None:
    before = program(str(lab / "signed"), MEASURING)
    assert sign(lab)
    assert program(str(lab / "signed"), MEASURING) == before


def test_a_key_with_a_passphrase_signs_and_a_wrong_passphrase_is_said(lab: Path, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    certificate, key = publisher(lab, private_folder(lab / "publisher"))
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    closed = tmp_path / "closed.key"
    best = serialization.BestAvailableEncryption(b"phrase de passe")
    closed.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, best))
    signing.sign(tmp_path / "out", certificate, closed, "phrase de passe")
    signing.verify(tmp_path / "out", lab / "ca.pem")
    with pytest.raises(signing.NotSigned, match="osslsigncode a refusé"):
        signing.sign(tmp_path / "out2", certificate, closed, "autre")
    assert not (tmp_path / "out2").exists()


def test_a_policy_carries_the_very_bytes_that_were_signed(folder: Path) -> None:
    item, waits = carried(GPO, str(folder))
    assert waits == ""
    side = item["computer"]
    assert list(side["trusted_publishers"]) == [PUBLISHER]
    assert PARTS.faults("computer", side, "computer", NOBODY) == []
    made = PARTS.changed(Content("computer", "{X}"), {}, side, NOBODY)
    assert made.files[CARRIED] == (folder / f"{MEASURING}.ps1").read_bytes()
    read = PARTS.read(made, NOBODY)
    assert read["foreign"] == {CARRIED: side["foreign"][CARRIED]}
    assert read["trusted_publishers"] == side["trusted_publishers"]
    assert decoded(read["foreign"][CARRIED]).startswith(BOM)


def test_the_task_runs_the_copy_that_the_policy_puts_and_demands_its_signature() -> None:
    made = PARTS.changed(Content("computer", "{X}"), {}, {"preferences": GPO["computer"]["preferences"]}, NOBODY)
    files, tasks = made.preferences["Files/Files.xml"], made.preferences["ScheduledTasks/ScheduledTasks.xml"]
    (file,) = files.iter("File")
    assert (file.get("removePolicy"), file.find("Properties").get("action")) == ("1", "R")
    assert file.find("Properties").get("fromPath") == f"%GptPath%\\Piste\\{MEASURING}.ps1"
    (task,) = tasks.iter("TaskV2")
    assert (task.get("name"), task.get("removePolicy")) == (MEASURE_TASK, "1")
    assert task.find("Properties").get("runAs") == "NT AUTHORITY\\System"
    arguments = task.findtext(".//Exec/Arguments")
    assert "-ExecutionPolicy AllSigned" in arguments
    assert "\\Piste\\mesure-des-postes.ps1') -Share '\\\\fic1.ville.example\\Mesures$'" in arguments
    assert "\"$ErrorActionPreference = 'Stop'; & (" in arguments
    assert SHUTDOWN.replace("'", "''") in arguments
    assert [text for text in ("Bypass", "Unrestricted", "EncodedCommand") if text in arguments] == []
    assert task.findtext(".//CalendarTrigger/RandomDelay") == "PT120M"
    assert task.findtext(".//Settings/WakeToRun") == "false"
    # The program refuses a share that is not its parameter's form.
    pattern = re.search(r"ValidatePattern\('([^']+)'\)", signing.SOURCE.read_text("ascii"))
    assert pattern
    assert re.fullmatch(pattern[1], "\\\\fic1.ville.example\\Mesures$")
    assert not re.fullmatch(pattern[1], "\\\\fic1\\a\\b")


def misplaced(content: bytes) -> bytes:
    return content.replace(b"# SIG # Begin", b"# Begin")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.removeprefix(BOM),
        lambda content: content.replace(b"\r\n", b"\n"),
        lambda content: unsigned(content),
        lambda content: content + b"calc.exe\r\n",
        lambda content: content.replace(b"$version = '1.1'", b"$version = '6.6'"),
        misplaced,
        lambda content: re.sub(rb"(\r\n# )([A-Za-z0-9+/]{60})", rb"\1!\2", content, count=1),
    ],
)
def test_a_file_that_is_not_as_it_was_signed_is_waited_for(folder: Path, spoil: Any) -> None:
    path = folder / f"{MEASURING}.ps1"
    path.write_bytes(spoil(path.read_bytes()))
    item, waits = carried(GPO, str(folder))
    assert waits.startswith("attend « mesure-des-postes » signé")
    assert CARRIED not in item["computer"]["foreign"]


def test_another_publisher_beside_the_program_is_refused(folder: Path, tmp_path: Path) -> None:
    import trustme

    (folder / f"{MEASURING}.pem").write_bytes(trustme.CA().cert_pem.bytes())
    with pytest.raises(Waiting, match="pas celui de sa signature"):
        program(str(folder), MEASURING)


@pytest.mark.parametrize("place", [None, "", "/nulle/part"])
def test_without_a_signature_the_policy_waits_and_says_for_what(place: str | None) -> None:
    item, waits = carried(GPO, place)
    assert waits.startswith("attend ")
    assert item["computer"]["foreign"] == {}


def test_a_changed_body_is_not_that_of_the_signature(folder: Path, lab: Path) -> None:
    """Windows refuses it; here nothing carries it."""
    path = folder / f"{MEASURING}.ps1"
    path.write_bytes(path.read_bytes().replace(b"$version = '1.1'", b"$version = '6.6'"))
    with pytest.raises(Waiting, match="a changé depuis sa signature"):
        signing.outdated(folder)
    with pytest.raises(signing.NotSigned):
        signing.verify(folder, lab / "ca.pem")


def test_a_file_through_a_link_is_not_a_program(folder: Path, tmp_path: Path) -> None:
    path = folder / f"{MEASURING}.ps1"
    moved = path.rename(tmp_path / "ailleurs.ps1")
    path.symlink_to(moved)
    assert "illisible" in carried(GPO, str(folder))[1]


def test_other_policies_are_left_as_they_are() -> None:
    item = {"name": "Autre", "computer": {"foreign": {"a": base64.b64encode(b"b").decode()}}}
    assert carried(item, None) == (item, "")


def on_doctor(state: str, folder: Path) -> list[tuple[str, str]]:
    town = Derived((), "", "", {}, cast(Any, {"computer_measures": {"state": state}}), 12)
    return [(finding.id, finding.state) for finding in findings.program(town, folder)]


def test_doctor_says_if_the_program_is_signed_and_of_this_version(folder: Path, tmp_path: Path) -> None:
    assert on_doctor("pilot", folder) == [("computers.program", "ok")]
    assert on_doctor("off", tmp_path / "nothing") == []
    assert on_doctor("pilot", tmp_path / "nothing") == [("computers.program", "wrong")]
    path = folder / f"{MEASURING}.ps1"
    path.write_bytes(path.read_bytes().replace(b"$version = '1.1'", b"$version = '0.9'"))
    assert on_doctor("enforced", folder) == [("computers.program", "wrong")]
