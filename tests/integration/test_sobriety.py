"""Sobriety from a town that wastes to one that does not, and back: every lever by its commands, on a lab that lives
other days."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lab import declared
from tests.support import playbooks
from tests.support import terminal as terminals
from tests.support.playbooks import REPOSITORY, Console, console
from tests.support.small_town import OPEN
from tests.support.terminal import Said, Terminal
from tests.unit.repository.tree import tracked

ROLLOUT = Path("group_vars/all/sobriety_rollout.yml")
SAMPLES = "lab/samples/sobriety"
LEVERS = ("impression", "wifi-hors-heures", "machines-hors-heures", "veille-postes")
NIGHT = datetime(2026, 12, 3, 22, 5, tzinfo=ZoneInfo("Europe/Paris")).timestamp()
BEFORE = {"duplexing": "one_sided", "color": True}
AFTER = {"duplexing": "long_edge", "color": False}


class Copy(Terminal):
    """A terminal in a copy of the repository, whose declaration may be changed."""

    def piste(self, *arguments: str, together: bool = False, **environment: str) -> Said:
        return super().piste(*arguments, together=together, PYTHONPATH=str(playbooks.REPOSITORY), **environment)

    def sobriety(self, day: str, *arguments: str, code: int = 0) -> Said:
        said = self.piste("sobriety", *arguments, PISTE_TODAY=day)
        assert said.code == code, f"{said.out}\n{said.err}"
        return said


def copied(folder: Path) -> None:
    """The repository with three sites open and no lever begun."""
    for file in tracked("*"):
        place = folder / file.relative_to(REPOSITORY)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, place, follow_symlinks=False)
    for path in (folder / "inventories/town/host_vars").glob("*.yml"):
        if path.stem not in OPEN:
            path.write_text(re.sub(r"lifecycle: open", "lifecycle: planned", path.read_text("utf-8")), "utf-8")
    (folder / ROLLOUT).write_text("---\nsobriety_rollout: []\n", "utf-8")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    folder = tmp_path_factory.mktemp("copie")
    copied(folder)
    with (
        pytest.MonkeyPatch.context() as patch,
        console(tmp_path_factory.mktemp("lab"), directory=True, hosting=True) as opened,
    ):
        for module in (terminals, playbooks):
            patch.setattr(module, "REPOSITORY", folder)
        patch.setattr(declared, "TOWN", folder / "inventories/town")
        opened.environment |= {"ANSIBLE_SKIP_TAGS": "access,firewall", "PYTHONPATH": str(folder)}
        opened.lab.meraki.behaviour.set(batch_delay=0.0)
        prism(opened).behaviour.set(rate_limit=None, task_seconds=0.02, shutdown_seconds=0)
        done = opened.play("playbooks/site.yml")
        assert done.code == 0, done.said
        yield Copy(opened)


def prism(opened: Console) -> Any:
    return opened.lab.systems["prism"].simulator


def queues(terminal: Copy) -> dict[str, dict[str, Any]]:
    held = terminal.console.lab.systems["winrm"].state()["hosts"]["hdv-imp1"]["queues"]
    return {name: {key: queue[key] for key in BEFORE} for name, queue in held.items()}


def schedules(terminal: Copy) -> dict[str, list[bool]]:
    """Whether each SSID of a site that is on the air follows hours, by network."""
    return {
        network["name"]: [
            bool(ssid.get("schedules", {}).get("enabled"))
            for ssid in network["ssids"]
            if ssid["enabled"]
        ]
        for network in terminal.world.networks.values()
    }


def links(terminal: Copy) -> str:
    directory = terminal.console.lab.directory
    assert directory
    return directory.tool("gpo", "getlink", "OU=ecole-jaures,OU=Écoles,OU=Ville,DC=ad,DC=lebourget,DC=example")


def test_the_whole_story(terminal: Copy, tmp_path: Path) -> None:
    print(queues(terminal), schedules(terminal), links(terminal))
    raise AssertionError
