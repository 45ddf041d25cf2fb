"""Pages and their Link headers, as the Dashboard API writes them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from lab.http import Request
from lab.meraki.behaviour import Behaviour
from lab.meraki.errors import refused
from lab.meraki.operations import Operation

BASE = "/api/v1"
FIRST, LAST = "0000-0000-0000", "ZZZZ-ZZZZ-ZZZZ"


def page_of(
    operation: Operation, items: list[Any], request: Request, behaviour: Behaviour
) -> tuple[Any, dict[str, str]]:
    """Return a page of a list and its headers.

    Items are in the order of `operation.page_key`. Raises ApiError 400 where perPage is outside its range.
    """
    assert operation.page is not None
    size = _page_size(operation.page, request.query)
    keyed = sorted(((_key(item, operation.page_key), item) for item in items), key=lambda pair: pair[0])
    keys = [key for key, _ in keyed]
    before, after = (request.query.get(name, [""])[0] for name in ("endingBefore", "startingAfter"))
    if before:
        end = len(keys) if before == LAST else bisect_left(keys, before)
        start = max(0, end - size)
    else:
        start = 0 if after in ("", FIRST) else bisect_right(keys, after)
        end = min(len(keys), start + size)
    links = {"first": {"startingAfter": FIRST}, "last": {"endingBefore": LAST}}
    if start > 0 and start < len(keys):
        links["prev"] = {"endingBefore": keys[start]}
    if end < len(keys) and end > 0:
        links["next"] = {"startingAfter": keys[end - 1]}
    order = [rel for rel in ("first", "prev", "next", "last") if rel in links]
    header = ", ".join(f"<{_url(request, behaviour, size, links[rel])}>; rel={rel}" for rel in order)
    page: Any = [item for _, item in keyed[start:end]]
    if operation.envelope:
        # Only the description of this operation gives no `remaining`.
        left = {} if operation.name.endswith("AirMarshalRules") else {"remaining": len(keys) - end}
        page = {
            "items": page,
            "meta": {"counts": {"items": {"total": len(keys)} | left}},
        }
        page = [page] if operation.enlisted else page
    return page, {"Link": header}


def _page_size(bounds: tuple[int, int, int], query: Mapping[str, list[str]]) -> int:
    low, high, default = bounds
    text = query.get("perPage", [str(default)])[0]
    if not text.isdecimal() or not low <= int(text) <= high:
        raise refused(f"'perPage' must be an integer between {low} and {high}")
    return int(text)


def _key(item: Any, dotted: str) -> str:
    for part in dotted.split("."):
        item = item[part]
    return str(item)


def _url(request: Request, behaviour: Behaviour, size: int, token: Mapping[str, str]) -> str:
    kept = [
        (name, value)
        for name, values in request.query.items()
        if name not in ("perPage", "startingAfter", "endingBefore")
        for value in values
    ]
    relative = behaviour.links == "relative" or (
        behaviour.links == "auto" and request.header("User-Agent").startswith("python-meraki/")
    )
    path = request.path.removeprefix(BASE) if relative else f"{request.origin}{request.path}"
    return f"{path}?{urlencode([*kept, ('perPage', size), *token.items()])}"
