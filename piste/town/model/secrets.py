"""Secrets by reference: their form, their derived paths, the literals to refuse.

A reference is the mapping `{secret: <path>}`; the value itself lives in the vault of each environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypedDict


class SecretRef(TypedDict):
    """The place of a secret, never its value."""

    secret: str


REFERENCE_PATH = re.compile(r"[a-z0-9_-]+(/[A-Za-z0-9._-]+)+")
_SECRET_KEY = re.compile(
    r"(^|_)(psk|passphrase|password|passwd|secrets?|shared_secret|token|api_key|private_key|community)$"
)
_SECRET_TEXT = ("$ANSIBLE_VAULT;", "-----BEGIN ")


def ssid_psk(name: str) -> SecretRef:
    """Refer to the shared key of an SSID, the same at all sites."""
    return {"secret": f"meraki/ssid/{name}/psk"}


def radius(site: str) -> SecretRef:
    """Refer to the secret that a site shares with the RADIUS servers."""
    return {"secret": f"radius/{site}"}


def names_secret(key: str) -> bool:
    """Tell whether a key of this name holds a secret."""
    return _SECRET_KEY.search(key.lower()) is not None


def is_literal(key: str, value: object, siblings: int) -> bool:
    """Tell whether a scalar under a key is a secret written in clear.

    `siblings` is the number of keys of the mapping: `{secret: path}` stands alone.
    """
    if isinstance(value, str) and value.startswith(_SECRET_TEXT):
        return True
    if value is None or isinstance(value, bool) or not names_secret(key):
        return False
    is_reference = key == "secret" and siblings == 1
    return not (is_reference and isinstance(value, str) and REFERENCE_PATH.fullmatch(value))


def paths(tree: Any) -> Iterator[str]:
    """Yield the path of every secret reference of a tree of plain data, repeats included."""
    if isinstance(tree, dict):
        path = tree.get("secret")
        if len(tree) == 1 and isinstance(path, str):
            yield path
        else:
            for value in tree.values():
                yield from paths(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from paths(value)
