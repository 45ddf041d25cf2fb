"""Lists of a system, read once a run; what a write changes is in doubt until read again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from piste.engine.transport.shared import Shared

type Document = dict[str, Any]
_LOCK = "lists"


class Lists:
    """The lists of a run, by name, in its folder; each is parsed again where it has changed."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._parsed: dict[str, tuple[bytes, Any]] = {}

    def once(
        self, name: str, names: Iterable[str], fetch: Callable[[Sequence[str]], Mapping[str, list[Document]]]
    ) -> list[Document]:
        """Give a list, read with all of `names` that are not known; nobody changes what it gives."""
        known = self._known(name)
        if known is None:
            with self._shared.lock(_LOCK):
                if lacking := [other for other in names if self._known(other) is None]:
                    for other in lacking:
                        # Forgotten before the read: what is written meanwhile is in doubt again.
                        self._forget(other)
                    for other, read in fetch(lacking).items():
                        self._shared.put(other, read)
                # Whatever is written meanwhile: what was just read is a reading all the same.
                known = self._parse(name, self._shared.written(name))
        documents: list[Document] = known
        return documents

    def forget(self, name: str) -> None:
        """Have a list read again when it is next asked for."""
        with self._shared.lock(_LOCK):
            self._forget(name)

    def _forget(self, name: str) -> None:
        self._shared.forget(name)
        self._shared.forget(_doubted(name))

    def doubt(self, name: str, keys: Iterable[str]) -> None:
        """Note the objects of a list that a write has changed, until they are read again."""
        self._shared.update(_doubted(name), lambda known: sorted({*(known or ()), *keys}))

    def renew(
        self, name: str, keys: Iterable[str], is_old: Callable[[Document], bool], documents: Sequence[Document]
    ) -> None:
        """Put what was read again of some objects in a list, in the place of what it had."""
        again = {*keys}

        def renewed(written: bytes | None) -> bytes:
            known = self._parse(name, written)
            if known is None:
                return b"null"
            old = [document for document in known if is_old(document)]
            if written is not None and old == [*documents]:
                return written
            content = [*(document for document in known if not is_old(document)), *documents]
            encoded = json.dumps(content, ensure_ascii=False).encode()
            self._parsed[name] = (encoded, content)
            return encoded

        # A read of the whole list that began before the write must not come after this.
        with self._shared.lock(_LOCK):
            self._shared.rewrite(name, renewed)
            self._shared.update(_doubted(name), lambda known: sorted({*(known or ())} - again))

    def _known(self, name: str) -> Any:
        """Give a list of the run; None where it is unread, or an object of it is in doubt."""
        return None if self._shared.get(_doubted(name)) else self._parse(name, self._shared.written(name))

    def _parse(self, name: str, written: bytes | None) -> Any:
        if written is None:
            return None
        if written != self._parsed.get(name, (b"", None))[0]:
            self._parsed[name] = (written, json.loads(written))
        return self._parsed[name][1]


def _doubted(name: str) -> str:
    """Name the place, beside a list, of its objects that are in doubt."""
    return f"doubted-{name}"
