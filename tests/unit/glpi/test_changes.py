"""Each run leaves a change in GLPI: once, by name, whatever is interrupted."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import InvalidConfig, PisteError, Unreachable
from piste.engine.converge.locks import Busy, exclusive
from piste.engine.transport.response import Response
from piste.runs.records.noted import change_of, runs
from piste.systems.glpi.changes import MODULES, OBJECTS
from tests.support.glpi import BASE, GlpiWorld
from tests.support.inprocess import Killed

MINE = {"owner": "ecole-jaures", "kind": "asset", "label": "Computer/<pc>&1", "action": "create"}


def run_of(name: str, **given: Any) -> dict[str, Any]:
    return {
        "id": name, "started": "2026-11-24T16:55:00+00:00", "commit": "abc123", "clean": True, "plan": None,
        "outcome": "changes", "change": None, "objects": [MINE], **given,
    }  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> GlpiWorld:
    return GlpiWorld(tmp_path)


def note(world: GlpiWorld, *noted: dict[str, Any], check: bool = False, timezone: str = "Europe/Paris") -> Any:
    with world.run():
        params = {"glpi": world.connection, "runs": list(noted), "timezone": timezone}
        return MODULES["glpi_changes"].run(params, check)


@pytest.mark.parametrize("started", ["2026-11-24T16:55:00+00:00", "2026-07-14T22:30:00Z", "2027-02-28T23:59:59Z"])
def test_a_change_has_the_moment_of_its_run(world: GlpiWorld, started: str) -> None:
    note(world, run_of("r1", started=started))
    (change,) = world.simulator.world.of("Change").values()
    shown = world.simulator.items.shown("Change", change, "2.3")["date"]
    assert datetime.fromisoformat(shown) == datetime.fromisoformat(started)


def test_a_zone_or_a_moment_that_is_none_is_refused_before_any_request(world: GlpiWorld) -> None:
    wrong = [run_of("r1"), run_of("r2", started="hier"), run_of("r3", started="demain")]
    with pytest.raises(InvalidConfig, match=r"runs\[r2\].started : « hier »(.|\n)*runs\[r3\].started"):
        note(world, *wrong)
    for zone in ("Europe/Le-Bourget", "../../etc/passwd", ""):
        with pytest.raises(InvalidConfig, match="n’est pas un fuseau horaire"):
            note(world, run_of("r1"), timezone=zone)
    assert world.requests == []


def test_a_run_is_noted_once_with_its_commit_and_its_objects_escaped(world: GlpiWorld) -> None:
    assert note(world, run_of("20261124T165500Z-1a2b3c"))["noted"] == ["20261124T165500Z-1a2b3c"]
    (change,) = world.simulator.world.of("Change").values()
    assert change["name"] == "Piste 20261124T165500Z-1a2b3c"
    assert "commit abc123" in change["content"]
    assert "créé : asset Computer/&lt;pc&gt;&amp;1 (ecole-jaures)" in change["content"]
    world.requests.clear()
    assert note(world, run_of("20261124T165500Z-1a2b3c"))["noted"] == []
    assert world.writes == []


def test_many_objects_are_counted(world: GlpiWorld) -> None:
    note(world, run_of("r1", objects=[MINE] * (OBJECTS + 7)))
    assert "et 7 autre(s)" in world.named("Change", "Piste r1")["content"]


def test_check_mode_says_what_lacks_and_writes_nothing(world: GlpiWorld) -> None:
    result = note(world, run_of("r1"), check=True)
    assert (result["changed"], result["noted"], world.writes) == (True, ["r1"], [])


def test_a_run_that_answers_a_change_asked_in_glpi_is_a_follow_up_of_it(world: GlpiWorld) -> None:
    world.simulator.world.add("Change", {"name": "Brancher la salle 4"})
    assert note(world, run_of("r1", change=1))["noted"] == ["r1"]
    assert note(world, run_of("r1", change=1))["noted"] == []
    assert world.count("Change") == 1
    (followup,) = world.simulator.world.of("ITILFollowup").values()
    assert followup["items_id"] == 1
    assert "r1" in followup["content"]


def test_a_change_that_is_not_there_fails_without_a_trace_elsewhere(world: GlpiWorld) -> None:
    with pytest.raises(PisteError, match="404"):
        note(world, run_of("r1", change=9))
    assert world.count("Change") == 0


def test_killed_at_any_write_nothing_is_noted_twice(tmp_path: Path) -> None:
    noted = [run_of("r1"), run_of("r2", change=1), run_of("r3")]
    for number in (1, 2, 3):
        for moment in ("kill_before", "kill_after"):
            world = GlpiWorld(tmp_path / f"{moment}{number}")
            world.folder.mkdir()
            world.simulator.world.add("Change", {"name": "Demande"})
            setattr(world, moment, number)
            with pytest.raises(Killed):
                note(world, *noted)
            setattr(world, moment, 0)
            note(world, *noted)
            names = sorted(change["name"] for change in world.simulator.world.of("Change").values())
            assert names == ["Demande", "Piste r1", "Piste r3"]
            assert world.count("ITILFollowup") == 1


def test_a_lost_answer_makes_no_second_change(world: GlpiWorld) -> None:
    world.simulator.faults.add("cut", method="POST", path="/Change", when="after")
    note(world, run_of("r1"))
    assert world.count("Change") == 1


def test_what_is_asked_again_is_what_was_asked(world: GlpiWorld) -> None:
    world.simulator.faults.add("cut", method="POST", path="/Change", when="before")
    note(world, run_of("r1", started=None))
    assert "date" not in world.named("Change", "Piste r1")


def test_two_notings_at_a_time_wait_for_each_other(world: GlpiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_LOCK_WAIT", "0")
    with world.run(), exclusive(f"glpi changes {BASE}"):
        params = {"glpi": world.connection, "runs": [run_of("r1")], "timezone": "Europe/Paris"}
        with pytest.raises(Busy):
            MODULES["glpi_changes"].run(params, False)
        assert MODULES["glpi_changes"].run(params, True)["noted"] == ["r1"]
    assert world.count("Change") == 0


def test_the_journal_gives_the_runs_that_have_written_and_no_value() -> None:
    values = {"before": "x", "after": "y", "content": {"secret": 1}}
    operation = {**MINE, "system": "glpi", "key": "k", "fields": [], **values}
    base = {"started": None, "commit": "c", "clean": True, "plan": None, "outcome": "changes", "check": False}
    task = {"check": False, "operations": [operation]}
    records = [
        {**base, "id": "r3", "tasks": [task], "command": ["site.yml", "-e", '{"piste_change": 12}']},
        {**base, "id": "r2", "tasks": [{**task, "check": True}], "command": None},
        {**base, "id": "r1", "tasks": [task], "command": ["-e", "piste_change=7"]},
    ]
    first, last = runs(records)
    assert (first["id"], first["change"], last["id"], last["change"]) == ("r1", 7, "r3", 12)
    assert last["objects"] == [MINE]


@pytest.mark.parametrize("word", ["piste_change=x", '{"piste_change": "a"}', '{"piste_change"', "piste_changes=4"])
def test_a_word_that_names_no_change_names_none(word: str) -> None:
    assert change_of([word]) is None


def test_a_report_is_noted_once_by_its_own_words(world: GlpiWorld) -> None:
    report = {"id": "rapport 2026-11 1a2b3c4d", "said": "Rapport du mois\n<b>41</b> connus", "objects": []}
    assert note(world, report)["noted"] == [report["id"]]
    assert note(world, report)["noted"] == []
    (change,) = world.simulator.world.of("Change").values()
    assert change["content"] == "<p>Rapport du mois</p><p>&lt;b&gt;41&lt;/b&gt; connus</p>"


PAPER = b"%PDF-1.7\r\n--\r\n\xff\x00 un rapport"


def report_of(folder: Path, content: bytes = PAPER, file: str = "signe-ville.pdf") -> dict[str, Any]:
    (folder / file).write_bytes(content)
    documents = [{"name": "Piste rapport 2026-11 1a2b3c4d signe-ville", "path": str(folder / file)}]
    return run_of("rapport 2026-11 1a2b3c4d", said="Rapport du mois", objects=[], documents=documents)


def test_a_signed_report_is_a_document_of_its_change_once(world: GlpiWorld, tmp_path: Path) -> None:
    world.simulator.behaviour.set(legacy=True)
    world.simulator.world.add("Document", {"name": "Piste rapport 2026-11 1a2b3c4d signe-ville, copie"})
    run = report_of(tmp_path)
    filed = run["documents"][0]["name"]
    assert note(world, run, check=True)["noted"] == [run["id"], filed]
    assert world.writes == []
    assert note(world, run)["noted"] == [run["id"], filed]
    _, document = world.simulator.world.of("Document").values()
    assert (document["name"], document["filename"]) == (filed, "signe-ville.pdf")
    assert document["sha1sum"] == hashlib.sha1(PAPER, usedforsecurity=False).hexdigest()
    (change,) = world.simulator.world.of("Change").values()
    (link,) = world.simulator.world.of("Document_Item").values()
    assert (link["itemtype"], link["items_id"], link["documents_id"]) == ("Change", change["id"], document["id"])
    again = note(world, run)
    assert (again["noted"], again["changed"]) == ([], False)
    assert world.count("Document") == 2


def test_a_report_signed_after_it_was_noted_is_attached_to_the_same_change(world: GlpiWorld, tmp_path: Path) -> None:
    world.simulator.behaviour.set(legacy=True)
    run = report_of(tmp_path)
    note(world, {**run, "documents": []})
    assert note(world, run)["noted"] == [run["documents"][0]["name"]]
    assert (world.count("Change"), world.count("Document_Item")) == (1, 1)


def test_a_document_whose_answer_is_lost_is_filed_once(world: GlpiWorld, tmp_path: Path) -> None:
    world.simulator.behaviour.set(legacy=True)
    run = report_of(tmp_path)
    note(world, {**run, "documents": []})
    lost: list[str] = []

    def cut(path: str, answer: Response) -> Response:
        if path.endswith("v1/Document") and answer.status == 201 and not lost:
            lost.append(path)
            raise ConnectionResetError
        return answer

    world.spoil = cut
    note(world, run)
    assert (lost != [], world.count("Document"), world.count("Document_Item")) == (True, 1, 1)


def test_a_glpi_without_its_legacy_api_leaves_the_document_unknown(world: GlpiWorld, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="ancienne API"):
        note(world, report_of(tmp_path))
    assert world.count("Document") == 0


@pytest.mark.parametrize(("content", "file"), [(b"MZ", "signe-ville.pdf"), (PAPER, 'a"; x.pdf'), (PAPER, "signe.exe")])
def test_what_is_no_plain_pdf_is_refused_before_any_request(
    world: GlpiWorld, tmp_path: Path, content: bytes, file: str
) -> None:
    with pytest.raises(InvalidConfig, match="n’est pas un PDF"):
        note(world, report_of(tmp_path, content, file))
    assert world.requests == []
