"""Progress of a run: the table of the sites, and its audience."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from piste.engine.converge.task_log import STEPS, TASK, TaskLog
from piste.runs.plans.play import Played, Step, Steps, _note
from piste.runs.plans.progress import ROLES, Board
from tests.unit.repository.tree import ROOT

RUN = """
from piste.runs.plans import play
from piste.runs.plans import progress
def played(order, *, check, watch, **more):
    for site in ("ccas", "piscine"):
        watch(play.Step(site, "network", "network : Converger le réseau", ("create", "update", "update")))
    watch(play.Step("ccas", "", "", over=True))
    watch(play.Step("piscine", "network", "network : Converger les SSID", (), True))
    return play.Played()
play.play = played
progress.watched(play.Order("playbooks/site.yml"), check=True)
"""


def shown(*, terminal: bool, **environment: str) -> str:
    """Return what a run prints on the standard error, a terminal or a pipe."""
    bare = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    ours, theirs = pty.openpty() if terminal else os.pipe()
    given = {**bare, "TERM": "xterm-256color", "COLUMNS": "100", "PYTHONPATH": str(ROOT), **environment}
    subprocess.run([sys.executable, "-c", RUN], env=given, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # a terminal whose other end is closed
        while chunk := os.read(ours, 65536):
            said += chunk
    os.close(ours)
    return said.decode()


def test_a_terminal_shows_a_row_a_site_and_clears_it_at_the_end() -> None:
    said = shown(terminal=True)
    for words in ("ccas", "piscine", "réseau", "Converger les SSID", "+ 1 ~ 2 - 0", "réseau 1/2"):
        assert words in said
    assert "\x1b[32m✓\x1b[0m" in said
    assert said.rstrip().endswith("\x1b[2K")


def test_no_color_is_honoured() -> None:
    said = shown(terminal=True, NO_COLOR="1")
    assert "✓" in said
    assert "\x1b[32m" not in said


@pytest.mark.parametrize(("terminal", "environment"), [(False, {}), (True, {"TERM": "dumb"})])
def test_elsewhere_there_is_a_plain_line_a_site(terminal: bool, environment: dict[str, str]) -> None:
    assert shown(terminal=terminal, **environment).replace("\r\n", "\n") == "ccas…\npiscine…\n"


def board(*steps: Step) -> Board:
    made = Board()
    for step in steps:
        made.note(step)
    return made


def over(site: str) -> Step:
    return Step(site, "", "", over=True)


def test_a_row_says_the_site_the_domain_the_task_and_the_counts() -> None:
    made = board(
        Step("ccas", "network", "network : Converger le réseau", ("create",)),
        Step("ccas", "network", "network : Converger les SSID", ("delete", "reset", "update")),
    )
    assert made.lines(20) == [("…", "ccas", "réseau", "Converger les SSID", "+ 1 ~ 1 - 2")]


def test_the_headline_says_the_time_and_how_many_sites_have_finished_each_domain() -> None:
    moment = iter((100.0, 172.5, 103.0))
    made = Board(lambda: next(moment))
    for step in (
        Step("a", "directory", "x"),
        Step("a", "network", "x"),
        Step("b", "network", "x"),
        over("b"),
    ):
        made.note(step)
    assert made.headline() == "1 min 12 s  annuaire 1/2  réseau 1/2"
    assert made.headline().startswith("3 s  ")


def test_a_site_that_failed_never_ends_well() -> None:
    made = board(Step("a", "network", "x", (), True), over("a"), over("b"))
    assert [line[0] for line in made.lines(20)] == ["!", "✓"]


def test_without_room_the_sites_that_have_ended_well_are_only_counted() -> None:
    ended = [over(f"site-{number:02}") for number in range(18)]
    made = board(*ended, Step("a", "network", "x"), Step("b", "network", "x", (), True))
    assert [line[:2] for line in made.lines(10)] == [("✓", "18 sites"), ("…", "a"), ("!", "b")]
    assert len(made.lines(20)) == 20


EVENTS = (
    ("playbook_on_start",),
    ("playbook_on_play_start",),
    ("playbook_on_task_start", "", "network", "Converger le réseau"),
    ("runner_on_start", "ccas", "network", "Converger le réseau"),
    ("runner_on_ok", "ccas", "network", "Converger le réseau"),
    ("playbook_on_task_start", "", "conclusion", "En rester là pour un hôte où tout a abouti"),
    ("playbook_on_play_start",),
    ("playbook_on_task_start", "", "network", "Converger le réseau"),
    ("runner_on_start", "piscine", "network", "Converger le réseau"),
    ("runner_on_ok", "piscine", "network", "Converger le réseau"),
    ("playbook_on_task_start", "", "conclusion", "En rester là pour un hôte où tout a abouti"),
    ("playbook_on_play_start",),
    ("playbook_on_task_start", "", "routing", "Converger le routage"),
    ("runner_on_start", "ccas", "routing", "Converger le routage"),
    ("runner_on_start", "piscine", "routing", "Converger le routage"),
    ("runner_on_ok", "ccas", "routing", "Converger le routage"),
    ("runner_on_failed", "piscine", "routing", "Converger le routage"),
    ("playbook_on_task_start", "", "conclusion", "En rester là pour un hôte où tout a abouti"),
    ("playbook_on_stats",),
)
"""The events of a run in two waves, then a play of both: a host where all went well ends without any of its own."""


def test_each_site_is_ticked_as_a_play_ends_unless_it_failed_and_begins_again_with_the_next() -> None:
    made, played, seen = Board(), Played(), []
    for kind, *rest in EVENTS:
        data = dict(zip(("host", "role", "task"), rest, strict=False))
        _note(played, {"event": kind, "event_data": data}, made.note)
        signs = "".join(line[0] for line in made.lines(20))
        seen += [signs] if [signs] != seen[-1:] else []
    assert seen == ["", "…", "✓", "✓…", "✓✓", "…✓", "…!", "✓!"]
    assert made.lines(1)[0][:2] == ("✓", "1 site")


def test_ansible_s_own_checks_are_no_steps() -> None:
    heard: list[Step] = []
    for action in ("ansible.builtin.validate_argument_spec", "lebourget.piste.meraki_ssids"):
        data = {"host": "ccas", "task": "t", "task_action": action, "role": "lebourget.piste.network", "res": {}}
        _note(Played(), {"event": "runner_on_ok", "event_data": data}, heard.append)
    assert heard == [Step("ccas", "network", "t", modules=("meraki_ssids",))]


def test_a_domain_names_the_kinds_that_it_went_through_also_before_a_failure() -> None:
    heard: list[Step] = []
    result = {"kinds": {"networks": 0, "devices": 2}, "kind": "unknown"}
    data = {"host": "ccas", "task": "t", "task_action": "piste_network", "role": "network", "res": result}
    _note(Played(), {"event": "runner_on_failed", "event_data": data}, heard.append)
    (step,) = heard
    assert (step.failed, step.modules) == (True, ("meraki_networks", "meraki_devices"))


def test_every_role_is_said_in_the_town_s_words() -> None:
    assert set(ROLES) == {folder.name for folder in (ROOT / "roles").iterdir()}


def test_a_task_that_goes_on_shows_the_kind_that_it_is_at() -> None:
    board = Board()
    board.note(Step("ecole-jaures", "network", "network : Converger le réseau", ("create",)))
    board.note(Step("ecole-jaures", "", "", kind="Port de commutateur"))
    assert board.lines(5) == [("…", "ecole-jaures", "réseau", "Port de commutateur", "+ 1 ~ 0 - 0")]


def test_kinds_are_heard_as_tasks_come_to_them_and_none_twice(tmp_path: Path) -> None:
    heard: list[tuple[str, str]] = []
    lost: list[str] = []
    steps = Steps(tmp_path / "steps", lambda step: heard.append((step.host, step.kind)), lost)
    log = TaskLog.of({STEPS: str(steps.path), TASK: '{"host": "ccas"}'})
    log.begins("Réseau du Dashboard")
    steps.read()
    log.begins("Équipement")
    with open(steps.path, "a") as file:
        file.write('{"host": "cc')
    steps.read()
    steps.read()
    assert heard == [("ccas", "Réseau du Dashboard"), ("ccas", "Équipement")]
    TaskLog(steps=tmp_path / "gone").begins("Équipement")


def test_a_site_that_comes_while_the_headline_is_drawn_does_not_stop_it() -> None:
    board = Board(lambda: 0.0)

    class Done(set[str]):
        def __iter__(self) -> Iterator[str]:
            board.note(Step("piscine", "access", "t"))
            return super().__iter__()

    board.note(Step("ccas", "network", "t"))
    board.note(Step("malraux", "network", "t"))
    board.rows["ccas"].done = Done()
    assert board.headline() == "0 s  réseau 0/2"
