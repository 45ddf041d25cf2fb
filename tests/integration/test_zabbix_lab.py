"""Zabbix in the lab: several at once, kept between starts, nothing left of a killed lab."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.instance import Lab
from lab.zabbix import host
from tests.support.zabbix import Watched

_LIVES = """
import sys, time
from pathlib import Path
from lab.instance import Lab
with Lab(tls=True, zabbix="whole", others=(), folder=Path(sys.argv[1])) as lab:
    print("up", flush=True)
    time.sleep(600)
"""


def processes(folder: Path) -> list[str]:
    """List the processes that work in the lab's folder."""
    there = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                there.append((process / "cmdline").read_text("utf-8").replace("\0", " "))
        except OSError:
            continue
    return there


def test_a_killed_lab_leaves_no_process(tmp_path: Path) -> None:
    started = subprocess.Popen(
        [sys.executable, "-c", _LIVES, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "up\n"
    names = " ".join(processes(tmp_path))
    assert all(name in names for name in ("zabbix_server", "php", "postgres"))
    started.send_signal(signal.SIGKILL)
    started.wait()
    started.stdout.close()
    for _ in range(200):
        if not processes(tmp_path):
            break
        time.sleep(0.05)
    assert processes(tmp_path) == []


def test_two_labs_live_at_once_and_a_state_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with Lab(tls=True, zabbix="api", others=(), folder=kept) as lab:
        Watched(lab, tmp_path).api("hostgroup.create", {"name": "Gardé"})
        with Lab(tls=True, zabbix="api", others=(), folder=tmp_path / "other") as other:
            assert other.info["zabbix"]["url"] != lab.info["zabbix"]["url"]
            assert Watched(other, tmp_path).api("hostgroup.get", {"filter": {"name": "Gardé"}}) == []
        token = lab.info["zabbix"]["token"]
    assert processes(tmp_path) == []
    with Lab(tls=True, zabbix="api", others=(), folder=kept) as lab:
        zabbix = Watched(lab, tmp_path)
        assert len(zabbix.api("hostgroup.get", {"filter": {"name": "Gardé"}})) == 1
        assert lab.info["zabbix"]["token"] == token
        lab.reset()
        assert zabbix.api("hostgroup.get", {"filter": {"name": "Gardé"}}) == []


def test_a_machine_without_its_packages_has_a_lab_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.zabbix.host.COMMANDS", ("un-programme-absent",))
    host.obstacle.cache_clear()
    with Lab(zabbix="api", others=(), folder=tmp_path) as lab:
        assert "zabbix" not in lab.info
        said = lab.info["absent"]["zabbix"]
    host.obstacle.cache_clear()
    assert "il manque à cette machine un-programme-absent" in said
    assert "zabbix-server-pgsql" in said


def test_the_password_of_the_factory_opens_nothing(tmp_path: Path) -> None:
    with Lab(tls=True, zabbix="api", others=(), folder=tmp_path / "lab") as lab:
        front = lab.systems["zabbix"].simulator
        call = b'{"jsonrpc":"2.0","method":"user.login","params":{"username":"Admin","password":"zabbix"},"id":1}'
        answer = front.straight(call, {"Content-Type": "application/json"}).json()  # type: ignore[attr-defined]
        assert "error" in answer
