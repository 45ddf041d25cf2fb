"""Copies in a repository of restic: the tag of a snapshot is the name of its set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import PisteError, Unreadable
from piste.engine.converge.module import Module
from piste.engine.converge.moments import zoned
from piste.engine.converge.resource import Field
from piste.readings.protection.copies import Copy, Reading, reading, stamp
from piste.systems.restic.client import RESTIC, Repository


def copies(repository: Repository, store: str, set_name: str) -> Iterator[Copy]:
    """Yield the copies of a set. Raises `Unreachable`, `Unreadable`."""
    for snapshot in repository.snapshots(set_name):
        summary = snapshot.get("summary")
        said: Mapping[str, Any] = summary if isinstance(summary, Mapping) else {}
        size = said.get("total_bytes_processed")
        yield Copy(
            set=set_name,
            store=store,
            taken_at=_moment(snapshot["time"]),
            size_bytes=size if isinstance(size, int) else None,
            id=snapshot["id"],
            # The store says nothing of locks: its owner declares them (`immutable_days`).
            immutable_until=None,
            # A share that was not mounted gives a snapshot of nothing, and no error.
            state="unknown" if said.get("total_files_processed") == 0 else "complete",
        )


def read(store: str, option: Mapping[str, Any], secrets: Mapping[str, str], sets: Sequence[str]) -> Reading:
    """Read a store; a store that does not answer is unknown, with the reason."""
    try:
        repository = Repository.of(option, secrets)
        return reading(store, [copy for name in sets for copy in copies(repository, store, name)])
    except PisteError as error:
        return reading(store, (), unknown=error.sentence())


def _moment(text: str) -> str:
    """Write a moment of restic, which has nanoseconds and its own zone, in UTC."""
    try:
        return stamp(zoned(text))
    except ValueError:
        raise Unreadable("un instantané de restic n’a pas de date, ou pas de fuseau") from None


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    option = (params["restic"] or {}).get(params["store"]) or {}
    made = read(params["store"], option, params["secrets"] or {}, params["sets"])
    return {"changed": False, "reading": dict(made)}


MODULES: Mapping[str, Module] = {
    "restic_copies": Module(
        name="restic_copies",
        options=(
            RESTIC,
            Field("store", "Name of the store, as the declaration has it.", required=True),
            Field("sets", "Names of the sets, each the tag of its snapshots.", type="list", elements="str",
                  required=True),
            Field("secrets", "Values of the secret references, by path.", type="dict", no_log=True, default={}),
        ),
        run=_run,
        variables={"restic": "piste_restic", "secrets": "piste_secrets"},
    )
}  # fmt: skip
