"""Zabbix in the lab: several at once, kept between starts, nothing left of a killed lab."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.instance import Lab
from lab.state import FILLING
from lab.zabbix import host
from piste.systems.zabbix.api import Zabbix
from tests.support.zabbix import Watched, watched

_LIVES = """
import sys, time
from pathlib import Path
from lab.instance import Lab
with Lab(tls=True, zabbix="whole", supplies=True, others=(), folder=Path(sys.argv[1])) as lab:
    print("up", flush=True)
    time.sleep(600)
"""


def processes(folder: Path) -> dict[str, str]:
    """Give the command of each process that works in the lab's folder, by its id."""
    there = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                there[process.name] = (process / "cmdline").read_text("utf-8").replace("\0", " ")
        except OSError:
            continue
    return there


def of_the_server(folder: Path) -> list[str]:
    return [id_ for id_, command in processes(folder).items() if command.startswith("zabbix_server")]


def test_a_killed_lab_leaves_no_process(tmp_path: Path) -> None:
    started = subprocess.Popen(
        [sys.executable, "-c", _LIVES, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "up\n"
    wanted = ("zabbix_server", "php", "postgres", "upsd", "dummy-ups")
    for _ in range(200):
        names = " ".join(processes(tmp_path).values())
        if all(name in names for name in wanted) and of_the_server(tmp_path):
            break
        time.sleep(0.05)
    assert [name for name in wanted if name not in names] == []
    networks = {os.readlink(f"/proc/{process}/ns/net") for process in of_the_server(tmp_path)}
    assert len(networks) == 1
    assert os.readlink("/proc/self/ns/net") not in networks
    started.send_signal(signal.SIGKILL)
    started.wait()
    started.stdout.close()
    for _ in range(600):  # the lab lets its parts end for 15 s before it kills them
        if not processes(tmp_path):
            break
        time.sleep(0.05)
    assert processes(tmp_path) == {}


def test_two_labs_live_at_once_and_a_state_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with Lab(tls=True, zabbix="api", others=(), folder=kept) as lab:
        Watched(lab, tmp_path).api("hostgroup.create", {"name": "Gardé"})
        with Lab(tls=True, zabbix="api", others=(), folder=tmp_path / "other") as other:
            assert other.info["zabbix"]["url"] != lab.info["zabbix"]["url"]
            assert Watched(other, tmp_path).api("hostgroup.get", {"filter": {"name": "Gardé"}}) == []
        token = lab.info["zabbix"]["token"]
    assert processes(tmp_path) == {}
    with Lab(tls=True, zabbix="api", others=(), folder=kept) as lab:
        zabbix = Watched(lab, tmp_path)
        assert len(zabbix.api("hostgroup.get", {"filter": {"name": "Gardé"}})) == 1
        assert lab.info["zabbix"]["token"] == token
        lab.reset()
        assert zabbix.api("hostgroup.get", {"filter": {"name": "Gardé"}}) == []


def test_a_zabbix_that_is_filled_answers_its_filler_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILLING, "1")
    with Lab(zabbix="whole", others=(), folder=tmp_path) as lab:
        known, front = lab.info["zabbix"], lab.systems["zabbix"].simulator
        place = front.place  # type: ignore[attr-defined]
        assert place[0] != "127.0.0.1"
        assert Watched(lab, tmp_path).api("hostgroup.get", {"countOutput": True})
        for port in (place[1], known["server_port"]):
            assert socket.socket().connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
        assert of_the_server(tmp_path) == []
        lab.open()
        assert lab.info["zabbix"]["server_port"] == known["server_port"]
        socket.create_connection(("127.0.0.1", known["server_port"]), 5).close()
        for _ in range(200):
            if of_the_server(tmp_path):
                break
            time.sleep(0.05)
        assert of_the_server(tmp_path)


def test_a_machine_without_its_packages_has_a_lab_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.zabbix.host.COMMANDS", ("un-programme-absent",))
    host.obstacle.cache_clear()
    with Lab(zabbix="api", others=(), folder=tmp_path) as lab:
        assert "zabbix" not in lab.info
        said = lab.info["absent"]["zabbix"]
    host.obstacle.cache_clear()
    assert "il manque à cette machine un-programme-absent" in said
    assert "zabbix-server-pgsql" in said


def test_the_password_of_the_factory_opens_nothing(opened: Watched) -> None:
    front = opened.lab.systems["zabbix"].simulator
    call = b'{"jsonrpc":"2.0","method":"user.login","params":{"username":"Admin","password":"zabbix"},"id":1}'
    answer = front.straight(call, {"Content-Type": "application/json"}).json()  # type: ignore[attr-defined]
    assert "error" in answer


@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.story), "during", "after"])
def test_a_run_killed_by_a_signal_is_finished_by_another(tmp_path: Path, moment: str, opened: Watched) -> None:
    """SIGKILL at a write: before it is sent, while it waits, once it is answered."""
    groups = [{"name": f"{moment} {number}"} for number in range(3)]
    process = os.fork()
    if not process:
        _die_at_a_write(opened, moment, groups)
    _, status = os.waitpid(process, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    # What the server was doing at that moment, it ends by itself.
    for _ in range(40 if moment == "during" else 0):
        if opened.api("hostgroup.get", {"filter": {"name": groups[0]["name"]}}):
            break
        time.sleep(0.05)
    made = opened.run("host_groups", groups)["operations"]
    assert len(made) in {"before": (3,), "during": (0, 3), "after": (0,)}[moment]
    assert opened.run("host_groups", groups)["operations"] == []


def _die_at_a_write(zabbix: Watched, moment: str, groups: list[dict[str, str]]) -> None:
    call = Zabbix.call

    def dying(self: Zabbix, method: str, params: Any) -> Any:
        if method != "hostgroup.create":
            return call(self, method, params)
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        if moment == "during":
            threading.Timer(0.005, os.kill, (os.getpid(), signal.SIGKILL)).start()
        result = call(self, method, params)
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    Zabbix.call = dying  # type: ignore[method-assign]
    try:
        zabbix.run("host_groups", groups)
    finally:
        os._exit(1)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("signals")) as zabbix:
        yield zabbix
