"""A Veeam made of the answers of a real Veeam: its lists, their pages joined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lab.beyond import Captured, with_secrets
from lab.veeam.world import Answered

_SERVER = "/api/v1/serverInfo"


def world_of(answers: Iterable[Captured], secrets: Mapping[str, str]) -> tuple[Answered, list[str]]:
    """Build what a server answers again; list the lines of what the capture has in part."""
    lists: dict[str, dict[str, Any]] = {}
    totals: dict[str, int] = {}
    server: dict[str, Any] = {}
    for answer in sorted(answers, key=_place):
        if answer.status != 200:
            continue
        content = with_secrets(answer.answer, secrets)
        if answer.path == _SERVER:
            server = dict(content)
            continue
        known = lists.setdefault(answer.path, {})
        for item in content["data"]:
            if answer.path.endswith("/states"):
                item = {"name": "", **item}
            known[str(item["id"])] = dict(item)
        totals[answer.path] = max(totals.get(answer.path, 0), int(content["pagination"]["total"]))
    left = [
        f"{path} : {len(items)} éléments capturés, sur {totals[path]}"
        for path, items in lists.items()
        if len(items) < totals[path]
    ]
    kept = {path: [*items.values()] for path, items in lists.items()}
    return Answered({"lists": kept, "server": server}), left


def _place(answer: Captured) -> int:
    """Give the place of a page in its list."""
    skipped = dict(answer.query).get("skip", "")
    return int(skipped) if skipped.isdecimal() and len(skipped) < 10 else 0
