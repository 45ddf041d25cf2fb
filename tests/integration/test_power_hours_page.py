"""The pages of the hours and of the capacity show the true output of their commands in turn."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.hosting import PrismWorld, converge
from tests.support.playbooks import REPOSITORY, Console, console

pytestmark = pytest.mark.story

PAGE = REPOSITORY / "docs" / "horaires-machines.md"
CAPACITY = REPOSITORY / "docs" / "capacite-energie.md"
BLOCK = re.compile(r"```console\n\$ (ansible-playbook .*)\n((?:.*\n)*?)```")
UNITS = REPOSITORY / "contrib" / "systemd"
EVENING = datetime(2026, 11, 24, 22, 5, tzinfo=ZoneInfo("Europe/Paris")).timestamp()
FOLLOWERS = ("hdv-rct1", "hdv-img1")


def at(opened: Console, moment: float) -> None:
    opened.lab.clock.advance(moment - opened.lab.clock.now())


def simulator(opened: Console) -> Any:
    return opened.lab.systems["prism"].simulator


def states(opened: Console) -> list[str]:
    return [simulator(opened).world.named("Vm", name)["powerState"] for name in FOLLOWERS]


def said(text: str) -> str:
    """Return what a playbook said, without its line breaks and quotes."""
    return " ".join(text.replace("''", "'").split())


def unit(name: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read(UNITS / name, encoding="utf-8")
    return parsed


def test_the_pages_show_what_the_commands_say(tmp_path: Path) -> None:
    with console(tmp_path) as opened:
        prism = simulator(opened)
        prism.behaviour.set(rate_limit=None, task_seconds=0.02, shutdown_seconds=0)
        made = PrismWorld(tmp_path)
        converge(made)
        prism.reset(made.simulator.world)
        for name in FOLLOWERS:
            prism.edit("POST", f"vmm/ahv/config/vms/{prism.world.named('Vm', name)['extId']}/$actions/power-on")
        blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
        seen = []
        for command, shown in blocks:
            at(opened, EVENING)
            played = opened.play(*shlex.split(command)[1:])
            assert played.code == 0, played.said
            missing = [line for line in shown.splitlines() if line not in said(played.said)]
            assert missing == [], played.said
            seen.append(states(opened))
        asleep, running = ["OFF"] * 2, ["ON"] * 2
        assert seen == [running, asleep, running, running]

        at(opened, EVENING)
        (command, shown), *rest = BLOCK.findall(CAPACITY.read_text(encoding="utf-8"))
        played = opened.play(*shlex.split(command)[1:], "-e", f"piste_report={tmp_path}")
        assert [line for line in shown.splitlines() if line not in said(played.said)] == [], played.said
        ((command, shown),) = rest
        assert (opened.play(*shlex.split(command)[1:]).code, shown) == (0, "")
        names = ("capacite.json", "capacite-machines.csv", "capacite-noeuds.csv")
        assert all((tmp_path / name).stat().st_size > 200 for name in names)

        # The commands of the unit, on the lab and before dawn.
        service = unit("piste-power-hours.service")["Service"]
        program, *arguments = shlex.split(service["ExecStart"])
        assert program == f"{service['WorkingDirectory']}/.venv/bin/ansible-playbook"
        assert arguments[-2:] == ["-i", "inventories/production"]
        at(opened, EVENING + 7.6 * 3600)
        played = opened.play(*arguments[:-1], "inventories/lab", "-e", f"piste_report={tmp_path}")
        assert played.code == 0, played.said
        assert states(opened) == running
        kept = json.loads((tmp_path / "f3.json").read_text(encoding="utf-8"))
        assert (kept["id"], kept["value"], len(kept["excluded"])) == ("F3", 1.0, 20)


def test_the_units_are_installed_as_the_page_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = sorted(path.name for path in UNITS.iterdir() if "power-hours" in path.name)
    assert names == ["piste-power-hours.service", "piste-power-hours.timer"]
    assert all(f"contrib/systemd/{name}" in page for name in names)
    timer = unit("piste-power-hours.timer")
    assert timer["Timer"]["OnCalendar"] == "*:0/15"
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert "docs/horaires-machines.md" in unit("piste-power-hours.service")["Unit"]["Documentation"]
