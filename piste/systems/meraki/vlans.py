"""Lists of VLANs that a trunk lets pass."""

from __future__ import annotations

from functools import lru_cache

NATIVE = 1
"""Native VLAN of a trunk as the system makes it: by it a switch out of its box reaches the Dashboard."""
ALL = "all"


def vlan_ranges(value: str) -> str:
    """Write VLANs by their ranges: `"30, 10,11-12"` → `"10-12,30"`."""
    return _ranges(str(value))


@lru_cache(maxsize=2**10)
def _ranges(value: str) -> str:
    text = value.replace(" ", "").lower()
    edges = [part.split("-") for part in text.split(",")]
    if not all(len(ends) < 3 and all(end.isdecimal() for end in ends) for ends in edges):
        return text
    ranges: list[list[int]] = []
    for first, last in sorted((int(ends[0]), int(ends[-1])) for ends in edges):
        if ranges and first <= ranges[-1][1] + 1:
            ranges[-1][1] = max(ranges[-1][1], last)
        else:
            ranges.append([first, last])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def keeps(before: str, after: str) -> bool:
    """True where a list keeps all that another let pass by somebody's choice.

    A trunk that let all pass is as the system made it: its first list has only to keep the native VLAN.
    """
    if after == ALL:
        return True
    passing = _numbers(after)
    return NATIVE in passing if before == ALL else bool(before) and _numbers(before) <= passing


def passes(vlans: str, vlan: int) -> bool:
    """True where a list lets a VLAN pass."""
    return vlans == ALL or vlan in _numbers(vlans)


@lru_cache(maxsize=2**10)
def _numbers(ranges: str) -> frozenset[int]:
    """List the VLANs of a text in its spelling; none of a text that is no list."""
    edges = [part.split("-") for part in ranges.split(",")]
    if not all(end.isdecimal() for ends in edges for end in ends):
        return frozenset()
    return frozenset(number for ends in edges for number in range(int(ends[0]), int(ends[-1]) + 1))
