"""The server of the supervision and what it polls, in a layout without a machine."""

from __future__ import annotations

from collections import Counter

import pytest

from piste.engine.converge.errors import Missing
from piste.trials.twin import machine
from piste.trials.twin.build import build
from piste.trials.twin.layout import Layout
from piste.trials.twin.watched import SUPERVISION
from tests.support.twin import readings, town

SITES = ("mediatheque", "hotel-de-ville")


def laid(*, watched: bool = True) -> Layout:
    return build(readings(*SITES), town(), SITES, watched=watched)


def test_all_that_is_watched_stands_once_at_its_declared_address() -> None:
    layout = laid()
    addresses = Counter(
        address.partition("/")[0]
        for host in layout.hosts.values()
        for given in host.interfaces.values()
        for address in given
    )
    owners = [town().commune, *(town().sites[name] for name in SITES)]
    # The members of the firewall are one router of the twin.
    members = {asset["name"] for asset in owners[0]["assets"] if asset["kind"] == "firewall"}
    hosts = [host for owner in owners for host in owner["supervision"]["hosts"] if host["name"] not in members]
    declared = {host["name"]: host["address"] for host in hosts}
    assert {each.name: each.address for each in layout.watched} == declared
    assert {address: addresses[address] for address in declared.values()} == dict.fromkeys(declared.values(), 1)
    by_name = {each.name: each for each in layout.watched}
    for each in by_name.values():
        standing = [text for given in layout.hosts[each.host].interfaces.values() for text in given]
        assert any(text.startswith(f"{each.address}/") for text in standing)


def test_the_server_is_a_computer_of_its_own_with_ports_left_free() -> None:
    layout = laid()
    server = layout.hosts[SUPERVISION]
    assert [*server.interfaces["eth0"]] == [f"{town().commune['supervision']['server']}/24"]
    assert {10050, 10051, 3493} <= server.free
    assert "nameserver " in server.files["resolv.conf"]
    # The devices of a site are behind its own switch: a cut link reaches them.
    assert {each.host.rpartition("-")[0] for each in layout.watched if each.kind == "printer"} == {
        "equipements-mediatheque"
    }


def test_a_twin_that_nothing_polls_has_no_such_host() -> None:
    layout = laid(watched=False)
    assert layout.watched == []
    assert SUPERVISION not in layout.hosts
    assert not any(name.startswith("equipements-") for name in layout.hosts)


def test_a_link_leaves_the_switches_of_its_site() -> None:
    layout = laid()
    bridges = {port.name: layout.bridges[port.bridge].label for port in layout.ports}
    [(near, far)] = layout.links["mediatheque"]
    assert bridges[near] == "sw-med-01"
    assert bridges[far] == "coeur-hdv"


def test_a_link_that_is_not_there_is_not_cut(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "state", lambda identity: {"links": {"mediatheque": [["p1", "p2"]], "ctm": []}})
    with pytest.raises(Missing, match="aucune liaison de « ctm »"):
        machine.cut("vu", "ctm", mend=False)
