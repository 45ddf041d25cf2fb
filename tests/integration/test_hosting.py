"""The hosting as a person runs it: role from empty, page, export replayed elsewhere.

After a change of what is said, run this test with PISTE_WRITE_PAGES=1: it fails once and writes the page again.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.prism import PrismSimulator
from tests.support.pages import Round
from tests.support.playbooks import REPOSITORY, Console, console
from tests.support.terminal import Terminal

PAGE = REPOSITORY / "docs/hebergement.md"
PLAYBOOK = "playbooks/domains/hosting.yml"
FOLDER = "/srv/exports/hebergement"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Lab with a hosting that was just converged."""
    with console(tmp_path_factory.mktemp("hosting"), hosting=True) as terminal:
        site(terminal).behaviour.set(rate_limit=None, task_seconds=0.0, shutdown_seconds=0.0)
        foreseen = terminal.play(PLAYBOOK, "--check")
        assert (foreseen.code, writes(terminal)) == (0, 0), foreseen.said
        made = terminal.play(PLAYBOOK)
        assert (made.code, made.recap("commune")["changed"]) == (0, foreseen.recap("commune")["changed"]), made.said
        yield terminal


def site(terminal: Console) -> PrismSimulator:
    simulator = terminal.lab.systems["prism"].simulator  # type: ignore[attr-defined]
    assert isinstance(simulator, PrismSimulator)
    return simulator


def writes(terminal: Console) -> int:
    return terminal.lab.calls.of("prism")["writes"]


def give(terminal: Console, name: str, **content: Any) -> None:
    """Change a machine as somebody would in Prism Central."""
    live = site(terminal).world.named("Vm", name)
    body = {key: value for key, value in live.items() if not key.startswith("_")}
    site(terminal).edit("PUT", f"vmm/ahv/config/vms/{live['extId']}", body | content)


def test_a_second_run_writes_nothing(opened: Console) -> None:
    again = opened.play(PLAYBOOK)
    assert (again.code, again.recap("commune")["changed"], writes(opened)) == (0, 0, 0), again.said
    lists = [entry.path for entry in opened.lab.calls.log if entry.system == "prism" and entry.method == "GET"]
    assert len(lists) == len(set(lists)) == 10


@pytest.mark.story
def test_the_page_shows_what_the_commands_say(opened: Console) -> None:
    give(opened, "hdv-sql1", memorySizeBytes=12 << 30)
    page = PAGE.read_text("utf-8")
    played = Round(Terminal(opened)).played(page)
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(played, "utf-8")
    assert page.splitlines() == played.splitlines()
    assert site(opened).world.named("Vm", "hdv-sql1")["memorySizeBytes"] == 10 << 30


def test_the_export_of_the_page_replayed_where_it_was_made_changes_nothing(opened: Console, tmp_path: Path) -> None:
    lines = re.findall(
        rf"^\$ ansible-playbook (playbooks/\w+_hosting\.yml) -e folder={FOLDER}(.*)$", PAGE.read_text("utf-8"), re.M
    )
    assert [playbook for playbook, _ in lines] == ["playbooks/export_hosting.yml", "playbooks/replay_hosting.yml"]
    for playbook, rest in lines:
        played = opened.play(playbook, "-e", f"folder={tmp_path}", *rest.split())
        assert played.code == 0, played.said
        assert writes(opened) == 0
    assert played.recap("commune")["changed"] == 0
    exported = sorted(path.name for path in (tmp_path / "hosting").iterdir())
    kinds = (
        "affinity_policies", "categories", "clusters", "images", "protection_policies", "recovery_plans", "subnets",
        "vms",
    )  # fmt: skip
    assert exported == [f"{kind}.yml" for kind in kinds]
    assert "extId" not in "".join(path.read_text("utf-8") for path in (tmp_path / "hosting").iterdir())


def test_the_copies_of_the_cluster_are_read_and_a_machine_comes_back_from_them(
    opened: Console, tmp_path: Path
) -> None:
    """A rehearsal: nobody is on the isolated network to ask the port, and the record says so."""
    machines = sorted(vm["name"] for vm in site(opened).world.of("Vm").values())
    played = opened.play("playbooks/backups.yml", "-e", f"folder={tmp_path}")
    assert played.code == 0, played.said
    readings = [entry for part in json.loads((tmp_path / "backups.json").read_text("utf-8")) for entry in part]
    (prism,) = (entry for entry in readings if entry["store"] == "prism")
    assert prism["unknown"] is None
    assert {"hdv-sql1", "annuaire"} <= {copy["set"] for copy in prism["copies"]}
    folder = str(tmp_path / "restores")
    tried = opened.play("playbooks/restore.yml", "-e", "piste_restore=serveur-critique", PISTE_RESTORES_DIR=folder)
    assert tried.code == 0, tried.said
    (kept,) = (tmp_path / "restores").rglob("result.json")
    result = json.loads(kept.read_text("utf-8"))
    assert (result["outcome"], result["left"], bool(result["rehearsal"])) == ("unknown", [], True)
    assert "aucun témoin n’y est" in result["reason"]
    assert sorted(vm["name"] for vm in site(opened).world.of("Vm").values()) == machines
