"""Writes to Meraki: a direct request for a single write, action batches for several.

A batch is atomic and ordered. It takes 20 actions at most when synchronous, 100 when asynchronous. An organization
runs five batches at a time: we use four and leave one to people. Source: Dashboard API, "Action batches" and
operation `createOrganizationActionBatch`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from piste.engine.converge.errors import AnswerLost, PisteError, Rejected, Unreachable
from piste.engine.converge.plan import Operation
from piste.engine.converge.progress import Progress
from piste.engine.transport.clock import Clock
from piste.systems.meraki.dashboard import Dashboard

SYNCHRONOUS = 20
ASYNCHRONOUS = 100
AT_ONCE = 4
BUSY = "executing batches"
"""Text of the refusal of a batch too many (the vendor's own SDK looks for it too)."""
POLL = (0.5, 1.0, 2.0, 5.0)
"""Seconds between two questions about a batch or a device; no document says how long [belief meraki.fresh_device]."""
ATTEMPTS = 6
"""Times that a batch is sent when its answer is lost, or when the organization runs too many batches."""
TIME_LIMIT = 600.0
"""Seconds within which a confirmed batch ends [documented, older text]."""
READY = 300.0
"""Seconds for which a freshly claimed device may refuse calls ("for some minutes") [belief meraki.fresh_device]."""
NOT_READY = ("not found", "not ready", "unavailable")
"""Texts of those refusals [belief meraki.fresh_device]. Any other refusal ends the task, to be run again."""

_METHODS = {"create": "POST", "destroy": "DELETE"}
"""HTTP method of a direct request, by batch operation; any other operation replaces a document (PUT)."""


@dataclass(frozen=True, slots=True)
class Write:
    """One document to write for an operation.

    `verb` is the batch operation, empty where batches cannot do it. `last` sends the write after all others, because
    it could cut the site off.
    """

    operation: Operation
    path: str
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    verb: str = "update"
    method: str = ""
    last: bool = False

    @property
    def http(self) -> str:
        return self.method or _METHODS.get(self.verb, "PUT")


def send(dashboard: Dashboard, writes: Sequence[Write], progress: Progress, fresh: Callable[[], bool]) -> None:
    """Send all writes in order.

    An operation is begun with its first accepted document, done with its last. `fresh` is true while the devices
    concerned were claimed minutes ago: a refusal may then mean "not yet". Raises the first failure; nothing is sent
    after it.
    """
    left: dict[int, int] = {}
    for write in writes:
        left[id(write.operation)] = left.get(id(write.operation), 0) + 1
    for group in _groups(sorted(writes, key=lambda write: write.last)):
        operations = [write.operation for write in group]
        try:
            with progress.sending(*operations):
                patiently(lambda group=group: _send_group(dashboard, group), fresh, dashboard.clock)  # type: ignore[misc]
        except PisteError as error:
            error.objects = error.objects or tuple(operation.name for operation in operations)
            raise
        progress.begun(operations)
        for operation in operations:
            left[id(operation)] -= 1
            if not left[id(operation)]:
                progress.done(operation)


def _groups(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Group consecutive batchable writes, 100 at most, never mixing `last` writes with others."""
    group: list[Write] = []
    for write in writes:
        if group and (not write.verb or not group[0].verb or write.last != group[0].last or len(group) == ASYNCHRONOUS):
            yield group
            group = []
        group.append(write)
    if group:
        yield group


def patiently(work: Callable[[], None], fresh: Callable[[], bool], clock: Clock) -> None:
    """Try again while a freshly claimed device is not ready."""
    deadline = clock.monotonic() + READY
    polls = iter(POLL)
    while True:
        try:
            return work()
        except Rejected as error:
            if not not_ready(error) or clock.monotonic() > deadline or not fresh():
                raise
        clock.sleep(next(polls, POLL[-1]))


def not_ready(error: Rejected) -> bool:
    """True for a refusal that a freshly claimed device may give."""
    return error.status == 404 or any(word in error.why.lower() for word in NOT_READY)


def _send_group(dashboard: Dashboard, group: Sequence[Write]) -> None:
    if len(group) == 1:
        write = group[0]
        dashboard.request(write.http, write.path, body=None if write.http == "DELETE" else dict(write.body))
        return
    synchronous = len(group) <= SYNCHRONOUS
    actions = [{"resource": write.path, "operation": write.verb, "body": dict(write.body)} for write in group]
    body = {"confirmed": True, "synchronous": synchronous, "actions": actions}
    with dashboard.shared.place("batch", AT_ONCE):
        batch = _create(dashboard, body, repeatable=all(write.verb == "update" for write in group))
        try:
            _follow(dashboard, batch, group)
        finally:
            dashboard.shared.forget("ports")  # an asynchronous batch writes after its request was answered


def _create(dashboard: Dashboard, body: Mapping[str, Any], *, repeatable: bool) -> dict[str, Any]:
    path = f"/organizations/{dashboard.organization}/actionBatches"
    lost: AnswerLost | None = None
    polls = iter(POLL)
    for _ in range(ATTEMPTS):
        delay = next(polls, POLL[-1])
        try:
            return dashboard.request("POST", path, body=body).mapping("id", "status")
        except AnswerLost as error:
            if not repeatable:
                raise
            lost = error
        except Rejected as error:
            if BUSY not in error.why:
                raise
            delay = 10.0
        dashboard.clock.sleep(delay)
    raise lost or Unreachable(
        "trop de lots d’actions en cours dans l’organisation", todo="Attendez qu’ils finissent, puis relancez."
    )


def _follow(dashboard: Dashboard, batch: Mapping[str, Any], group: Sequence[Write]) -> None:
    deadline = dashboard.clock.monotonic() + TIME_LIMIT
    path = f"/organizations/{dashboard.organization}/actionBatches/{batch['id']}"
    polls = iter(POLL)
    while True:
        status = batch["status"]
        if status.get("failed"):
            raise _failed(status.get("errors") or [], group)
        if status.get("completed"):
            return
        if dashboard.clock.monotonic() > deadline:
            raise Unreachable(
                f"le lot d’actions {batch['id']} n’est pas terminé après {TIME_LIMIT:g} s",
                todo="Regardez-le dans le Dashboard (Organization > API), puis relancez.",
            )
        dashboard.clock.sleep(next(polls, POLL[-1]))
        batch = dashboard.request("GET", path).mapping("status")


def _failed(errors: Sequence[str], group: Sequence[Write]) -> Rejected:
    """Build the error of a refused batch: our names of the objects, then the vendor's text."""
    lines, objects = [], []
    for error in errors:
        names = list(dict.fromkeys(write.operation.name for write in group if _concerns(error, write.path)))
        objects += names
        lines.append(f"{', '.join(names)} : {error}" if names else str(error))
    failed = Rejected(
        f"un lot de {len(group)} écritures a été refusé, rien n’en a été appliqué", status=400, why=" ; ".join(lines)
    )
    failed.objects = tuple(objects)
    return failed


def _concerns(error: str, path: str) -> bool:
    """True where an error names the path itself, not a longer path that begins with it."""
    return re.search(re.escape(path) + r"(?![\w/])", error) is not None
