"""`piste find --live` on the lab: the verb, its playbook, the Dashboard."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.playbooks import console
from tests.support.terminal import Terminal

SITE, PHONE = "ecole-jaures", "02:93:05:20:00:01"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with console(tmp_path_factory.mktemp("find")) as opened:
        made = opened.play("playbooks/domains/network.yml", "-l", SITE)
        assert made.code == 0, made.said
        yield Terminal(opened)


def test_a_phone_is_found_on_its_port_and_nothing_is_written(terminal: Terminal) -> None:
    said = terminal.piste("find", PHONE, "--live", "--format", "json")
    assert said.code == 0, said.out + said.err
    live = json.loads(said.out)["live"]
    (place,) = live["places"]
    assert (live["state"], place["device"], place["port"], place["vlan"]) == ("seen", "sw-jau-01", "5", "153")
    assert (place["online"], place["differs"]) == (True, False)
    calls = terminal.console.lab.calls
    assert list(calls.writes()) == []
    assert [entry.path.rpartition("/")[2] for entry in calls.log][-2:] == ["search", "clients"]
    # What was read is in no file, the record of the run included.
    kept = [path for path in terminal.console.folder.rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if b"m.exemple" in path.read_bytes() or b'"seen_at"' in path.read_bytes()] == []


def test_an_address_that_nobody_has_is_unknown(terminal: Terminal) -> None:
    said = terminal.piste("find", "10.93.41.77", "--live")
    assert said.code == 3, said.out + said.err
    assert "inconnu, le Dashboard ne l’a pas vue depuis 30 jours" in " ".join(said.out.split())


def test_a_refusal_is_unknown_with_the_words_of_the_system(terminal: Terminal) -> None:
    terminal.console.lab.faults.add("status", path="/clients", status=404, times=None)
    said = terminal.piste("find", "10.93.41.77", "--live", "--format", "json")
    live = json.loads(said.out)["live"]
    assert (said.code, live["state"], live["places"]) == (3, "unknown", [])
    assert "404" in live["why"]
