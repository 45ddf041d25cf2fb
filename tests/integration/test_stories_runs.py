"""From the command line, on a site with all kinds: drift named, runs undone, kills mended.

`make test` says it of a kind by the command line (test_stories.py), of all in process (test_drift.py,
test_stories_undo.py), of refusals and kills in unit/plans (test_saved.py, test_done.py, test_stop.py).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.commands.output import EXIT
from piste.runs.records.journal import latest
from piste.runs.records.record import Record
from tests.support import playbooks
from tests.support.checkouts import lent
from tests.support.playbooks import console
from tests.support.terminal import PISTE, Terminal

pytestmark = pytest.mark.story

SITE, NETWORK = "ccas", "VLB ccas"
SWITCH, ACCESS_POINT, UPLINK = "QZZZ-0001-0001", "QZZZ-0001-0041", "QZZZ-0001-0002/10"
PLAY = ("playbooks/site.yml", "-l", SITE)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Terminal, bytes]]:
    """Lab whose site is as declared, in a town where one other site is open."""
    with lent(tmp_path_factory, ("hotel-de-ville", SITE)), console(tmp_path_factory.mktemp("runs")) as made:
        # The gateways of the site stand on the core, in the network of the town hall.
        done = made.play("playbooks/site.yml", "-l", f"commune,hotel-de-ville,{SITE}", **Terminal(made).environment)
        assert done.code == 0, done.said
        yield Terminal(made), made.lab.meraki.world.snapshot()


@pytest.fixture
def terminal(opened: tuple[Terminal, bytes]) -> Terminal:
    terminal, declared = opened
    terminal.world.restore(declared)
    terminal.console.lab.faults.clear()
    return terminal


def network_id(terminal: Terminal) -> str:
    return str(terminal.world.devices[SWITCH]["networkId"])


def disturb(terminal: Terminal) -> None:
    """Alter an object of each kind, as another administrator."""
    path = f"/networks/{network_id(terminal)}"
    terminal.edit(path, tags=["à la main"])
    terminal.edit(f"/devices/{ACCESS_POINT}", name="borne")
    terminal.edit(f"{path}/switch/stormControl", broadcastThreshold=55)
    terminal.edit(f"{path}/switch/accessPolicies/1", hostMode="Multi-Host")
    terminal.edit(f"/devices/{SWITCH}/switch/ports/3", name="à la main", vlan=99)
    terminal.edit(f"{path}/wireless/ssids/6", visible=False)


DISTURBED = [
    ("network", NETWORK, ["tags"]),
    ("device", "ap-ccas-01", ["name"]),
    ("network_settings", NETWORK, ["storm_control"]),
    ("access_policy", "agents", ["host_mode"]),
    ("switch_port", "sw-ccas-01/3", ["name", "vlan"]),
    ("ssid", "VLB-Invites", ["visible"]),
]


def summed_up(operations: list[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    return [(o["kind"], o["label"], o["fields"]) for o in operations if o["owner"] == SITE]


def last_run(terminal: Terminal) -> Record:
    return latest(terminal.console.folder / "journal", last=1)[0]


def play(terminal: Terminal, *arguments: str) -> Record:
    """Run plain Ansible; return the record that it leaves."""
    terminal.console.play(*arguments, **terminal.environment)
    return last_run(terminal)


def taken_back(terminal: Terminal, name: str, *options: str) -> None:
    back = terminal.piste("undo", name, *options)
    assert (back.code, terminal.writes) == (EXIT["changes"], []), back.err
    applied = terminal.piste("apply", back.plan_id, "--yes")
    assert applied.code == 0, applied.err


def test_an_object_of_every_kind_altered_behind_our_back_is_a_drift_put_right_and_that_is_taken_back(
    terminal: Terminal, tmp_path: Path
) -> None:
    disturb(terminal)
    repair = tmp_path / "reparation.json"
    drift = terminal.piste("drift", SITE, "--out", str(repair), "--format", "json")
    assert (drift.code, terminal.writes) == (EXIT["changes"], [])
    disturbed = terminal.state()  # the simulator has made what was read of it
    assert summed_up(json.loads(drift.out)["operations"]) == DISTURBED
    plan = json.loads(repair.read_text("utf-8"))
    assert summed_up(plan["operations"]) == DISTURBED
    refused_elsewhere_or_altered(terminal, repair)
    applied = terminal.piste("apply", str(repair), "--yes")
    assert (applied.code, len(terminal.writes)) == (0, len(DISTURBED)), applied.err
    nothing = terminal.piste("drift", SITE, "--format", "json")
    assert summed_up(json.loads(nothing.out)["operations"]) == []
    taken_back(terminal, plan["id"])
    assert terminal.state() == disturbed


def refused_elsewhere_or_altered(terminal: Terminal, path: Path) -> None:
    """A plan of another commit, or with one byte changed, is refused."""
    git = ["git", "-C", str(path.parent), "-c", "user.name=a", "-c", "user.email=a@b.invalid"]
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "un autre"]):
        subprocess.run([*git, *command], check=True)
    refused = terminal.piste("apply", str(path), "--yes", GIT_DIR=str(path.parent / ".git"))
    assert (refused.code, terminal.writes) == (EXIT["refused"], [])
    assert refused.err.startswith("PISTE-E040 le plan vient du commit ")
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"vlan": 99', b'"vlan": 98'))
    refused = terminal.piste("apply", str(path), "--yes")
    path.write_bytes(whole)
    assert (refused.code, terminal.writes) == (EXIT["refused"], [])
    assert f"{path} : le plan a été modifié depuis qu’il a été écrit" in refused.err


def test_a_run_of_plain_ansible_is_taken_back_by_its_id_and_its_trial_is_not(terminal: Terminal) -> None:
    """Nothing of a trial: unit/plans/test_done.py says it too."""
    disturb(terminal)
    disturbed = terminal.state()
    trial, run = play(terminal, *PLAY, "--check"), play(terminal, *PLAY)
    assert (summed_up(operations_of(run)), terminal.state() != disturbed) == (DISTURBED, True)
    nothing = terminal.piste("undo", trial["id"])
    assert (nothing.code, nothing.out) == (0, "Rien à rendre.\n")
    assert "cette exécution était un essai" in nothing.err
    refused_once_altered(terminal, run)
    taken_back(terminal, run["id"])
    assert terminal.state() == disturbed


def refused_once_altered(terminal: Terminal, run: Record) -> None:
    """A run whose record was altered is not taken back, and the file is named."""
    (path,) = (terminal.console.folder / "journal").rglob(f"{run['id']}.json")
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"vlan":99', b'"vlan":98', 1))
    try:
        refused = terminal.piste("undo", run["id"])
        verified = terminal.piste("journal", "verify")
    finally:
        path.write_bytes(whole)
    assert (refused.code, terminal.writes) == (EXIT["refused"], [])
    assert "PISTE-E041" in refused.err
    for said in (refused, verified):
        assert f"lab/{path.parent.name}/{path.name} : altéré" in said.err
    assert verified.code == EXIT["error"]


def operations_of(record: Record) -> list[dict[str, Any]]:
    return [operation for task in record["tasks"] for operation in task["operations"]]


def test_a_guarded_change_is_taken_back_only_with_its_word(terminal: Terminal) -> None:
    """The way back cuts the site off as the way there does."""
    before = terminal.state()
    serial, _, number = UPLINK.partition("/")
    port = {"serial": serial, "port_id": number, "vlan": 99}
    run = play_task(terminal, "meraki_switch_ports", network=NETWORK, config=[port], confirm=["uplink"])
    assert terminal.state() != before
    bare = terminal.piste("undo", run["id"])
    assert f"! {SITE} : à confirmer (uplink:{UPLINK}) : sw-ccas-02/10 est une liaison montante" in bare.out
    assert "s’il est voulu : le même « piste undo », avec --confirm uplink\n" in bare.out
    waiting = terminal.piste("apply", bare.plan_id, "--yes")
    assert (waiting.code, terminal.writes) == (EXIT["partial"], [])
    taken_back(terminal, run["id"], "--confirm", f"uplink:{UPLINK}")
    assert terminal.state() == before


def play_task(terminal: Terminal, module: str, **options: Any) -> Record:
    """Run a task of plain Ansible on the site; return the record that it leaves."""
    usual = {"dashboard": "{{ piste_meraki }}", "secrets": "{{ piste_secrets }}", "owner": SITE}
    tasks = [{module: {**usual, **options}}]
    path = terminal.console.folder / "task.yml"
    path.write_text(
        json.dumps([{"hosts": SITE, "connection": "local", "gather_facts": False, "tasks": tasks}]), "utf-8"
    )
    return play(terminal, str(path))


def test_a_network_that_a_run_removed_comes_back_with_all_that_is_managed_in_it(terminal: Terminal) -> None:
    disturb(terminal)
    run = play_task(terminal, "meraki_networks", absent=[NETWORK], confirm=["network"])
    assert [network["name"] for network in terminal.world.networks.values()] == ["VLB hotel-de-ville"]
    back = terminal.piste("undo", run["id"])
    assert f"Ne se rend pas tel quel : {SITE} / network {NETWORK} : rendu avec ce que Piste en gère" in back.err
    assert terminal.piste("apply", back.plan_id, "--yes").code == 0
    assert summed_up(terminal.operations(terminal.piste("plan", SITE).plan_id)) == DISTURBED


def start(terminal: Terminal, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=playbooks.REPOSITORY,
        env=terminal.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def kill_at(terminal: Terminal, writes: int, *command: str, by: signal.Signals = signal.SIGKILL) -> str:
    """Start a command and kill it after so many writes, as the kernel does; return its output."""
    terminal.console.lab.calls.clear()
    process = start(terminal, *command)
    deadline = time.monotonic() + 300
    while terminal.console.lab.calls.written() < writes:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.001)
    os.killpg(process.pid, by)
    return process.communicate()[0]


def test_a_run_that_was_killed_in_mid_write_is_taken_back(terminal: Terminal) -> None:
    """The task that died had noted what it was about to write."""
    disturb(terminal)
    disturbed = terminal.state()
    kill_at(terminal, 4, "ansible-playbook", *PLAY)
    assert terminal.state() != disturbed
    (open_record,) = (terminal.console.folder / "journal").rglob("*.open")
    back = terminal.piste("undo", open_record.stem)
    assert "À savoir : cette exécution a été interrompue" in back.err
    assert terminal.piste("apply", back.plan_id, "--yes").code == 0
    assert terminal.state() == disturbed


def test_an_apply_that_was_killed_is_finished_by_the_same_command_which_sees_what_was_done(
    terminal: Terminal,
) -> None:
    """Kill the command; test_killed_runs.py kills Ansible, unit/plans/test_saved.py a plan."""
    declared = terminal.state()
    disturb(terminal)
    planned = terminal.piste("plan", SITE)
    kill_at(terminal, 3, *PISTE, "apply", planned.plan_id, "--yes")
    again = terminal.piste("apply", planned.plan_id, "--yes")
    assert (again.code, "Vérification de ce qui est déjà fait…" in again.err) == (0, True), again.err
    assert terminal.state() == declared
    finished = terminal.piste("apply", planned.plan_id, "--yes")
    assert (finished.code, terminal.writes) == (0, [])
    assert finished.out.endswith("Tout ce que dit ce plan est déjà fait.\n")


def test_an_apply_that_is_interrupted_from_the_keyboard_says_so_and_is_finished_by_the_same_command(
    terminal: Terminal,
) -> None:
    declared = terminal.state()
    disturb(terminal)
    planned = terminal.piste("plan", SITE)
    said = kill_at(terminal, 3, *PISTE, "apply", planned.plan_id, "--yes", by=signal.SIGINT)
    assert "PISTE-E045 l’exécution a été interrompue. Fait ou commencé : +0 ~" in said
    assert said.endswith("Relancez la même commande : ce qui est fait ne sera pas refait.\n")
    assert last_run(terminal)["outcome"] == "killed"
    assert left_by_runs(terminal) == []
    again = terminal.piste("apply", planned.plan_id, "--yes")
    assert again.code == 0, again.err
    assert terminal.state() == declared


def left_by_runs(terminal: Terminal) -> list[str]:
    """List what only a current run has in its folders: its own, runner's, its open record."""
    folder = terminal.console.folder
    return [path.name for path in (*folder.glob("piste-run*"), *folder.rglob("*.open"))]


def test_an_export_that_is_asked_to_end_stops_at_once_and_leaves_nothing(terminal: Terminal, tmp_path: Path) -> None:
    """Signal the command alone, in one of its passes, as `timeout` and a service manager do."""
    terminal.console.lab.calls.clear()
    process = start(terminal, *PISTE, "export", "--to", str(tmp_path / "sac"))
    deadline = time.monotonic() + 300
    while not terminal.console.lab.calls.log:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.001)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate()
    assert (process.returncode, said.splitlines()[-1][:41]) == (1, "PISTE-E045 l’exécution a été interrompue.")
    assert (list(tmp_path.iterdir()), left_by_runs(terminal)) == ([], [])


def test_an_apply_that_the_system_stopped_is_taken_back(terminal: Terminal) -> None:
    """In process, a run that stopped at any write is in test_stories_undo.py."""
    disturb(terminal)
    disturbed = terminal.state()
    planned = terminal.piste("plan", SITE)
    terminal.console.lab.faults.add(kind="status", status=503, method="PUT", nth=3, times=None, when="after")
    stopped = terminal.piste("apply", planned.plan_id, "--yes")
    terminal.console.lab.faults.clear()
    assert stopped.code == EXIT["unknown"], stopped.err
    assert "PISTE-E025" in stopped.err
    assert (terminal.state() != disturbed, summed_up(operations_of(last_run(terminal)))) == (True, DISTURBED[:3])
    back = terminal.piste("undo", planned.plan_id)
    assert f"À savoir : {SITE} / piste_network : tâche arrêtée en route" in back.err
    assert terminal.piste("apply", back.plan_id, "--yes").code == 0
    assert terminal.state() == disturbed


def test_one_byte_of_an_anchor_changed_is_named(terminal: Terminal, tmp_path: Path) -> None:
    month = f"{last_run(terminal)['ended']}"[:7]
    assert terminal.piste("journal", "export", "--month", month, "--to", str(tmp_path)).code == 0
    export = ("journal", "verify", "--export", str(tmp_path / month))
    assert terminal.piste(*export).code == 0
    anchor = tmp_path / month / "anchor.json"
    content = anchor.read_bytes()
    anchor.write_bytes(content.replace(b'"last":"', b'"last":"0', 1))
    verified = terminal.piste(*export)
    assert verified.code == EXIT["error"]
    assert f"{month}/anchor.json : altéré" in verified.err
