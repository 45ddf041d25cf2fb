"""The last runs of owners, kept beside the readings: no record is read twice.

They are those of the records until one, as their files lay then. Where a file went, came or changed, nothing is known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge.private import private_folder, write_private
from piste.engine.converge.untrusted import parse_json, read_plain
from piste.readings.file import place
from piste.runs.records.record import TEXT, fits

FILE = "passages.json"
_PASSAGE = {"run": str, "ended": str, "user": TEXT, "outcome": str, "changes": int}
_SHAPE = {"until": str, "key": str, "owners": [str], "passages": [{"owner": str, "drift": bool, **_PASSAGE}]}


class Known(NamedTuple):
    """The passages of owners, drifts or not, until a record; `until` is empty for nothing."""

    until: str = ""
    passages: Sequence[dict[str, Any]] = ()


def read(environment: str, paths: Sequence[Path], owners: Iterable[str], rules: object) -> Known:
    """Read what is kept of records, oldest first, for owners, by the same rules.

    Nothing is known where any of it differs.
    """
    try:
        kept = parse_json(read_plain(_place(environment)))
    except (OSError, ValueError):
        return Known()
    if not fits(kept, _SHAPE) or not set(owners) <= set(kept["owners"]):
        return Known()
    try:
        same = kept["key"] == _key([path for path in paths if path.stem <= kept["until"]], rules)
    except OSError:
        return Known()
    return Known(kept["until"], kept["passages"]) if same else Known()


def write(
    environment: str, paths: Sequence[Path], owners: Iterable[str], rules: object, passages: Iterable[dict[str, Any]]
) -> None:
    """Keep what is known of all these records; what cannot be kept is read again."""
    with suppress(OSError):
        kept = {"until": paths[-1].stem, "key": _key(paths, rules), "owners": [*owners], "passages": [*passages]}
        private_folder(_place(environment).parent)
        write_private(_place(environment), json.dumps(kept).encode(), synced=False)


def _place(environment: str) -> Path:
    return place(environment).with_name(FILE)


def _key(paths: Iterable[Path], rules: object) -> str:
    """Digest the names, the sizes and the moments of files, and the rules that read them."""
    digest = hashlib.sha256(repr(rules).encode())
    for path in paths:
        status = path.stat()
        digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
