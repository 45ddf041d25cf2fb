"""The inventory as a person runs it: role from empty, drift, killed runs, changes."""

from __future__ import annotations

import json
import re
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.glpi.simulator import GlpiSimulator
from tests.support.playbooks import Console, console

PLAYBOOK = "playbooks/domains/inventory.yml"
SCHOOL = ("-l", "commune,ecole-jaures")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("inventory"), inventory=True) as terminal:
        yield terminal


def glpi(terminal: Console) -> GlpiSimulator:
    simulator = terminal.lab.systems["glpi"].simulator  # type: ignore[attr-defined]
    assert isinstance(simulator, GlpiSimulator)
    return simulator


def names(terminal: Console) -> dict[str, list[str]]:
    world = glpi(terminal).world
    named = {
        itemtype: [item["name"] for item in items.values() if "name" in item] for itemtype, items in world.items.items()
    }
    return {itemtype: sorted(every) for itemtype, every in named.items()}


def by_hand(terminal: Console, method: str, path: str, body: dict[str, Any]) -> Any:
    """Write as another client of GLPI would, over its socket, with a token of its own."""
    its = terminal.lab.info["glpi"]
    context = ssl.create_default_context(cafile=terminal.lab.info["ca_file"])
    demand = {
        "grant_type": "password", "scope": "api",
        **{name: its[name] for name in ("client_id", "client_secret", "username", "password")},
    }  # fmt: skip
    with urllib.request.urlopen(
        its["url"] + "/api.php/token", urllib.parse.urlencode(demand).encode(), context=context
    ) as answer:
        token = json.load(answer)["access_token"]
    request = urllib.request.Request(
        f"{its['url']}/api.php/v2.3/{path}", json.dumps(body).encode(), method=method,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, context=context) as answer:
        return json.load(answer)


def test_the_inventory_of_a_school_that_was_killed_is_finished_then_kept_and_noted(opened: Console) -> None:
    """In process, a run killed at any write is in unit/glpi/test_assets.py."""
    foreseen = opened.play(PLAYBOOK, "--check", *SCHOOL)
    assert (foreseen.code, opened.lab.calls.of("glpi")["writes"]) == (0, 0), foreseen.said
    opened.lab.calls.clear()
    process = opened.start(PLAYBOOK, *SCHOOL)
    until = time.monotonic() + 120
    while opened.lab.calls.of("glpi")["writes"] < 25 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    opened.kill(process)
    made = opened.play(PLAYBOOK, *SCHOOL)
    assert made.code == 0, made.said
    everything = names(opened)
    assert all(len(set(listed)) == len(listed) for itemtype, listed in everything.items() if itemtype != "Location")
    assert "sw-jau-01" in everything["NetworkEquipment"]
    again = opened.play(PLAYBOOK, *SCHOOL)
    counts = opened.lab.calls.of("glpi")
    assert (again.code, counts["writes"], again.recap("ecole-jaures")["changed"]) == (0, 0, 0), again.said
    # The processes of both hosts share a token, and read no list twice.
    lists = [entry.path for entry in opened.lab.calls.log if entry.system == "glpi" and entry.method == "GET"]
    assert (counts["sessions"], len(lists)) == (1, len(set(lists))), counts

    # Somebody moves a switch and puts another in the bin, with a client of their own.
    switch = next(item for item in glpi(opened).world.of("NetworkEquipment").values() if item["name"] == "sw-jau-01")
    by_hand(opened, "PATCH", f"Assets/NetworkEquipment/{switch['id']}", {"location": {"id": 1}, "contact": "quelqu’un"})
    drift = opened.play(PLAYBOOK, "--check", "--diff", *SCHOOL)
    assert drift.recap("ecole-jaures")["changed"] == 1
    assert re.search(r"^-.*Ville du Bourget\W*$", drift.said, re.MULTILINE), drift.said
    mended = opened.play(PLAYBOOK, *SCHOOL)
    assert (mended.code, opened.lab.calls.of("glpi")["writes"]) == (0, 1), mended.said
    assert switch["contact"] == "quelqu’un"

    opened.lab.calls.clear()
    freeze = {"from": "2000-01-01T00:00", "until": "2999-01-01T00:00", "why": "Essai"}
    frozen = opened.play("playbooks/changes.yml", "-e", json.dumps({"freezes": [freeze]}))
    assert (frozen.code, "PISTE-E032" in frozen.said, opened.lab.calls.of("glpi")["writes"]) == (2, True, 0)
    closed = {"piste_change_windows": True, "change_windows": {"windows": []}}
    noted = opened.play("playbooks/changes.yml", "-e", json.dumps(closed))
    assert noted.code == 0, noted.said
    changes = glpi(opened).world.of("Change")
    assert len(changes) >= 2
    assert any("NetworkEquipment/sw-jau-01" in change["content"] for change in changes.values())
    before = len(changes)
    assert opened.play("playbooks/changes.yml").code == 0
    assert len(changes) == before


def test_a_reading_of_certificates_has_the_tickets_of_renewal(opened: Console, tmp_path: Path) -> None:
    title = "Renouvellement du certificat assistance"
    number = by_hand(opened, "POST", "Assistance/Ticket", {"name": title, "content": "à faire", "type": 2})["id"]

    def read() -> Any:
        done = opened.play("playbooks/certificates.yml", "-e", f"folder={tmp_path}")
        assert done.code == 0, done.said
        parts = json.loads((tmp_path / "certificates.json").read_text("utf-8"))
        return next(part["tickets"] for part in parts if part and "tickets" in part)

    assert read() == {"open": {"assistance": number}, "closed": [], "unread": ""}
    # The rest is read without GLPI, and what it would have said is unknown.
    faults = opened.lab.systems["glpi"].faults
    faults.add("cut", path="/Assistance/Ticket", times=None)
    try:
        assert read() == {"open": {}, "closed": [], "unread": "GLPI n’a pas été lu"}
    finally:
        faults.clear()
