"""Lists and searches: names and hrefs, never the attributes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable

from lab.smc import kinds
from lab.smc.call import Answer, Call
from lab.smc.elements import bare, entry, name_of, view
from lab.smc.errors import refused
from lab.smc.world import Json, references

_SEARCHED = ("comment", "address", "ipv4_network", "ipv6_address", "ipv6_network", "ip_range", "min_dst_port")


def everywhere(call: Call) -> Answer:
    """Answer `GET /elements?filter=…&filter_context=…`: kinds or families, separated by commas."""
    contexts = [context for context in (call.value("filter_context") or "").split(",") if context]
    wanted = {kind for context in contexts for kind in kinds.CONTEXTS.get(context, {context})}
    return listed(call, _matching(call, call.world.of_type(*sorted(wanted or kinds.KINDS))))


def of_kind(call: Call, kind: str) -> Answer:
    return listed(call, _matching(call, call.world.of_type(kind)))


def listed(call: Call, records: Iterable[Json]) -> Answer:
    """Answer a list, with an ETag that changes with it."""
    limit = int(call.value("limit") or 0)
    envelope, shown = ("element", view) if expands(call, "all") else ("result", entry)
    rows = [shown(call, record) for record in records]
    rows = rows[:limit] if limit else rows
    etag = f'"{hashlib.sha1(repr(rows).encode()).hexdigest()[:16]}"'
    if call.if_none_match and bare(call.if_none_match) == bare(etag):
        return Answer(304, etag=etag)
    return Answer(value={envelope: rows}, etag=etag)


def expands(call: Call, *understood: str) -> bool:
    """Tell whether a query asks for whole objects that this server gives. Raises ApiError."""
    if not call.flag("expand"):
        return False
    if call.behaviour.expand == "refused":
        raise refused("The query parameter expand is not recognized.")
    return call.behaviour.expand in understood


def _matching(call: Call, records: Iterable[Json]) -> Iterable[Json]:
    text = call.value("filter")
    if not text:
        return records
    exact, sensitive = call.flag("exact_match"), call.flag("case_sensitive", True)
    fits = _test(text, exact, sensitive)
    if exact:
        return [record for record in records if fits(name_of(record))]
    return [
        record
        for record in records
        if fits(name_of(record)) or any(fits(str(record["data"].get(field, ""))) for field in _SEARCHED)
    ]


def _test(text: str, exact: bool, sensitive: bool) -> Callable[[str], bool]:
    flags = re.NOFLAG if exact and sensitive else re.IGNORECASE
    pattern = re.compile(".*".join(re.escape(part) for part in text.split("*")), flags)
    if exact and "*" not in text:
        return lambda value: value == text if sensitive else value.lower() == text.lower()
    return lambda value: bool(pattern.fullmatch(value) if exact else pattern.search(value))


def unused(call: Call) -> Answer:
    """Answer `GET /elements/search_unused`: network elements and services not in use."""
    records = call.world.of_type(*sorted(kinds.NETWORK_ELEMENTS | kinds.SERVICES))
    return listed(call, [record for record in records if not record["system"] and not call.world.users(record)])


def duplicates(call: Call) -> Answer:
    """Answer `GET /elements/search_duplicate`: network elements with the value of another."""
    seen: dict[tuple[str, str], list[Json]] = {}
    for record in call.world.of_type(*sorted(kinds.NETWORK_ELEMENTS)):
        for field in ("address", "ipv4_network", "ip_range"):
            if record["data"].get(field):
                seen.setdefault((record["type"], str(record["data"][field])), []).append(record)
    return listed(call, [record for same in seen.values() if len(same) > 1 for record in same])


def users(call: Call, keys: list[int]) -> Answer:
    """Answer with the elements that refer to some elements."""
    records = {user["key"]: user for key in keys for user in call.world.users(call.world[key])}
    return Answer(value={"result": [entry(call, records[key]) for key in sorted(records)]})


def asked_keys(body: Json) -> list[int]:
    return list(references(body))
