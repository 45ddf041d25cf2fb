"""The words that a system gives by itself; any other word may be anybody's."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_IDENTIFIER = re.compile(r"(?!.*\d{4})[A-Za-z0-9_ ./-]*")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_OF_PERSONS = frozenset({"max", "grace", "page", "gold", "man", "wall", "lock"})
"""The words that are names of persons too, unless others stand with them, as in `MaxSize`."""
_COMMUNITIES = frozenset({"validcommunities", "trapconfiguration"})
"""The keys of the SNMP service whose values, or keys, have a community as their name."""


@cache
def words(name: str) -> frozenset[str]:
    text = (Path(__file__).parent / "forms" / f"{name}.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.casefold().split())


def written_by_programs(text: str) -> bool:
    """Tell whether a text is made of words of the registry alone, as `DisableTelemetry` is."""
    if not _IDENTIFIER.fullmatch(text):
        return False
    parts = [{word.casefold() for word in _WORDS.findall(part)} for part in re.split(r"[ _./-]", text)]
    return all(part <= words("registry") and not (part and part <= _OF_PERSONS) for part in parts)


def names_community(key: str, name: str) -> bool:
    """Tell whether a name in a key is a community of SNMP, and no rank."""
    return key.casefold() in _COMMUNITIES and not re.fullmatch(r"\d{0,2}", name)
