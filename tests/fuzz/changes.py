"""Changes of a JSON document: another value at any place, a place less, a place more."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

HOSTILE = (
    "{{ lookup('pipe', 'id') }}", "../../x", "@/etc/passwd", "playbooks/withdraw.yml", "a\nb", "\u202e", "\ud800", "",
    "-", "!unsafe", "all:!ccas", "~.*", "localhost", "production", "x" * 500,
)  # fmt: skip
NAMES = st.text() | st.sampled_from(HOSTILE)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text() | st.sampled_from(HOSTILE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
HOW = st.sampled_from(["put", "drop", "add"])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def changed(value: Any, place: tuple[Any, ...], new: Any, how: str) -> Any:
    """Change a document at a place: another value, nothing, or a place more beside it."""
    if not place:
        return new
    result = copy.deepcopy(value)
    holder = result
    for step in place[:-1]:
        holder = holder[step]
    if how == "put":
        holder[place[-1]] = new
    elif how == "drop":
        holder.pop(place[-1])
    elif isinstance(holder, list):
        holder.append(new)
    else:
        holder[str(new)[:20]] = new
    return result
