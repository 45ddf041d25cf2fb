"""A store that is older than the journal: it names what it forgot."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.readings import store
from piste.readings.belief import Reading, Unread
from piste.readings.table import READERS, SUBJECTS
from piste.runs.plans.conditions import Forgotten, check_memory
from piste.runs.plans.forgotten import findings
from piste.runs.records.chain import stamp
from piste.runs.records.record import KEPT_BY, compose
from piste.town.model.dates import now
from tests.support.samples import SAMPLES
from tests.unit.records.made import chain_of, header, task

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    return tmp_path / "journal"


def ran(root: Path, at: datetime, playbook: str, outcome: str | None = None, **given: Any) -> str:
    """Seal a run of a playbook, or of the reader of this name; return its id."""
    chain = chain_of(root, given.get("environment", "lab"))
    id_ = f"{at:%Y%m%dT%H%M%SZ}-{len([*root.rglob('*.json')]):06x}"
    head = {**header(1), "id": id_, "started": stamp(at), "command": ["ansible-playbook", playbook], **given}
    if playbook in READERS:
        of = READERS[playbook]
        head["command"] = ["ansible-playbook", of.playbook, "-e", json.dumps({"folder": "***", KEPT_BY: playbook})]
    done = [task(**({"status": "changed"} if playbook.endswith("site.yml") else {}))]
    chain.finish(chain.start(head), compose(head, done, "d" * 64, stamp(at + timedelta(minutes=1)), outcome))
    return id_


def kept(name: str, at: datetime) -> None:
    store.keep(SUBJECTS[name], "lab", {thing: Reading(value, at) for thing, value in SAMPLES[name]().items()})


def said() -> str:
    return " ".join(f"{finding.id} {finding.state} {finding.what} → {finding.todo}" for finding in findings("lab"))


def test_a_store_from_an_older_copy_names_what_was_read_and_written_since(journal: Path) -> None:
    at = now().replace(microsecond=0)
    kept("certificates", at - 9 * HOUR)
    ran(journal, at - 9 * HOUR, "certificates")
    assert not said()
    before = ran(journal, at - 10 * HOUR, "playbooks/site.yml")
    ran(journal, at - 3 * HOUR, "certificates")
    since = ran(journal, at - 2 * HOUR, "playbooks/site.yml")
    verified = ran(journal, at - HOUR, "playbooks/site.yml", check=True)
    assert said().startswith(
        "readings.forgotten unknown ce poste a oublié 1 lecture que le journal connaît : certificates, le "
    )
    assert since in said()
    assert not [id_ for id_ in (before, verified) if id_ in said()]
    assert said().endswith("piste read certificates")
    kept("certificates", at)
    assert not said(), "it was read again"
    kept("certificates", at - 3 * HOUR - timedelta(minutes=5))
    assert not said(), "the clock of a system is behind"


def test_a_lost_store_names_each_reader_by_its_mark(journal: Path) -> None:
    at = now().replace(microsecond=0)
    ran(journal, at - 4 * HOUR, "accounts")
    ran(journal, at - 3 * HOUR, "energy")
    ran(journal, at - 2 * HOUR, "wifi", outcome="killed")
    ran(journal, at - 60 * 24 * HOUR, "edr")
    ran(journal, at - HOUR, "/srv/piste/playbooks/beliefs.yml")
    assert said().endswith("piste read accounts energy"), "a playbook played alone keeps nothing"


def test_an_attempt_that_failed_is_no_forgotten_one(journal: Path) -> None:
    at = now().replace(microsecond=0)
    ran(journal, at - HOUR, "wifi")
    assert said().endswith("piste read wifi")
    store.keep(SUBJECTS["wifi"], "lab", {"points": Unread("503", at)})
    assert not said()


def test_a_capture_which_reads_the_same_and_keeps_nothing_is_no_reading(journal: Path) -> None:
    at = now().replace(microsecond=0)
    ran(journal, at - 2 * HOUR, "links", check=True)
    assert not said()
    ran(journal, at - HOUR, "links", check=False)
    assert said().endswith("piste read links")


def test_nothing_is_written_from_a_memory_that_is_lost(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PISTE_RUN_DIR", raising=False)
    at = now().replace(microsecond=0)
    ran(journal, at - HOUR, "wifi", environment="production")
    real: dict[str, Any] = {"piste_environment_production": True, "inventory_hostname": "ccas"}
    monkeypatch.setenv("PISTE_NODE", "another")
    check_memory(real)
    monkeypatch.setenv("PISTE_NODE", header(1)["node"])
    with pytest.raises(Forgotten, match=r"a oublié 1 lecture.* piste read wifi --environment production") as caught:
        check_memory(real)
    assert caught.value.kind == "refused"
    check_memory({**real, "piste_forgotten": "Mme Diallo : panne"})
    with pytest.raises(Forgotten, match="qui en décide et pourquoi"):
        check_memory({**real, "piste_forgotten": "panne"})
    check_memory({"piste_environment_lab": True, "inventory_hostname": "ccas"})
    store.keep(SUBJECTS["wifi"], "production", {"points": Unread("503", at)})
    check_memory(real)
