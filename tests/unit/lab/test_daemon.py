"""The start and the end of the lab's process: slow, failed, killed; what it leaves."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from lab import Lab, cli, daemon, lifeline, replayed
from lab.state import FILLING

_SLOW = """
import fcntl, json, os, pathlib, time
folder = pathlib.Path(os.environ["PISTE_LAB_DIR"])
lock = open(folder / "lab.lock", "a+")
fcntl.flock(lock, fcntl.LOCK_EX)
for part in ("simulators", "zabbix"):
    (folder / "starting.json").write_text(json.dumps(part))
    time.sleep(0.6)
(folder / "info.json").write_text(json.dumps({"meraki": {}}))
time.sleep(30)
"""


_REFUSING = """
import os, pathlib
from lab import daemon
def refusing(*given, **more):
    raise daemon.Refused("rien n’a été pris de cette capture")
daemon.Lab = refusing
folder = pathlib.Path(os.environ["PISTE_LAB_DIR"])
daemon.serve(folder, "empty", folder / "capture")
"""


def with_child(monkeypatch: pytest.MonkeyPatch, text: str) -> list[subprocess.Popen[bytes]]:
    """Give the lab another program, and the processes that it started."""
    started: list[subprocess.Popen[bytes]] = []

    class Process(subprocess.Popen[bytes]):
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more)
            started.append(self)

    monkeypatch.setattr(daemon, "_command", lambda seed, capture: [sys.executable, "-c", text])
    monkeypatch.setattr(daemon.subprocess, "Popen", Process)
    return started


def test_a_start_is_waited_for_as_long_as_its_process_lives_and_names_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon, "PATIENCE", 0.1)
    started, parts = with_child(monkeypatch, _SLOW), list[str]()
    try:
        assert daemon.start(tmp_path, "empty", parts.append) == {"meraki": {}}
    finally:
        started[0].kill()
        started[0].wait()
    assert parts == ["simulators", "zabbix"]


@pytest.mark.parametrize(
    ("text", "how", "log"),
    [
        ("raise SystemExit('la base manque')", "(code 1)", "la base manque"),
        ("import os; os.kill(os.getpid(), 9)", "(signal 9)", "rien : il a été arrêté avant de rien écrire"),
    ],
)
def test_a_start_that_fails_shows_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, how: str, log: str
) -> None:
    with_child(monkeypatch, text)
    with pytest.raises(daemon.LabError) as said:
        daemon.start(tmp_path, "empty")
    assert how in str(said.value)
    assert log in str(said.value)


def test_a_refused_capture_starts_no_lab_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_child(monkeypatch, _REFUSING)
    with pytest.raises(daemon.LabError) as said:
        daemon.start(tmp_path, "empty", capture=tmp_path / "capture")
    assert str(said.value) == "Le laboratoire refuse : rien n’a été pris de cette capture."
    assert not (tmp_path / "info.json").exists()
    assert not daemon.running(tmp_path)


def test_another_fault_of_a_start_is_no_refusal_of_the_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_child(monkeypatch, _REFUSING.replace("daemon.Refused(", "ValueError("))
    with pytest.raises(daemon.LabError, match="n’a pas démarré") as said:
        daemon.start(tmp_path, "empty", capture=tmp_path / "capture")
    assert "ValueError: rien n’a été pris" in str(said.value)


def test_a_lab_from_a_capture_begins_without_what_a_killed_start_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_child(monkeypatch, _REFUSING)
    for left in ("ad/state.tar.zst", "zabbix/pg/base", "nexus/configurations.json", "nut/captured.json"):
        (tmp_path / left).parent.mkdir(parents=True)
        (tmp_path / left).touch()
    with pytest.raises(daemon.LabError):
        daemon.start(tmp_path, "empty")
    assert (tmp_path / "ad/state.tar.zst").exists()
    with pytest.raises(daemon.LabError):
        daemon.start(tmp_path, "empty", capture=tmp_path / "capture")
    assert [path for path in tmp_path.rglob("*/*") if path.is_file()] == []
    assert not (tmp_path / "zabbix/pg").exists()


def test_a_lab_that_is_filled_says_where_it_listens_once_it_is_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / name for name in ("filling.json", "info.json", "state.json")]
    monkeypatch.setenv(FILLING, "1")
    with Lab(folder=tmp_path, others=()) as lab:
        lab.save()
        assert [path.exists() for path in files] == [True, False, False]
        lab.open()
        assert [path.exists() for path in files] == [False, True, True]
    assert not (tmp_path / "info.json").exists()


def test_a_lab_that_is_filled_answers_its_filler_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILLING, "1")
    with Lab(folder=tmp_path, endpoints=True, others=("glpi",)) as lab:
        known = urlsplit(lab.info["glpi"]["http_url"])
        api = f"{known.path}/api.php"
        assert _answered(known.netloc, api) == 200
        for place in ("/api.php", known.path, f"{known.path}x/api.php", "/_lab/ping"):
            with pytest.raises(http.client.RemoteDisconnected):
                _answered(known.netloc, place)
        assert "certificates" not in lab.info
        lab.open()
        assert lab.info["glpi"]["http_url"] == f"http://{known.netloc}"
        assert _answered(known.netloc, "/api.php") == 200
        assert "certificates" in daemon.read_json(tmp_path / "info.json")
    assert not list(tmp_path.glob("*info*"))


def _answered(place: str, path: str) -> int:
    connection = http.client.HTTPConnection(place, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_lab_that_was_not_filled_has_no_state_and_the_next_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FILLING, "1")
    with Lab(folder=tmp_path, others=()):
        (tmp_path / "secrets.lock.yml").touch()
    monkeypatch.delenv(FILLING)
    assert not (tmp_path / "state.json").exists()
    with_child(monkeypatch, "raise SystemExit")
    with pytest.raises(daemon.LabError):
        daemon.start(tmp_path, "empty")
    assert not (tmp_path / "filling.json").exists()
    assert not (tmp_path / "secrets.lock.yml").exists()


def test_a_lab_that_another_fills_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "filling.json").write_text("{}")
    monkeypatch.setattr(daemon, "running", lambda folder: True)
    with pytest.raises(daemon.LabError, match="encore rejoué"):
        daemon.start(tmp_path, "empty")
    # Of two commands at once, the second neither fills nor stops the lab of the first.
    (tmp_path / "filling.json").unlink()
    monkeypatch.setattr(daemon, "stop", lambda folder: pytest.fail("stopped"))
    with pytest.raises(daemon.LabError, match="encore rejoué"), replayed.filling(tmp_path):
        daemon.start(tmp_path, "empty")


def test_a_bag_that_is_not_replayed_to_its_end_leaves_no_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped, asked = list[Path](), list[str]()
    monkeypatch.setattr(daemon, "stop", stopped.append)
    monkeypatch.setattr(daemon, "ask", lambda folder, command: asked.append(command))
    with replayed.filling(tmp_path):
        assert os.environ[FILLING]
    assert (asked, stopped) == (["open"], [])
    with pytest.raises(KeyboardInterrupt), replayed.filling(tmp_path):
        raise KeyboardInterrupt
    assert (asked, stopped) == (["open"], [tmp_path])
    assert FILLING not in os.environ


def test_a_program_that_a_lab_left_is_found_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    orphans = [
        subprocess.Popen([sys.executable, "-c", deaf], env={lifeline.MARK: str(folder)}, stdout=subprocess.PIPE)
        for folder in (tmp_path, tmp_path / "autre")
    ]
    for orphan in orphans:
        assert orphan.stdout is not None
        orphan.stdout.readline()
    try:
        # A process that nobody waits for stays in the list of the system.
        threading.Thread(target=orphans[0].wait, daemon=True).start()
        monkeypatch.setattr(lifeline.end_leftovers, "__defaults__", (0.3,))
        result = CliRunner().invoke(cli.main, ["down"])
        assert "n’était pas démarré" in result.output
        assert "Arrêtés aussi, d’un laboratoire interrompu : python" in result.output
        assert (orphans[0].wait(5), orphans[1].poll()) == (-9, None)
    finally:
        for orphan in orphans:
            orphan.kill()


def test_the_programs_of_a_shell_that_is_killed_end_with_it(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", lifeline.MARK: str(tmp_path)}
    shell = lifeline.begin({"sleeper": ["sleep", "60"]}, tmp_path, environment)
    for _ in range(200):
        if "sleep" in lifeline.leftovers(tmp_path).values():
            break
        time.sleep(0.05)
    shell.kill()
    shell.wait()
    assert shell.stdin is not None
    for _ in range(100):
        if "sleep" not in lifeline.leftovers(tmp_path).values():
            break
        time.sleep(0.05)
    assert "sleep" not in lifeline.leftovers(tmp_path).values()
    shell.stdin.close()


def test_a_save_that_fails_is_shown_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [RuntimeError("dictionary changed size during iteration")]
    save = Lab.save

    def failing(self: Lab) -> None:
        if faults and "meraki" in self.info:
            raise faults[0]
        save(self)

    monkeypatch.setattr(Lab, "save", failing)
    monkeypatch.setattr("lab.instance.SAVE_EVERY", 0.02)
    with Lab(others=(), folder=tmp_path) as lab:
        _until(lambda: "dictionary changed size" in (daemon.read_json(tmp_path / "info.json") or {}).get("unsaved", ""))
        faults.clear()
        _until(lambda: daemon.read_json(tmp_path / "info.json")["unsaved"] == "")
        _until((tmp_path / "state.json").exists)
        assert lab.info["unsaved"] == ""
    assert not (tmp_path / "info.json").exists()


def test_what_is_saved_of_the_windows_servers_no_longer_changes() -> None:
    with Lab(others=("winrm",)) as lab:
        winrm: Any = lab.systems["winrm"]
        name, machine = next(iter(winrm.simulator.machines.items()))
        saved = winrm.state()
        machine.state["services"]["Essai"] = True
        assert "Essai" not in saved[name]["services"]


def _until(state: Any) -> None:
    for _ in range(400):
        if state():
            return
        time.sleep(0.02)
    pytest.fail("it never came")


def test_a_part_whose_packages_came_after_the_start_asks_to_stop_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    reason = "Zabbix manque : sudo apt-get install zabbix"
    meraki = dict.fromkeys(("url", "http_url", "organization_id"), "x")
    described = {"meraki": meraki, "ca_file": "ca.pem", "absent": {"zabbix": reason}}
    monkeypatch.setattr(cli, "_refresh", lambda folder, required: None)
    monkeypatch.setattr(daemon, "running", lambda folder: True)
    monkeypatch.setattr(daemon, "start", lambda folder, seed, tell, capture: described)
    monkeypatch.setattr(daemon, "ask", lambda folder, verb, **given: None)
    for obstacle, shown in (("", "Arrêtez d’abord le laboratoire"), ("il manque php", reason)):
        monkeypatch.setattr("lab.zabbix.host.obstacle", lambda said=obstacle: said)
        result = CliRunner().invoke(cli.main, ["up"])
        assert result.exit_code == 0, result.output
        assert shown in result.output
        assert (reason in result.output) == bool(obstacle)
