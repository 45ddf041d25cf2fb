"""`piste doctor` on a listening lab: conform, then each thing that an environment can lack."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from piste.commands.output import EXIT
from tests.support.playbooks import console
from tests.support.terminal import Terminal


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with (
        console(tmp_path_factory.mktemp("doctor")) as opened,
        open(opened.lab.folder / "lab.lock", "w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)  # as the lab in the background does
        yield Terminal(opened)


def examined(terminal: Terminal, **environment: str) -> tuple[int, dict[str, str]]:
    """Return the exit code, and the findings that are not well."""
    said = terminal.piste("doctor", "--format", "json", **{"PISTE_RATE": "10", **environment})
    assert terminal.writes == []
    findings = json.loads(said.out)["findings"]
    assert not [value for value in terminal.console.secrets.values() if value in said.out + said.err]
    return said.code, {finding["id"]: finding["state"] for finding in findings if finding["state"] != "ok"}


def test_a_lab_that_is_up_is_conform(terminal: Terminal) -> None:
    said = terminal.piste("doctor", PISTE_RATE="10")
    assert (said.code, terminal.writes) == (0, []), said.out
    for line in (
        "✓ conforme    le laboratoire tourne, avec le code de ce dépôt",
        "✓ conforme    la clé peut lire et écrire dans l’organisation (droit full)",
        "✓ conforme    les 31 secrets déclarés ont une valeur",
    ):
        assert line in said.out.splitlines()
    assert "\x1b" not in said.out


def test_a_secret_without_value_is_wrong(terminal: Terminal) -> None:
    file = terminal.console.lab.folder / "secrets.json"
    kept = file.read_text("utf-8")
    file.write_text(json.dumps({**json.loads(kept), "radius/ccas": None}), "utf-8")
    try:
        assert examined(terminal) == (EXIT["error"], {"secrets.values": "wrong"})
    finally:
        file.write_text(kept, "utf-8")


def test_a_system_that_does_not_answer_is_unknown(terminal: Terminal) -> None:
    terminal.console.lab.faults.add("status", status=503, times=None)
    try:
        assert examined(terminal) == (EXIT["unknown"], {"meraki.reachable": "unknown"})
    finally:
        terminal.console.lab.faults.clear()


def test_a_lab_that_is_down_is_unknown(terminal: Terminal, tmp_path: Path) -> None:
    code, findings = examined(terminal, PISTE_LAB_DIR=str(tmp_path))
    assert (code, findings) == (
        EXIT["error"],
        {"lab": "unknown", "meraki.reachable": "unknown", "secrets.values": "wrong"},
    )


def test_a_production_without_its_vault_learns_how_to_make_it(terminal: Terminal) -> None:
    said = terminal.piste("doctor", "--environment", "production")
    assert said.code == EXIT["error"]
    assert said.out.count("l’environnement « production » n’a pas de coffre") == 2
    assert "ansible-vault create inventories/production/group_vars/all/vault.yml" in said.out
    said = terminal.piste("plan", "ccas", "--environment", "production")
    assert said.code == EXIT["refused"]
    assert "n’a pas de coffre" in said.err
    assert "undefined" not in said.out + said.err
