"""References between objects of the SMC: `type/name` in YAML, an address on the wire.

An address contains the host and the version of the API, so it is never an identity. It contains the type too; a name
is unique among the objects of a type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from piste.engine.converge.reading import listed

ANY, NONE = "any", "none"
"""Values of a cell of a rule in place of references: flags on the wire, not objects."""
ENGINES = ("fw_cluster", "single_fw")
"""Types of the engines that are driven."""
_REFERENCE = re.compile(r"[a-z][a-z0-9_-]*/\S(?:.*\S)?")
_PLACE = re.compile(r"/elements/(?P<type>[^/?]+)/(?P<id>[^/?]+)")


def reference(text: str) -> str:
    """Check a reference `type/name`, such as `host/srv-dc1`. Raises `ValueError`."""
    if not _REFERENCE.fullmatch(text):
        raise ValueError(text)
    return text


def cell(text: str) -> str:
    """Check a value of a cell: `any`, `none` or a reference. Raises `ValueError`."""
    return text if text in (ANY, NONE) else reference(text)


def split(text: str) -> tuple[str, str]:
    """Split a reference into type and name; a name may contain slashes."""
    kind, _, name = text.partition("/")
    return kind, name


def path_of(href: str) -> str:
    """Path of an address, whatever its host: `/7.4/elements/host/12`. Raises `TypeError`."""
    if not isinstance(href, str):
        raise TypeError("une adresse est attendue")
    return _path(href)


@lru_cache(maxsize=2**14)
def _path(href: str) -> str:
    parts = urlsplit(href)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def own_path(document: Mapping[str, Any]) -> str:
    """Path of an object, by its link to itself. Raises `LookupError` where it has none."""
    for link in listed(document["link"]):
        if link.get("rel") == "self":
            return path_of(link["href"])
    raise KeyError("link")


def place_of(href: str) -> tuple[str, str]:
    """Type and place (`host/12`) of an address of an element; empty texts for another address."""
    match = _PLACE.search(href)
    return (match["type"], f"{match['type']}/{match['id']}") if match else ("", "")
