"""Journals that cannot be written, by plain Ansible and by `piste`: nothing is written."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from piste.commands.output import EXIT
from piste.runs.records.journal import latest, verify
from tests.support.playbooks import REPOSITORY, Played, console
from tests.support.terminal import Terminal

SITE = "ecole-jaures"
SERIAL = "QZZZ-0005-0001"
NO_RECORDER = {"ANSIBLE_CALLBACKS_ENABLED": "timer"}
UNIT = ("playbooks/power_hours.yml", "--check")
WAIVED = {"piste_without_journal": "Mme Diallo : disque plein, panne à la cantine"}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with console(tmp_path_factory.mktemp("trace")) as opened:
        done = opened.play("playbooks/site.yml", "-l", SITE)
        assert done.code == 0, done.said
        yield Terminal(opened)


@pytest.fixture
def moved(terminal: Terminal) -> Terminal:
    """Have one port to change."""
    terminal.edit(f"/devices/{SERIAL}/switch/ports/2", vlan=99)
    terminal.console.lab.calls.clear()
    return terminal


@contextmanager
def small_disk(place: Path, *, full: bool = False, read_only: bool = False) -> Iterator[dict[str, str]]:
    """Mount a disk of 64 KiB for the journal; `full` leaves no byte on it."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)], check=True)
    try:
        if full:
            fill(place)
        if read_only:
            subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        yield {"PISTE_JOURNAL_DIR": str(place / "journal")}
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(place: Path) -> None:
    """Take the last byte of a disk.

    A machine that does not keep to the size of a disk of memory would be filled: the test fails there instead.
    """
    with pytest.raises(OSError, match="No space left"):
        (place / "rest").write_bytes(bytes(2**20))


def site(terminal: Terminal, environment: dict[str, str], *options: str, **variables: Any) -> tuple[Played, str]:
    extra = ("-e", json.dumps(variables, ensure_ascii=False)) if variables else ()
    played = terminal.console.play("playbooks/site.yml", "-l", SITE, *options, *extra, **environment)
    return played, " ".join(played.said.split()).replace("''", "'")


@pytest.mark.parametrize(
    ("disk", "why"),
    [
        ({"read_only": True}, "Read-only file system"),
        # A disk that fills up in the middle of a run is below.
        pytest.param({"full": True}, "No space left on device", marks=pytest.mark.story),
    ],
)
def test_a_journal_that_cannot_be_written_stops_every_write_and_what_reads_goes_on_and_says_so(
    moved: Terminal, tmp_path: Path, disk: dict[str, bool], why: str
) -> None:
    with small_disk(tmp_path / "disk", **disk) as journal:
        planned = moved.piste("plan", SITE, **journal)
        assert (planned.code, moved.writes) == (EXIT["changes"], [])
        assert "n’est pas, ou pas toute, au journal" in planned.err
        read, said = site(moved, journal, "--check")
        assert (read.code, moved.writes) == (1, [])
        assert "to_change" in said or "changed=1" in said
        assert "n’est pas, ou pas toute, au journal" in said
        played, said = site(moved, journal)
        assert (played.code == 0, moved.writes) == (False, [])
        assert "PISTE-E037" in said
        assert why in said
        applied = moved.piste("apply", planned.plan_id, "--yes", **journal)
        assert (applied.code, moved.writes) == (EXIT["refused"], [])
        assert "PISTE-E037 ce qui serait écrit ne laisserait pas de trace au journal. /" in applied.err
        assert "Rien de plus n’a été écrit." in applied.err
    assert moved.piste("apply", planned.plan_id, "--yes").code == 0


@pytest.mark.parametrize("how", ["ANSIBLE_CALLBACKS_ENABLED", pytest.param("ansible.cfg", marks=pytest.mark.story)])
def test_a_run_without_the_recorder_writes_nothing(moved: Terminal, tmp_path: Path, how: str) -> None:
    other = tmp_path / "ansible.cfg"
    other.write_text((REPOSITORY / "ansible.cfg").read_text("utf-8").replace("= piste_record", "= timer"), "utf-8")
    for name in ("library", "roles", "inventories", *(path.name for path in REPOSITORY.glob("*_plugins"))):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    environment = {how: "timer"} if how.startswith("ANSIBLE") else {"ANSIBLE_CONFIG": str(other)}
    played, said = site(moved, environment)
    assert (played.code == 0, moved.writes) == (False, [])
    assert "PISTE-E037" in said
    assert "piste_record" in said


@pytest.mark.parametrize(
    "playbook", [("playbooks/site.yml", "-l", SITE, "--check"), pytest.param(UNIT, marks=pytest.mark.story)]
)
def test_what_reads_without_the_recorder_goes_on_says_so_and_is_no_success(
    moved: Terminal, playbook: tuple[str, ...]
) -> None:
    """As a person and a timer run it."""
    played = moved.console.play(*playbook, **NO_RECORDER)
    said = " ".join(played.said.split()).replace("''", "'")
    assert "n’est pas, ou pas toute, au journal" in said
    assert (played.code, moved.writes, moved.console.run_folders) == (1, [], [])
    waived = moved.console.play(*playbook, "-e", json.dumps(WAIVED), **NO_RECORDER)
    assert waived.code == 0, waived.said


@pytest.mark.parametrize("verb", [pytest.param("plan", marks=pytest.mark.story), "drift"])
def test_what_a_verb_reads_without_the_recorder_is_said(moved: Terminal, verb: str) -> None:
    read = moved.piste(verb, SITE, **NO_RECORDER)
    assert read.code == EXIT["changes"]
    assert "n’est pas, ou pas toute, au journal" in read.err


@pytest.mark.parametrize("recorder", [pytest.param({}, marks=pytest.mark.story), NO_RECORDER])
def test_a_reason_without_its_name_waives_nothing_of_a_run_that_only_reads(
    moved: Terminal, recorder: dict[str, str]
) -> None:
    """A journal that cannot be written is below."""
    read, said = site(moved, recorder, "--check", piste_without_journal="disque plein")
    assert (read.code != 0, moved.writes) == (True, [])
    assert "piste_without_journal doit dire qui en décide et pourquoi" in said


def ports(*numbers: int) -> dict[str, Any]:
    config = [{"serial": SERIAL, "port_id": str(number), "vlan": 98} for number in numbers]
    place = {"dashboard": "{{ piste_meraki }}", "network": f"VLB {SITE}", "owner": SITE}
    return {"meraki_switch_ports": {**place, "config": config}}


@pytest.mark.parametrize(
    "lost", ["head -c 4M /dev/zero > {}/rest", pytest.param("mv {}/journal {}/elsewhere", marks=pytest.mark.story)]
)
def test_a_journal_that_is_lost_in_the_middle_stops_before_the_next_object(
    moved: Terminal, tmp_path: Path, lost: str
) -> None:
    with small_disk(tmp_path / "disk") as journal:
        tasks = [
            {"name": "un", **ports(2)},
            {"name": "perdu", "ansible.builtin.shell": {"cmd": lost.format(*[tmp_path / "disk"] * 2)}},
            # The line of many ports is longer than what is left of the last page of a full disk.
            {"name": "deux", **ports(*range(3, 20))},
        ]
        played = moved.console.tasks(tasks, **journal)
        assert [path for _, path, _ in moved.writes] == [f"/api/v1/devices/{SERIAL}/switch/ports/2"], played.said
        assert "PISTE-E037 ce qui serait écrit ne laisserait pas de trace" in played.saved["deux"]["msg"]
        assert played.code == 1
        folder = Path(journal["PISTE_JOURNAL_DIR"])
        for path, back in ((tmp_path / "disk/rest", None), (tmp_path / "disk/elsewhere", folder)):
            if path.exists():
                path.rename(back) if back else path.unlink()
        assert verify(folder) == []
        site(moved, journal, "--check", "--tags", "none")
        assert verify(folder) == []
        first = latest(folder)[0]
        assert first["outcome"] == "killed"
        assert [done["label"] for task in first["tasks"] for done in task["operations"]] == ["sw-jau-01/2"]


def test_who_decides_and_why_write_without_a_journal_and_the_next_record_says_it(
    moved: Terminal, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", read_only=True) as journal:
        for check in ((), ("--check",)):
            refused, said = site(moved, journal, *check, piste_without_journal="disque plein")
            assert (refused.code == 0, moved.writes) == (False, [])
            assert "piste_without_journal doit dire qui en décide et pourquoi" in said
        played, said = site(moved, journal, **WAIVED)
        assert played.code == 0
        assert len(moved.writes) == 1
        assert "écrit sans trace au journal" in said
    site(moved, {}, "--check", "--tags", "none")
    record = latest(Path(moved.environment["PISTE_JOURNAL_DIR"]))[-1]
    assert WAIVED["piste_without_journal"] in record["unrecorded"][0]
