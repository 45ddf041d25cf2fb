"""Writes are grouped as the vendor wants: a hundred at most, in order, the risky last."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Rejected, Unreachable
from piste.engine.converge.plan import Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.transport.response import Response
from piste.engine.transport.shared import Shared
from piste.systems.meraki import batches
from piste.systems.meraki.batches import Write


class Recorder:
    """Dashboard that answers every batch as done, and keeps the requests."""

    organization = "1"
    clock = time

    def __init__(self, folder: Path) -> None:
        self.shared = Shared(folder, "meraki")
        self.sent: list[tuple[str, str, Any]] = []

    def request(self, method: str, path: str, *, body: Any = None) -> Response:
        self.sent.append((method, path, body))
        return Response(201, {}, b'{"id": "7", "status": {"completed": true, "failed": false}}')


def write(number: int, **options: Any) -> Write:
    operation = Operation("meraki", "site", "port", str(number), "update", {}, {})
    return Write(operation, f"/ports/{number}", {"n": number}, **options)


@pytest.fixture
def send(tmp_path: Path) -> Callable[..., tuple[list[Any], list[str]]]:
    def run(*writes: Write) -> tuple[list[Any], list[str]]:
        recorder, done = Recorder(tmp_path), []
        progress = Progress(Plan(), lambda operations: done.extend(operation.key for operation in operations))
        batches.send(recorder, writes, progress, lambda: False)  # type: ignore[arg-type]
        return recorder.sent, done

    return run


def sizes(sent: list[Any]) -> list[tuple[int, bool] | str]:
    return [
        (len(body["actions"]), body["synchronous"]) if path.endswith("/actionBatches") else path
        for _, path, body in sent
    ]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, []),
        (1, ["/ports/0"]),
        (2, [(2, True)]),
        (20, [(20, True)]),
        (21, [(21, False)]),
        (100, [(100, False)]),
        (101, [(100, False), "/ports/100"]),
        (352, [(100, False), (100, False), (100, False), (52, False)]),
    ],
)
def test_as_few_requests_as_the_limits_allow(send: Any, count: int, expected: list[Any]) -> None:
    sent, done = send(*(write(number) for number in range(count)))
    assert sizes(sent) == expected
    assert done == [str(number) for number in range(count)]


def test_what_batches_cannot_do_is_sent_alone_in_its_place(send: Any) -> None:
    sent, _ = send(write(1), write(2), write(3, verb="", method="PUT"), write(4), write(5))
    assert sizes(sent) == [(2, True), "/ports/3", (2, True)]


def test_what_could_cut_the_site_off_is_never_in_a_batch_with_the_rest(send: Any) -> None:
    sent, done = send(write(1, last=True), write(2), write(3, last=True), write(4))
    assert sizes(sent) == [(2, True), (2, True)]
    assert done == ["2", "4", "1", "3"]


def test_an_operation_is_done_once_all_its_documents_are(send: Any) -> None:
    first, second = write(1), write(2)
    more = Write(first.operation, "/ports/1/more", {}, verb="", method="PUT")
    _, done = send(first, second, more)
    assert done == ["2", "1"]


@pytest.mark.parametrize(
    ("error", "begun"), [(Rejected("refusé", status=400), ["1"]), (Unreachable("muet"), ["1", "2"])]
)
def test_what_a_stop_leaves_written_in_part_is_begun(error: Exception, begun: list[str], tmp_path: Path) -> None:
    """A document of the first is accepted; the next is refused, or its outcome is unknown."""

    class Stops(Recorder):
        def request(self, method: str, path: str, *, body: Any = None) -> Response:
            if path.endswith("/more"):
                raise error
            return super().request(method, path, body=body)

    first, second, third = write(1), write(2), write(3)
    progress = Progress(Plan((first.operation, second.operation, third.operation)), lambda operation: None)
    more = Write(second.operation, "/ports/2/more", {}, verb="", method="PUT")
    rest = Write(first.operation, "/ports/1/rest", {}, verb="", method="PUT")
    with pytest.raises(type(error)):
        batches.send(Stops(tmp_path), [first, more, rest, third], progress, lambda: False)  # type: ignore[arg-type]
    assert (progress.applied, [outcome["key"] for outcome in progress.to_json()]) == ([], begun)


def test_verbs_are_those_of_the_batch_and_methods_those_of_the_web(send: Any) -> None:
    sent, _ = send(write(1, verb="create"), write(2, verb="destroy"), write(3, verb="servers"))
    assert [action["operation"] for action in sent[0][2]["actions"]] == ["create", "destroy", "servers"]
    assert [send(write(1, verb=verb))[0][0][0] for verb in ("create", "update", "destroy")] == ["POST", "PUT", "DELETE"]


def test_an_error_goes_under_the_name_of_its_object_and_no_other() -> None:
    group = [write(1), write(12)]
    failed = batches._failed(["Error … update /ports/12 with {}: refusé", "autre chose"], group)
    assert failed.objects == ("12",)
    assert failed.why == "12 : Error … update /ports/12 with {}: refusé ; autre chose"


def test_a_batch_holds_one_of_the_few_places_until_it_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy(Recorder):
        def request(self, method: str, path: str, *, body: Any = None) -> Response:
            (place,) = tmp_path.rglob("batch.0.place")
            with place.open() as handle, pytest.raises(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return super().request(method, path, body=body)

    monkeypatch.setattr(batches, "AT_ONCE", 1)
    recorder = Busy(tmp_path)
    batches.send(recorder, [write(1), write(2)], Progress(Plan(), lambda operation: None), lambda: False)  # type: ignore[arg-type]
    assert sizes(recorder.sent) == [(2, True)]


@pytest.mark.parametrize("state", ['{"completed": true, "failed": false}', '{"completed": false, "failed": true}'])
def test_what_was_read_of_ports_while_a_batch_was_written_is_forgotten(state: str, tmp_path: Path) -> None:
    class Slow(Recorder):
        def request(self, method: str, path: str, *, body: Any = None) -> Response:
            super().request(method, path, body=body)
            self.shared.put("ports", {"Q": {}})  # another task reads them meanwhile
            done = state if method == "GET" else '{"completed": false, "failed": false}'
            return Response(200, {}, f'{{"id": "7", "status": {done}}}'.encode())

    recorder = Slow(tmp_path)
    with suppress(Rejected):
        batches.send(recorder, [write(1), write(2)], Progress(Plan(), lambda operation: None), lambda: False)  # type: ignore[arg-type]
    assert [method for method, *_ in recorder.sent] == ["POST", "GET"]
    assert recorder.shared.get("ports") is None
