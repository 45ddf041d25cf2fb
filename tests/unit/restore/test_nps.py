"""An NPS server restored on a spare, and every reason not to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.winrm import nps_documents
from piste.engine.converge.errors import AnswerLost, Misused
from piste.systems.windows.nps.document import CLIENTS
from piste.trials.restore.method import Refused
from piste.trials.restore.results import results
from piste.trials.restore.run import Given, clean, run
from piste.trials.restore.state import left_open
from tests.support.inprocess import Killed
from tests.support.nps import World, killed, raising, torn
from tests.support.restores import TEST

SOURCE, SPARE = "hdv-nps1", "hdv-nps2"
NPS = {**TEST, "name": "nps", "method": "nps", "set": None, "server": SOURCE}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A server taken over from a contractor, and a new server that serves nobody."""
    monkeypatch.setenv("PISTE_RESTORES_DIR", str(tmp_path / "restores"))
    made = World(tmp_path, nps_documents.inherited())
    made.machines[SPARE].state["nps"] = nps_documents.fresh().decode()
    with made.run():
        yield made


def given(world: World, spare: str = SPARE) -> Given:
    winrm = {"username": "VILLE\\svc", "password": "mot-de-passe"}
    return Given("lab", options={"winrm": winrm, "own": {"nps": spare}}, secrets=world.secrets)


def is_blank(world: World) -> bool:
    return world.document(SPARE).same(type(world.document(SPARE))(nps_documents.fresh()))


def test_a_configuration_comes_back_whole_on_the_spare_and_leaves_it(world: World) -> None:
    before = world.exported(SOURCE)
    result, _ = run(NPS, given(world))
    assert (result.outcome, result.reason) == ("proven", "")
    assert result.tests[0].observed == str(len(world.document(SOURCE).names(CLIENTS)))
    assert result.tests[-1].observed == "0 différences"
    assert world.imports == [SPARE, SPARE]
    assert is_blank(world)
    assert world.exported(SOURCE) == before


@pytest.mark.parametrize(("spare", "word"), [("", "aucun serveur NPS de réserve"), (SOURCE.upper(), "est en service")])
def test_without_a_spare_nothing_is_imported(world: World, spare: str, word: str) -> None:
    with pytest.raises(Refused, match=word):
        run(NPS, given(world, spare))
    assert world.imports == []


def test_a_server_that_has_clients_is_never_the_spare(world: World) -> None:
    world.machines[SPARE].state["nps"] = nps_documents.inherited().decode()
    with pytest.raises(Refused, match="il sert déjà"):
        run(NPS, given(world))
    assert world.imports == []


@pytest.mark.parametrize("call", [3, 4, 5, 6, 7, 8, 9])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_call_leaves_a_blank_spare_after_the_next(world: World, call: int, when: str) -> None:
    world.at[call, when] = killed
    with pytest.raises(Killed):
        run(NPS, given(world))
    clean(given(world))
    assert is_blank(world)
    assert left_open("lab") == []
    assert [result.outcome for result, _ in results("lab")] == (["interrupted"] if call > 2 else [])


@pytest.mark.parametrize("spare", ["hdv-nps3", ""])
def test_a_spare_that_was_put_in_service_is_not_emptied(world: World, spare: str) -> None:
    """A killed test leaves it the whole configuration: people may then have used it."""
    world.at[6, "after"] = killed
    with pytest.raises(Killed):
        run(NPS, given(world))
    left = world.exported(SPARE)
    with pytest.raises(Misused, match="n’est plus le serveur NPS de réserve"):
        clean(given(world, spare))
    assert world.exported(SPARE) == left
    assert len(left_open("lab")) == 1


def test_an_import_that_is_torn_is_no_proof_and_is_cleared(world: World) -> None:
    world.at[4, "before"] = torn
    assert run(NPS, given(world))[0].outcome in ("failed", "unknown")
    assert is_blank(world)


def test_a_spare_that_does_not_answer_is_unknown(world: World) -> None:
    world.at[3, "before"] = raising(AnswerLost("rien"))
    assert run(NPS, given(world))[0].outcome == "unknown"
    assert is_blank(world)
