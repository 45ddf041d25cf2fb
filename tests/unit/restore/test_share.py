"""A share restored from a real repository of restic, and every way in which it cannot be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.backups import SECRET, SET, STORE, Backups, obstacle
from piste.engine.converge.errors import Misused
from piste.readings.protection.kept import SUBJECT
from piste.systems.restic import client
from piste.systems.restic.client import Repository
from piste.systems.restic.copies import MODULES, read
from piste.trials.restore.method import Refused
from piste.trials.restore.results import RestoreResult
from piste.trials.restore.run import Given, check, run
from piste.trials.restore.state import folder, left_open
from tests.support import frozen
from tests.support.restores import KEY, TEST

PASSWORD = "mot-de-passe-du-lab"
of_today = frozen.by_the_real_clock("restic")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Backups:
    """A share of four services, and one copy of it; never changed."""
    assert obstacle() == ""
    return Backups(tmp_path_factory.mktemp("restic"), PASSWORD).start()


@pytest.fixture
def backups(filled: Backups, tmp_path: Path) -> Backups:
    """A copy of the share and its repository, which a test may change."""
    shutil.copytree(filled.repository.parent, tmp_path / "sauvegardes")
    return Backups(tmp_path / "sauvegardes", PASSWORD)


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_RESTORES_DIR", str(tmp_path / "restores"))


def given(backups: Backups, **more: Any) -> Given:
    return Given("lab", options={"restic": dict(backups.info)}, secrets={**KEY, **backups.secrets}, **more)


def refusal(backups: Backups, **more: Any) -> str:
    with pytest.raises(Refused) as said:
        run(TEST, given(backups, **more))
    assert left_open("lab") == []
    return str(said.value)


def restored(backups: Backups) -> RestoreResult:
    result, place = run(TEST, given(backups))
    assert [path.name for path in place.parent.iterdir() if path.name.startswith("work")] == []
    return result


def damage(repository: Path) -> None:
    """Change bytes all along each pack of data, so that no file of it is whole."""
    for pack in (repository / "data").rglob("*"):
        if pack.is_file():
            raw = bytearray(pack.read_bytes())
            raw[::100] = bytes(byte ^ 0xFF for byte in raw[::100])
            pack.chmod(0o600)
            pack.write_bytes(raw)


@of_today
def test_a_sample_comes_back_identical_and_the_password_is_on_no_command_line(
    backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    real = subprocess.Popen

    def watched(command: list[str], **options: Any) -> Any:
        if command[0].endswith("restic"):
            seen.append((command, options["env"]))
        return real(command, **options)

    monkeypatch.setenv("RESTIC_PASSWORD", "d’un autre dépôt")
    monkeypatch.setattr(client.subprocess, "Popen", watched)
    result = restored(backups)
    assert (result.outcome, result.reason) == ("proven", "")
    assert [test.observed for test in result.tests] == [
        "20 fichiers sur 20", "20 identiques, 0 différentes, 0 fichiers changés depuis"
    ]  # fmt: skip
    assert result.copied is not None
    assert result.copied["store"] == STORE
    assert len(seen) == 4
    assert PASSWORD not in str(seen)
    assert all("RESTIC_PASSWORD" not in environment for _, environment in seen)


@of_today
def test_a_file_changed_since_the_copy_is_not_compared(backups: Backups) -> None:
    for path in backups.share.rglob("*.txt"):
        path.write_text("autre chose")
    result = restored(backups)
    assert (result.outcome, result.tests[1].verdict) == ("unknown", "unknown")
    assert "20 fichiers changés depuis" in result.tests[1].observed


@of_today
def test_a_share_that_lies_about_its_dates_is_noticed(backups: Backups) -> None:
    """A ransomware that encrypts in place, and puts size and date back."""
    for path in backups.share.rglob("*.txt"):
        status = path.stat()
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    result = restored(backups)
    assert result.outcome == "failed"
    assert result.tests[1].observed.startswith("0 identiques, 20 différentes")


def test_a_damaged_repository_is_refused(backups: Backups) -> None:
    damage(backups.repository)
    assert "le dépôt restic est abîmé" in refusal(backups)


@pytest.mark.story
@of_today
def test_a_repository_damaged_between_its_verification_and_the_restore_fails(
    backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sound(self: Repository, subset: str) -> str:
        damage(backups.repository)
        return ""

    files = [*Repository.of(backups.info[STORE], backups.secrets).files("latest")]
    monkeypatch.setattr(Repository, "check", sound)
    monkeypatch.setattr(Repository, "files", lambda self, snapshot: iter(files))
    result = restored(backups)
    assert (result.outcome, result.steps[1].step) == ("failed", "restore")


def test_a_copy_older_than_its_rpo_is_refused(backups: Backups) -> None:
    assert "plus que les 24 de son RPO" in refusal(backups, now=lambda: datetime.now(UTC) + timedelta(hours=30))


def test_without_room_nothing_is_restored(backups: Backups, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage._replace(free=1000))
    assert "il manque de la place" in refusal(backups)


def test_a_set_without_a_copy_or_without_a_repository_is_refused(backups: Backups) -> None:
    other = {**TEST, "set": "autre"}
    with pytest.raises(Refused, match="n’a aucune copie de autre"):
        run(other, given(backups))
    with pytest.raises(Refused, match="aucun dépôt restic n’est donné"):
        run(TEST, replace(given(backups), options={}))
    with pytest.raises(Refused, match="aucun dépôt restic n’est donné"):
        run({**TEST, "store": "ailleurs"}, given(backups))


def test_a_wrong_password_is_an_error_and_an_absent_repository_unknown(backups: Backups, tmp_path: Path) -> None:
    option = backups.info[STORE]
    with pytest.raises(Misused, match="n’ouvre pas"):
        check(TEST, replace(given(backups), secrets={SECRET: "faux"}))
    gone = read(STORE, {**option, "repository": str(tmp_path / "rien")}, backups.secrets, [SET])
    assert gone["unknown"] is not None
    assert "ne s’ouvre pas" in gone["unknown"]


def test_the_store_is_read_as_a_seam_that_protection_takes(backups: Backups) -> None:
    options = {"restic": backups.info, "secrets": backups.secrets, "store": STORE, "sets": [SET, "autre"]}
    answer = MODULES["restic_copies"].run(options, False)
    copies = SUBJECT.parsed(json.dumps(answer["reading"]["copies"]).encode())
    assert [(copy["set"], copy["state"]) for copy in copies] == [(SET, "complete")]
    assert (copies[0]["size_bytes"] or 0) > 0


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b'[{"id": 3, "time": "x"}]', b'[{"id": "a", "time": "hier"}]',
                                    b'[{"id": "a", "time": "2026-11-28T08:00:00"}]'])  # fmt: skip
def test_an_answer_without_sense_is_unknown(backups: Backups, monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    monkeypatch.setattr(Repository, "_run", lambda self, *words: answer)
    made = read(STORE, backups.info[STORE], backups.secrets, [SET])
    assert made["unknown"] is not None
    assert made["copies"] == []


@pytest.mark.parametrize(("summary", "state"), [({"total_files_processed": 0}, "unknown"), ("x", "complete")])
def test_a_snapshot_of_nothing_is_no_copy(monkeypatch: pytest.MonkeyPatch, summary: Any, state: str) -> None:
    """A share that was not mounted gives it; a summary without sense says nothing."""
    answer = [{"id": "a", "time": "2026-11-28T08:00:00Z", "summary": summary}]
    monkeypatch.setattr(Repository, "_run", lambda self, *words: json.dumps(answer).encode())
    made = read(STORE, {"repository": "/r", "password": "p"}, {"p": "p"}, [SET])
    assert [copy["state"] for copy in made["copies"]] == [state]


@pytest.fixture
def killed() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


@of_today
def test_a_test_killed_by_a_signal_leaves_nothing_after_the_next(
    backups: Backups, killed: list[subprocess.Popen[bytes]]
) -> None:
    """A process of its own dies by SIGKILL; the next removes what it restored."""
    import sys

    secrets = {**KEY, **backups.secrets}
    program = (
        "import os, signal\n"
        "from piste.systems.restic.client import Repository\n"
        "from tests.unit.restore.test_share import TEST, Given, run\n"
        "real = Repository.restore\n"
        "def die(self, *words):\n"
        "    real(self, *words)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "Repository.restore = die\n"
        f"run(TEST, Given('lab', options={{'restic': {dict(backups.info)!r}}}, secrets={secrets!r}))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    killed.append(process)
    assert process.wait(60) == -9
    assert len(left_open("lab")) == 1
    assert [path for path in folder("lab").glob("*/work-*") if any(path.iterdir())]
    assert restored(backups).outcome == "proven"
    assert left_open("lab") == []
    assert [*folder("lab").glob("*/work-*")] == []
