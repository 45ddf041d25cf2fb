"""Runs on other machines by `ansible-runner transmit | worker | process`, on one lab."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.declared import declared_inventory, declared_town, write_secrets
from lab.http import Request, Response
from lab.instance import Lab
from piste.runs.records.imported import Imported, bring
from piste.runs.records.journal import chains, latest, verify
from piste.runs.records.record import Record
from tests.support.checkouts import checkout
from tests.support.workers import Fleet

pytestmark = pytest.mark.story

SITES = ("ecole-jaures", "mediatheque")
SWITCH = "QZZZ-0005-0002"
PORT = f"/devices/{SWITCH}/switch/ports/2"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with Lab("empty", tls=True, folder=tmp_path / "lab", inventory=declared_inventory(declared_town())) as lab:
        lab.meraki.behaviour.set(rate_limit=None, claim_limit=None)
        write_secrets(lab.folder, declared_town().secret_paths())
        checkout(tmp_path / "sent/project", SITES)
        yield Fleet(lab, tmp_path)


@contextmanager
def waiting(lab: Lab, path: str, nth: int) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Have the n-th reading of a path wait; the events say that it came, and let it go."""
    came, go, seen = threading.Event(), threading.Event(), [0]
    answer = lab.meraki.handle

    def handle(request: Request) -> Response:
        if request.method == "GET" and request.path.endswith(path):
            seen[0] += 1
            if seen[0] == nth:
                came.set()
                go.wait(300)
        return answer(request)

    lab.meraki.handle = handle  # type: ignore[method-assign]
    try:
        yield came, go
    finally:
        go.set()
        lab.meraki.handle = answer  # type: ignore[method-assign]


def count(record: Record) -> int:
    """Count the operations of a run."""
    return sum(len(task["operations"]) for task in record["tasks"])


def test_two_workers_share_the_town_a_site_and_the_journal(fleet: Fleet) -> None:
    lab, journal = fleet.lab, fleet.folder / "journal"

    # Two sites at once; each worker leaves its record among its artifacts, under a name of its own.
    jobs = {"41": "ecole-jaures", "42": "mediatheque"}
    own = {job: {"PISTE_NODE": f"ouvrier-{job}", "PISTE_JOURNAL_DIR": f"../artifacts/{job}/journal"} for job in jobs}
    workers = {job: fleet.start(f"worker-{job}", fleet.transmit(job, site, **own[job])) for job, site in jobs.items()}
    for job, worker in workers.items():
        said, artifacts = fleet.process(job, worker.end())
        assert "failed=0" in said
        assert (artifacts / "rc").read_text() == "0"
        (arrived,) = bring(journal, artifacts / "journal", "poste")
        assert (arrived.chain, len(arrived.runs)) == (f"lab/ouvrier-{job}", 1)
        assert bring(journal, artifacts / "journal", "poste") == [Imported(arrived.chain, (), ())]
    assert {record["limit"]: record["outcome"] for record in latest(journal)} == dict.fromkeys(SITES, "changes")
    assert sorted(live["name"] for live in lab.meraki.world.networks.values()) == [f"VLB {site}" for site in SITES]
    assert_no_secret(fleet)

    # One object at once, each behind locks of its own, in one chain of a shared journal.
    lab.meraki.edit("PUT", PORT, {"vlan": 7})
    shared = {"PISTE_NODE": "grappe", "PISTE_JOURNAL_DIR": str(journal)}
    with waiting(lab, PORT.rpartition("/")[0], nth=2) as (came, go):
        slow = fleet.start("worker-41", fleet.transmit("43", "ecole-jaures", **shared))
        assert came.wait(300), "the second look never came"
        said, _ = fleet.process("44", fleet.start("worker-42", fleet.transmit("44", "ecole-jaures", **shared)).end())
        assert "failed=0" in said
        go.set()
        late, artifacts = fleet.process("43", slow.end())
    assert (artifacts / "rc").read_text() != "0"
    stopped = "PISTE-E022 ecole-jaures : modifié par quelqu’un d’autre depuis le calcul du plan : sw-jau-02/2."
    assert stopped in " ".join(late.split())
    loser, winner = latest(journal)[-2:]
    assert [(record["outcome"], count(record)) for record in (winner, loser)] == [("changes", 1), ("refused", 0)]
    assert (winner["node"], winner["hash"]) == ("grappe", loser["previous"])

    # Nothing is left to do, and every seal is whole.
    lab.calls.clear()
    last = fleet.start("worker-41", fleet.transmit("45", "ecole-jaures", **shared))
    assert "changed=0" in fleet.process("45", last.end())[0]
    assert lab.calls.writes() == []
    assert verify(journal) == []
    assert sorted(chain.name for chain in chains(journal)) == ["lab/grappe", "lab/ouvrier-41", "lab/ouvrier-42"]


def assert_no_secret(fleet: Fleet) -> None:
    secrets = [str(fleet.lab.info["meraki"]["api_key"]), *write_secrets(fleet.lab.folder, ()).values()]
    text = b"".join(path.read_bytes() for path in (fleet.folder / "back").rglob("*") if path.is_file())
    assert [secret for secret in secrets if secret.encode() in text] == []
