"""The last check of the logs, kept by environment for verify, status and the bag."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from piste.converge.private import private_folder, write_private
from piste.logs.errors import UnreadTree
from piste.logs.judgment import Figure, StreamState
from piste.repository import ROOT

STALE_HOURS = 48
"""Age of a check beyond which it says nothing of today."""


class Check(TypedDict):
    """A check: its moment, the state of each stream, the faults of the chain of seals, F12."""

    read_at: str
    whole: bool
    streams: list[StreamState]
    chain: list[str]
    strays: list[str]
    figure: Figure


def file(environment: str) -> Path:
    """Locate the last check of an environment."""
    given = os.environ.get("PISTE_LOGS_DIR")
    return (Path(given) if given else ROOT / ".piste" / "logs") / f"{environment}.json"


def keep(environment: str, check: Check) -> Path:
    """Replace the last check whole, for its owner alone."""
    path = file(environment)
    private_folder(path.parent)
    write_private(path, json.dumps(check, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"))
    return path


def last(environment: str) -> Check | None:
    """Return the last check; None where there is none. Raises `UnreadTree`."""
    from pydantic import TypeAdapter, ValidationError

    path = file(environment)
    if not path.is_file():
        return None
    try:
        return TypeAdapter(Check).validate_json(path.read_bytes())
    except ValidationError as error:
        raise UnreadTree(
            "le dernier contrôle des journaux est illisible",
            where=str(path),
            why=str(error.errors(include_url=False)[0]["msg"]),
            todo="Refaites-le : piste logs check.",
        ) from error


def is_stale(check: Check, now: datetime) -> bool:
    """Tell whether a check is too old to say anything of today."""
    try:
        read = datetime.fromisoformat(check["read_at"])
        return not 0 <= (now - read).total_seconds() <= STALE_HOURS * 3600
    except (TypeError, ValueError):
        return True
