"""Readings of a print server, shared by a run: queues listed once, settings read once.

Reading the settings of a queue loads its driver for seconds: only the queues that an owner of the run needs are read,
and those of several owners together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import batched
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from piste.engine.converge.errors import PisteError
from piste.engine.transport.shared import Shared, run_folder

if TYPE_CHECKING:
    from piste.systems.windows.winrm import Session

Queue = dict[str, Any]

BATCH = 25
"""Queues whose settings a snippet reads or writes in one run: each loads a driver for seconds, a run has minutes."""
_SETTINGS = frozenset({"duplexing", "color", "error"})
_EXPECTED, _KNOWN, _ALONE = "expected", "known", "alone"


class Wanted(NamedTuple):
    """The queues whose settings are needed: by name, and by the beginning of their names."""

    names: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, names: Iterable[str], prefix: str | None) -> Self:
        return cls(frozenset(names), frozenset(() if prefix is None else (prefix,)))

    def with_(self, other: Iterable[Iterable[str]]) -> Wanted:
        return Wanted(*(mine.union(theirs) for mine, theirs in zip(self, other, strict=True)))

    def lacking(self, known: Mapping[str, Queue] | None) -> Wanted:
        """Return what remains to be read; by name only, once all queues are listed."""
        if known is None:
            return self
        names, prefixes = set(map(str.casefold, self.names)), tuple(map(str.casefold, self.prefixes))
        left = (name for name, queue in known.items() if not _SETTINGS & queue.keys())
        return Wanted(frozenset(n for n in left if n.casefold() in names or n.casefold().startswith(prefixes)))


class PrintServer:
    """The queues of a print server, seen from one process of the run."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._shared = _shared(session.host)

    def queues(self, names: Iterable[str], prefix: str | None = None, *, fresh: bool = False) -> list[Queue]:
        """Return every queue, with the settings of those that are named or have the prefix.

        With `fresh`, the server is asked, for these queues only.
        """
        asked = Wanted.of(names, prefix)
        if fresh:
            return list(self._read(asked).values())
        _expect(self._shared, asked)
        with self._shared.lock("reading"):
            known = self._shared.get(_KNOWN)
            mine = asked.lacking(known)
            if known is not None and not mine.names:
                return list(known.values())
            if not self._shared.get(_ALONE):
                together = asked.with_(self._shared.get(_EXPECTED)).lacking(known)
                try:
                    return self._learn(together)
                except PisteError:
                    if together == mine:
                        raise
                    self._shared.put(_ALONE, True)  # a fault in an owner's queues must not hide those of the others
        return self._learn(mine)

    @contextmanager
    def writing(self, names: Iterable[str]) -> Iterator[None]:
        """Surround a write of queues: forget their settings before and after."""
        written = set(map(str.casefold, names))
        self._forget(written)
        try:
            yield
        finally:
            self._forget(written)

    def _forget(self, names: Collection[str]) -> None:
        def bare(name: str, queue: Queue) -> Queue:
            gone = _SETTINGS if name.casefold() in names else ()
            return {field: value for field, value in queue.items() if field not in gone}

        self._shared.update(_KNOWN, lambda known: known and {name: bare(name, queue) for name, queue in known.items()})

    def _learn(self, wanted: Wanted) -> list[Queue]:
        """Read queues, keep them for the run, and return every known queue."""
        queues = self._read(wanted)

        def add(known: Any) -> Any:
            for name, queue in (known or {}).items():
                if name in queues and not _SETTINGS & queues[name].keys():
                    queues[name] = queue
            return queues

        self._shared.update(_KNOWN, add)
        return list(queues.values())

    def _read(self, wanted: Wanted) -> dict[str, Queue]:
        first, *others = sorted(wanted.prefixes) or (None,)
        queues = self._ask(sorted(wanted.names), first)
        rest = Wanted(frozenset(), frozenset(map(str, others))).lacking(queues).names
        later = sorted(rest.union(name for name, queue in queues.items() if queue.get("later")))
        for some in batched(later, BATCH):
            again = self._ask(some, None)
            for name in some:
                seen = again.get(name)
                queues[name] = seen if seen and not seen.get("later") else {**queues[name], "error": "disparue"}
        return queues

    def _ask(self, names: Iterable[str], prefix: str | None) -> dict[str, Queue]:
        answer = self.session.run("print_queues_read", names=list(names), prefix=prefix, limit=BATCH)
        return {queue["name"]: queue for queue in answer["queues"]}


def expect(server: str, names: Iterable[str], prefix: str | None = None) -> None:
    """Note queues of a print server whose settings an owner of the run will need."""
    _expect(_shared(server), Wanted.of(names, prefix))


def _expect(shared: Shared, asked: Wanted) -> None:
    shared.update(_EXPECTED, lambda known: list(map(sorted, asked.with_(known or ((), ())))))


def _shared(server: str) -> Shared:
    return Shared(run_folder(), f"print-{server}")
