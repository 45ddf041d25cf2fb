"""Sobriety from waste to thrift and back: every lever by its commands, on other days."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from lab import declared
from tests.support import playbooks
from tests.support.checkouts import lent
from tests.support.pages import BLOCK
from tests.support.playbooks import REPOSITORY, Console, console
from tests.support.small_town import OPEN
from tests.support.terminal import Said, Terminal

ROLLOUT = Path("group_vars/all/sobriety_rollout.yml")
NONE = "---\nsobriety_rollout: []\n"
SAMPLES = "lab/samples/sobriety"
LEVERS = ("impression", "wifi-hors-heures", "machines-hors-heures", "veille-postes")
NIGHT = datetime(2026, 12, 15, 22, 5, tzinfo=ZoneInfo("Europe/Paris")).timestamp()
WASTED, SPARED = ("OneSided", True), ("TwoSidedLongEdge", False)


class Copy(Terminal):
    """Terminal in a copy of the repository, with a declaration that may change."""

    def piste(self, *arguments: str, together: bool = False, **environment: str) -> Said:
        return super().piste(*arguments, together=together, PYTHONPATH=str(playbooks.REPOSITORY), **environment)

    def sobriety(self, day: str, *arguments: str, code: int = 0) -> Said:
        said = self.piste("sobriety", *arguments, PISTE_TODAY=day)
        assert said.code == code, f"{said.out}\n{said.err}"
        return said


@contextmanager
def opened_town(factory: pytest.TempPathFactory, playbook: str, **systems: bool) -> Iterator[Console]:
    """Converge the town that has not begun any lever, on some systems."""
    with (
        lent(factory, OPEN) as folder,
        pytest.MonkeyPatch.context() as patch,
        console(factory.mktemp("lab"), **systems) as opened,
    ):
        (folder / ROLLOUT).write_text(NONE, "utf-8")
        patch.setattr(declared, "TOWN", folder / "inventories/town")
        opened.environment |= {"ANSIBLE_SKIP_TAGS": "access,firewall,names", "PYTHONPATH": str(folder)}
        if systems:
            prism(opened).behaviour.set(rate_limit=None, task_seconds=0.02, shutdown_seconds=0)
        done = opened.play(playbook)
        assert done.code == 0, done.said
        yield opened


@pytest.fixture(scope="module")
def printing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    with opened_town(tmp_path_factory, "playbooks/domains/printing.yml") as opened:
        yield Copy(opened)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    with opened_town(tmp_path_factory, "playbooks/site.yml", directory=True, hosting=True) as opened:
        for name in ("hdv-rct1", "hdv-img1"):
            vm = prism(opened).world.named("Vm", name)
            prism(opened).edit("POST", f"vmm/ahv/config/vms/{vm['extId']}/$actions/power-on")
        yield Copy(opened)


def prism(opened: Console) -> Any:
    return opened.lab.systems["prism"].simulator


def queues(terminal: Copy) -> dict[str, tuple[str, bool]]:
    """Return the defaults of each queue of the print server."""
    server = terminal.console.lab.systems["winrm"].simulator.machines["hdv-imp1"].print_server  # type: ignore[attr-defined]
    return {queue["name"]: (queue["duplexing"], queue["color"]) for queue in server.queues}


def of(site: str, by_queue: dict[str, tuple[str, bool]]) -> set[tuple[str, bool]]:
    return {settings for name, settings in by_queue.items() if name.startswith(f"imp-{site}-")}


def hours(terminal: Copy) -> dict[str, set[bool]]:
    """Return, by network, the set of answers of its lit SSIDs: do they follow hours?"""
    def follows(network: dict[str, Any], number: str) -> bool:
        of_ssid = network.get("ssid_settings", {}).get(number, {})
        return bool(of_ssid.get("NetworkWirelessSsidSchedules", {}).get("enabled"))

    return {
        network["name"].removeprefix("VLB "): {
            follows(network, number) for number, ssid in network["ssids"].items() if ssid.get("enabled")
        }
        for network in terminal.world.networks.values()
    }


def links(terminal: Copy) -> str:
    directory = terminal.console.lab.directory
    assert directory
    return str(directory.tool("gpo", "getlink", "OU=ecole-jaures,OU=Écoles,OU=Ville,DC=ad,DC=lebourget,DC=example"))


def machine(terminal: Copy) -> tuple[str, bool]:
    """Return the power state of the machine of the tests, and if it follows hours."""
    world = prism(terminal.console).world
    vm = world.named("Vm", "hdv-rct1")
    names = {
        str(category["extId"]): f"{category['key']}:{category['value']}" for category in world.of("Category").values()
    }
    categories = {names.get(str(category["extId"])) for category in vm.get("categories") or ()}
    return vm["powerState"], "Horaires:nuits-et-week-ends" in categories


def figures(terminal: Copy, day: str) -> dict[str, dict[str, Any]]:
    path = terminal.console.lab.folder / "sobriety/readings" / f"{day}.json"
    return {figure["id"]: figure for figure in json.loads(path.read_text("utf-8"))["figures"]}


def steps(terminal: Copy) -> list[str]:
    """List the steps of the laboratory; the declaration, which production reads, has none."""
    assert (playbooks.REPOSITORY / ROLLOUT).read_text("utf-8") == NONE
    rehearsed = terminal.console.lab.folder / "sobriety/rollout.yml"
    return re.findall(r"lever: ([a-z-]+), step: (\w+)", rehearsed.read_text("utf-8"))


@pytest.mark.story
def test_from_a_town_that_wastes_to_a_town_that_saves_and_back(terminal: Copy, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    wasted = queues(terminal), hours(terminal), links(terminal), machine(terminal)
    assert of("jau", wasted[0]) == of("med", wasted[0]) == {WASTED}
    assert wasted[1]["ecole-jaures"] == {False}
    assert wasted[3] == ("ON", False)

    # As it is: every figure that the town can have, from what was read; nothing is written anywhere.
    terminal.sobriety("2026-11-26", "diagnose", "--imports", SAMPLES, "--out", out)
    assert terminal.writes == []
    first = figures(terminal, "2026-11-26")
    assert (first["F7.queues"]["value"], first["F8"]["value"], first["F3"]["value"]) == (0, 0, 0)
    assert first["F1"]["value"] < 10
    assert {name for name, step in steps(terminal) if step == "diagnosis"} == declared_levers()

    # A lever skips neither the information nor its observation.
    said = terminal.sobriety("2026-11-26", "apply", "impression", "--step", "pilot", "--yes", code=4)
    assert "le pilote demande d’abord l’information" in said.err
    for lever in LEVERS:
        terminal.sobriety("2026-11-27", "apply", lever, "--out", out)
    note = (tmp_path / "out/note-agents-impression.html").read_text("utf-8")
    assert "Vos impressions sortent désormais en recto verso" in note.replace("\N{NO-BREAK SPACE}", " ")

    terminal.sobriety("2026-11-28", "apply", "impression", "--yes")
    assert of("hdv", queues(terminal)) == {SPARED, ("TwoSidedLongEdge", True)}
    assert of("jau", queues(terminal)) == {WASTED}
    early = terminal.sobriety("2026-12-04", "apply", "impression", "--yes", code=4)
    assert "l’observation dure jusqu’au 2026-12-12" in early.err
    terminal.sobriety("2026-12-12", "apply", "impression", "--yes")
    assert of("jau", queues(terminal)) == of("med", queues(terminal)) == {SPARED}

    # The person who decides says so, and it is on record.
    decided = ("--step", "general", "--decided-by", "Mme Diallo", "--why", "Vacances")
    terminal.sobriety("2026-11-29", "apply", "wifi-hors-heures", *decided, "--yes")
    assert hours(terminal)["ecole-jaures"] == hours(terminal)["mediatheque"] == {True}
    event(terminal)
    terminal.sobriety("2026-11-28", "apply", "veille-postes", "--yes")
    assert "Sobriété - Veille (pilote)" in links(terminal)
    terminal.sobriety("2026-11-28", "apply", "machines-hors-heures", "--yes")
    assert machine(terminal) == ("ON", True)

    # Again: nothing to do.
    again = terminal.sobriety("2026-12-13", "apply", "impression", "--yes")
    assert "rien à changer" in again.out
    assert terminal.writes == []

    # The night, and the figures of the town that does not waste.
    terminal.console.lab.clock.advance(NIGHT - terminal.console.lab.clock.now())
    slept = terminal.console.play("playbooks/power_hours.yml")
    assert slept.code == 0, slept.said
    assert machine(terminal) == ("OFF", True)
    # The samples end in October. Of November the log of the print server knows no sides: the report says it.
    said = terminal.sobriety("2026-12-15", "report", "--imports", SAMPLES, "--out", out, code=2)
    alerts = [line for line in said.out.splitlines() if line.startswith("! ")]
    assert alerts
    assert all("F7 – Travaux en recto verso" in alert and "inconnus" in alert for alert in alerts)
    last = figures(terminal, "2026-12-15")
    assert (last["F7.queues"]["value"], last["F8"]["value"], last["F3"]["value"]) == (100, 100, 50)
    with (tmp_path / "out/tableau-de-bord-2026-12.csv").open(encoding="utf-8") as file:
        board = {row["id"]: row for row in csv.DictReader(file)}
    assert float(board["F7.queues"]["value"]) == 100
    minutes = json.loads((tmp_path / "out/pv-impression.json").read_text("utf-8"))
    assert [test["verdict"] for test in minutes["content"]["tests"]] == ["conform"] * 3
    assert minutes["specimen"] is True

    # Back: first a single site, then all; each thing is again as before.
    terminal.sobriety("2026-12-16", "revert", "impression", "mediatheque", "--why", "Essai", "--yes")
    assert (of("med", queues(terminal)), of("jau", queues(terminal))) == ({WASTED}, {SPARED})
    for lever in LEVERS:
        terminal.sobriety("2026-12-17", "revert", lever, "--all", "--why", "Fin de l’essai", "--yes")
    assert (queues(terminal), hours(terminal), links(terminal), machine(terminal)) == wasted
    left = terminal.console.play("playbooks/site.yml", "--check")
    assert all(not count["changed"] for count in map(left.recap, ("commune", *OPEN))), left.said


def declared_levers() -> set[str]:
    variables = yaml.safe_load((playbooks.REPOSITORY / "group_vars/all/sobriety.yml").read_text("utf-8"))
    return set(variables["sobriety_levers"])


def event(terminal: Copy) -> None:
    """Spare a site with an event, which then follows its hours again."""
    path = playbooks.REPOSITORY / "inventories/town/host_vars/ecole-jaures.yml"
    text = path.read_text("utf-8")
    fair = 'sobriety_exceptions:\n  - {from: "2026-12-05", until: "2026-12-07", why: Marché de Noël}\n'
    try:
        path.write_text(text + fair, "utf-8")
        for day, follows in (("2026-12-04", True), ("2026-12-05", False), ("2026-12-08", True)):
            played = terminal.console.play("playbooks/domains/network.yml", "-l", "ecole-jaures", PISTE_TODAY=day)
            assert played.code == 0, played.said
            assert hours(terminal)["ecole-jaures"] == {follows}, day
    finally:
        path.write_text(text, "utf-8")


def test_a_lever_is_applied_and_stopped_by_what_is_not_its_own(printing: Copy) -> None:
    """The story of a lever on real playbooks, in short; the whole of it is a story."""
    server = printing.console.lab.systems["winrm"].simulator.machines["hdv-imp1"].print_server  # type: ignore[attr-defined]
    rehearsed = printing.console.lab.folder / "sobriety/rollout.yml"
    rehearsed.parent.mkdir(exist_ok=True)
    done = {"2026-11-26": "diagnosis", "2026-12-01": "information"}
    lines = [f'  - {{lever: impression, step: {step}, date: "{day}", by: DSI}}\n' for day, step in done.items()]
    rehearsed.write_text("---\nsobriety_rollout:\n" + "".join(lines), "utf-8")
    (queue,) = [candidate for candidate in server.queues if candidate["name"] == "imp-hdv-01"]
    kept = dict(queue)
    queue["comment"] = "Changé à la main"
    said = printing.sobriety("2026-12-02", "apply", "impression", "--yes", code=4)
    assert "1 écart sans rapport avec ce levier, rien n’a été écrit" in said.err
    assert "imp-hdv-01" in said.err
    queue.update(kept)
    printing.sobriety("2026-12-02", "apply", "impression", "--yes")
    assert of("hdv", queues(printing)) == {SPARED, ("TwoSidedLongEdge", True)}
    assert of("jau", queues(printing)) == {WASTED}


@pytest.mark.story
def test_what_does_not_answer_is_unknown_and_what_was_read_counts_in_the_report(
    printing: Copy, tmp_path: Path
) -> None:
    """The directory is not there and the networks are not made: an error."""
    out = str(tmp_path / "out")
    printing.sobriety("2026-12-02", "diagnose", "--imports", SAMPLES, "--out", out, code=1)
    assert printing.writes == []
    printing.sobriety("2026-12-03", "report", "--imports", SAMPLES, "--out", out, code=1)
    read = figures(printing, "2026-12-03")
    assert (read["F7.queues"]["value"] is None, read["F1.policy"]["value"], read["F8"]["value"]) == (False, None, None)
    assert (tmp_path / "out/tableau-de-bord-2026-12-ventilation.csv").is_file()


@pytest.mark.story
def test_the_page_shows_what_the_commands_say(terminal: Copy) -> None:
    """Every line that the page shows is in the output of the command before it."""
    day, said = "", ""
    for block in BLOCK.findall((REPOSITORY / "docs/sobriete.md").read_text("utf-8")):
        for line in block.splitlines():
            if line.startswith("$ export "):
                day = line.partition("=")[2]
            elif line.startswith("$ piste "):
                done = terminal.piste(*shlex.split(line)[2:], together=True, PISTE_TODAY=day)
                assert done.code in (0, 2, 4), done.out
                said = done.out
            else:
                assert line in said, said
