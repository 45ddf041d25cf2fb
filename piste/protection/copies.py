"""Copies of protected sets: the last reading of each store, kept by environment.

A reader reads a store of the declaration and keeps a `Reading`. A reading that failed keeps its reason: its store is
unknown, and never taken for an empty store.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypedDict

from piste.converge.errors import PisteError
from piste.converge.private import private_folder, write_private
from piste.converge.untrusted import read_plain
from piste.repository import ROOT

State = Literal["complete", "failed", "unknown"]
_STORE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LARGEST = 64 * 2**20
"""Most bytes of a reading."""


class Copy(TypedDict):
    """A restorable copy of a protected set.

    `taken_at` and `immutable_until` are UTC, ISO 8601 with Z; `immutable_until` None: the store does not say. `id` is
    that of the store.
    """

    set: str
    store: str
    taken_at: str
    size_bytes: int | None
    id: str
    immutable_until: str | None
    state: State


class Reading(TypedDict):
    """A reading of a store; `unknown` is the reason, in French, why it could not be read."""

    store: str
    read_at: str
    copies: list[Copy]
    unknown: str | None


class UnreadableCopies(PisteError):
    """A reading of copies is not what was written there."""

    code = "PISTE-E130"


def stamp(moment: datetime) -> str:
    """Write a moment in UTC, to the second."""
    return f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def moment(text: str) -> datetime:
    """Read a moment of a copy. Raises ValueError where it is not UTC, ISO 8601 with Z."""
    if not text.endswith("Z"):
        raise ValueError(f"{text!r} does not end with Z")
    return datetime.fromisoformat(text)


def folder(environment: str) -> Path:
    """Locate the readings of an environment."""
    given = os.environ.get("PISTE_PROTECTION_DIR")
    return (Path(given) if given else ROOT / ".piste" / "protection") / environment


def reading(
    store: str, copies: Iterable[Copy], *, read_at: datetime | None = None, unknown: str | None = None
) -> Reading:
    """Make the reading of a store, of now unless `read_at` says when."""
    return Reading(store=store, read_at=stamp(read_at or datetime.now(UTC)), copies=[*copies], unknown=unknown)


def parsed(content: bytes, where: str) -> Reading:
    """Parse a reading, and check its moments. Raises `UnreadableCopies`."""
    from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

    adapter: TypeAdapter[Reading] = TypeAdapter(with_config(ConfigDict(extra="forbid"))(Reading))
    try:
        if len(content) > _LARGEST:
            raise ValueError(f"plus de {_LARGEST // 2**20} Mio")
        made = adapter.validate_json(content, strict=True)
        if not _STORE.fullmatch(made["store"]):
            raise ValueError("le nom de l’endroit n’est pas un nom court")
        for text in (made["read_at"], *(copy["taken_at"] for copy in made["copies"])):
            moment(text)
        for copy in made["copies"]:
            moment(copy["immutable_until"] or copy["taken_at"])
            if copy["store"] != made["store"]:
                raise ValueError(f"une copie est d’un autre endroit, « {copy['store'][:63]} »")
    except (ValidationError, ValueError) as error:
        why = str(error.errors(include_url=False)[0]["msg"]) if isinstance(error, ValidationError) else str(error)
        raise UnreadableCopies(
            "une lecture de copies est illisible", where=where, why=why, todo="Refaites-la : piste backups read."
        ) from error
    return made


def keep(environment: str, made: Reading) -> Path:
    """Replace the last reading of a store whole, for its owner alone. Raises `UnreadableCopies`."""
    content = json.dumps(made, ensure_ascii=False).encode()
    parsed(content, made["store"])
    path = folder(environment) / f"{made['store']}.json"
    private_folder(path.parent)
    write_private(path, content)
    return path


def readings(environment: str) -> Mapping[str, Reading]:
    """Give the last reading of each store; a file that is no reading leaves its store unknown."""
    return {path.stem: _read(path) for path in sorted(folder(environment).glob("*.json"))}


def _read(path: Path) -> Reading:
    try:
        made = parsed(read_plain(path), str(path))
        if made["store"] != path.stem:
            raise UnreadableCopies("une lecture de copies porte le nom d’un autre endroit", where=str(path))
    except (UnreadableCopies, OSError) as error:
        reason = error.what if isinstance(error, UnreadableCopies) else "elle ne se lit pas"
        return Reading(store=path.stem, read_at="", copies=[], unknown=f"{reason} ({path.name})")
    return made
