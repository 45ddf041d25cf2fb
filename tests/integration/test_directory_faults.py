"""Faults of a domain controller: dead, refusing, of another name; deaths of a writing run."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import ldap3
import pytest
from ldap3.core.exceptions import LDAPSocketReceiveError

from piste.engine.converge.errors import Interrupted, Unreachable
from piste.engine.transport.shared import VARIABLE
from piste.systems.windows import directory as transport
from piste.systems.windows.directory import DACL, Directory
from piste.systems.windows.domain import Domain as Where
from piste.systems.windows.sysvol import DRAFT, Sysvol
from tests.support.ad import Town
from tests.support.inprocess import Killed
from tests.support.samba import Domain

STEPS: list[tuple[str, list[dict[str, Any]]]] = [
    (
        "ad_organizational_units",
        [{"path": "Ville", "description": "La Ville"}, {"path": "Ville/Ecoles", "protected": True}],
    ),
    (
        "ad_groups",
        [
            {"name": "GU-A", "ou": "Ville", "scope": "universal", "members": {"GU-B": True}},
            {"name": "GU-B", "ou": "Ville/Ecoles", "scope": "universal", "members": {"GU-A": True}},
        ],
    ),
    ("ad_wmi_filters", [{"name": "Portables", "queries": [{"query": "SELECT * FROM Win32_Battery"}]}]),
    ("ad_gpo_links", [{"target": "Ville", "links": {"Default Domain Policy": {"enforced": True}}}]),
]
CHANGES: list[tuple[str, list[dict[str, Any]]]] = [
    (
        "ad_organizational_units",
        [
            {"path": "Ville", "description": None},
            {"path": "Ville/Etablissements", "formerly": ["Ville/Ecoles"], "description": "x", "protected": False},
        ],
    ),
    (
        "ad_groups",
        [
            {
                "name": "GL-A",
                "formerly": ["GU-A"],
                "category": "distribution",
                "members": {"GU-B": None},
                "description": "x",
            },
            {"name": "GU-B", "ou": "Ville", "members": {"GL-A": None}},
        ],
    ),
]


def test_a_run_killed_after_any_write_is_finished_by_the_next(domain: Domain, tmp_path: Path) -> None:
    """Each run dies after its first write: the next starts from every state on the way."""
    town = Town(domain, tmp_path)
    for module, config in (*STEPS, *CHANGES):
        deaths = 0
        while True:
            town.kill_after = 1
            try:
                assert not town.module(module, config)["changed"]
                break
            except Killed:
                deaths += 1
                assert deaths < 20
        assert deaths >= len(config)
        town.kill_after = 0
        declared = {name for item in config for name in item} - {"formerly"}
        there = town.module(module, config, state="gathered")["gathered"]
        assert [item for item in there if declared <= item.keys()]
        assert not town.module(module, config)["changed"]


def test_a_run_killed_before_its_first_write_has_changed_nothing(domain: Domain, tmp_path: Path) -> None:
    town, before = Town(domain, tmp_path), domain.usn()
    town.kill_before = 1
    for module, config in STEPS[:1]:
        with pytest.raises(Killed):
            town.module(module, config)
    assert domain.usn() == before


def test_what_was_done_before_a_failure_is_said_and_not_done_again(domain: Domain, tmp_path: Path) -> None:
    town = Town(domain, tmp_path)

    def refuse(what: str, dn: str) -> None:
        if dn.startswith("OU=Ecoles"):
            raise RuntimeError("panne")

    town.on_write = refuse
    with pytest.raises(Interrupted) as stopped:
        town.module(*STEPS[0])
    assert (stopped.value.applied, stopped.value.failed) == (("Ville",), ("Ville/Ecoles",))
    town.on_write = lambda what, dn: None
    assert town.module(*STEPS[0])["summary"] == ["+ organizational_unit Ville/Ecoles"]


def test_what_was_begun_before_a_refusal_is_said_for_the_undo(domain: Domain, tmp_path: Path) -> None:
    """Remove by hand a unit just created and not yet protected: an undo must know its creation."""
    town = Town(domain, tmp_path)

    def remove(what: str, dn: str) -> None:
        if len(town.writes) == 1:
            with domain.ldap() as connection:
                connection.delete(dn)

    town.on_write = remove
    with pytest.raises(Interrupted) as stopped:
        town.module("ad_organizational_units", [{"path": "Ville", "protected": True}, {"path": "Sport"}])
    assert [operation["key"] for operation in stopped.value.operations] == ["Ville"]


def test_a_write_whose_answer_is_lost_is_looked_for_before_it_is_done_again(
    domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first write is done, and the connection dies before its answer."""
    sent = ldap3.Connection.add
    lost: list[str] = []

    def add(self: ldap3.Connection, dn: str, *rest: Any, **options: Any) -> Any:
        answer = sent(self, dn, *rest, **options)
        if not lost:
            lost.append(dn)
            raise LDAPSocketReceiveError("cut")
        return answer

    monkeypatch.setattr(ldap3.Connection, "add", add)
    town = Town(domain, tmp_path)
    assert town.module(*STEPS[0])["changed"]
    assert [write for write in town.writes if write.startswith("créer")] == [
        f"créer {lost[0]}",
        f"créer OU=Ecoles,{lost[0]}",
    ]
    assert not town.module(*STEPS[0])["changed"]


# the transports themselves


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"controller": "dc9.ad.lebourget.example"}, "certificat que rien n’atteste. il est au nom d’un autre"),
        ({"ca_file": ""}, "présente un certificat que rien n’atteste"),
        ({"password": "faux"}, "mot de passe ou nom erroné"),
        ({"address": "127.0.0.19"}, "ne répond pas"),
    ],
    ids=["another name", "another authority", "another password", "another address"],
)
def test_a_domain_that_does_not_let_us_in_is_unknown(
    shared_domain: Domain, run: None, wrong: dict[str, str], said: str
) -> None:
    directory = Directory(Where.of({**shared_domain.option, **wrong}))
    with pytest.raises(Unreachable, match=said) as unknown:
        directory.search(directory.base)
    assert unknown.value.kind == "unknown"
    assert shared_domain.password not in str(unknown.value)


def test_all_pages_of_an_answer_are_read(shared_domain: Domain, run: None, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = Directory(Where.of(shared_domain.option))
    whole = [entry.dn for entry in directory.search(directory.base, "(objectClass=group)")]
    monkeypatch.setattr(transport, "PAGE", 7)
    before = directory.calls["reads"]
    assert [entry.dn for entry in directory.search(directory.base, "(objectClass=group)")] == whole
    assert directory.calls["reads"] - before == -(-len(whole) // 7)
    directory.close()


def test_a_kept_connection_that_was_cut_is_opened_again(shared_domain: Domain, run: None) -> None:
    directory = Directory(Where.of(shared_domain.option))
    sysvol = Sysvol(directory)
    assert directory.search(directory.base, scope="base")
    assert sysvol.exists("Policies")
    cut(directory, sysvol)
    assert directory.search(directory.base, scope="base")
    assert sysvol.exists("Policies")
    sysvol.close()
    directory.close()


def cut(directory: Directory, sysvol: Sysvol) -> None:
    assert directory._connection is not None
    directory._connection.socket.shutdown(2)
    for connection in sysvol._connections.values():
        connection.transport._sock.shutdown(2)


def test_files_are_written_whole_and_trees_removed(shared_domain: Domain, run: None) -> None:
    directory = Directory(Where.of(shared_domain.option))
    sysvol, place = Sysvol(directory), f"Policies/{uuid.uuid4()}"
    assert (sysvol.read(f"{place}/x"), sysvol.tree(place), sysvol.exists(place)) == (None, {}, False)
    sysvol.write(f"{place}/Machine/é à.txt", b"x" * 200_000)
    sysvol.write(f"{place}/Machine/é à.txt", b"court")
    sysvol.write(f"{place}/GPT.INI", b"[General]")
    assert sysvol.read(f"{place}/Machine/é à.txt") == b"court"
    assert sysvol.tree(place) == {"GPT.INI": 9, "Machine": None, "Machine/é à.txt": 5}
    descriptor = sysvol.descriptor(place, folder=True, parts=DACL)
    assert descriptor
    sysvol.put_descriptor(place, descriptor, folder=True)
    assert sysvol.descriptor(f"{place}/nul", folder=False) is None
    sysvol.rename(place, f"{place}-bis")
    assert (sysvol.exists(place), len(sysvol.tree(f"{place}-bis"))) == (False, 3)
    sysvol.delete(f"{place}-bis")
    sysvol.delete(f"{place}-bis")
    assert not sysvol.exists(f"{place}-bis")
    sysvol.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("msg_worker")]
    directory.close()


def test_a_draft_left_by_a_killed_write_is_not_shown_and_goes_with_its_folder(shared_domain: Domain, run: None) -> None:
    directory = Directory(Where.of(shared_domain.option))
    sysvol, place = Sysvol(directory), f"Policies/{uuid.uuid4()}"
    sysvol.write(f"{place}/a", b"1")
    sysvol.rename(f"{place}/a", f"{place}/a{DRAFT}")
    assert sysvol.tree(place) == {}
    sysvol.delete(place)
    assert not sysvol.exists(place)
    sysvol.close()
    directory.close()
