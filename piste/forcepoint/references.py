"""How one object of the SMC designates another: ``type/name`` in YAML, an absolute address on the wire.

An address holds the host and the version of the API: it is never an identity. The type stands in it, and a name is
unique among the objects of a type.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

ANY, NONE = "any", "none"
"""What a cell of a rule may hold in place of references: flags on the wire, not objects."""
_REFERENCE = re.compile(r"[a-z][a-z0-9_-]*/\S(?:.*\S)?")
_PLACE = re.compile(r"/elements/(?P<type>[^/?]+)/(?P<id>[^/?]+)")


def reference(text: str) -> str:
    """``type/name``, ``host/srv-dc1``. ValueError for what is not one."""
    if not _REFERENCE.fullmatch(text):
        raise ValueError(text)
    return text


def cell(text: str) -> str:
    """What a cell may hold: ``any``, ``none`` or a reference. ValueError for anything else."""
    return text if text in (ANY, NONE) else reference(text)


def split(text: str) -> tuple[str, str]:
    """Type and name; a name may hold slashes."""
    kind, _, name = text.partition("/")
    return kind, name


def path_of(href: str) -> str:
    """The path of an address, whatever host it names: ``/7.4/elements/host/12``. TypeError for what is no text."""
    if not isinstance(href, str):
        raise TypeError("une adresse est attendue")
    parts = urlsplit(href)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def place_of(href: str) -> tuple[str, str]:
    """Type and place of what an address designates, without host and version; empty for something else."""
    found = _PLACE.search(href)
    return (found["type"], f"{found['type']}/{found['id']}") if found else ("", "")
