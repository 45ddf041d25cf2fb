"""Secrets: references in data, values only in memory, keyed fingerprints for comparison."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from piste.engine.converge.errors import Unreachable

MINIMUM_LENGTH = 8
FINGERPRINT_KEY = "piste/fingerprint"
"""Path, in the environment's secrets, of the key of all fingerprints."""


def refuse_none(where: str, *values: object) -> None:
    """Refuse to connect without any of the secrets that would do. Raises `Unreachable`.

    An empty password may lock an account, or open as nobody; a null of the vault would be sent as a word.
    """
    if not any(values):
        raise Unreachable(
            "aucun secret n’est donné pour s’y connecter",
            where=where,
            why="Rien ne lui a été demandé.",
            todo="Mettez-le dans le coffre de l’environnement (ansible-vault edit ; SECRETS.md), puis relancez.",
        )


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret as plans and diffs see it: its path and a keyed digest.

    The value never leaves memory. `digest` is empty where the value is unknown (never read back, never written by us)
    or missing.
    """

    path: str
    digest: str = ""
    value: str | None = field(default=None, repr=False)

    @property
    def missing(self) -> bool:
        return self.value is None and not self.digest

    @property
    def token(self) -> str:
        """A text that is equal for equal values, wherever they are kept.

        It serves comparisons in memory and is never shown.
        """
        if self.digest or self.value is None:
            return self.digest or f"{self.path} inconnu"
        return hashlib.sha256(self.value.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return self.token == other.token if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.token)

    def to_json(self) -> dict[str, str]:
        return {"secret": self.path, "fingerprint": self.digest[:16] or "inconnue"}


class Vault:
    """The values of this run, by path, and the key that fingerprints them."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = {path: str(value) for path, value in (values or {}).items() if value}
        self._key = self._values.get(FINGERPRINT_KEY, "").encode()

    def too_short(self) -> list[str]:
        return sorted(path for path, value in self._values.items() if len(value) < MINIMUM_LENGTH)

    def values(self) -> list[str]:
        """List every value, longest first, for those who must mask them."""
        return sorted(self._values.values(), key=len, reverse=True)

    def get(self, path: str) -> Secret:
        value = self._values.get(path)
        return Secret(path) if value is None else self.wrap(path, value)

    def wrap(self, path: str, value: str) -> Secret:
        """Make the secret of a value under the path where it is, or will be, kept."""
        return Secret(path, self.fingerprint(value), value)

    def path_of(self, fingerprint: str) -> str:
        """Find the path of the value with this fingerprint; empty if there is none, or no key."""
        known = (path for path, value in self._values.items() if fingerprint and self.fingerprint(value) == fingerprint)
        return next(known, "")

    def fingerprint(self, value: Any) -> str:
        """Compute the keyed digest of a value; empty where the environment supplies no key."""
        if not self._key:
            return ""
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def has_missing(value: Any) -> bool:
    """True where a secret inside a canonical value has no value here."""
    if isinstance(value, Secret):
        return value.missing
    if isinstance(value, Mapping):
        return any(has_missing(inner) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_missing(inner) for inner in value)
    return False


def without_values(value: Any) -> Any:
    """Convert to plain JSON, secrets as path and fingerprint."""
    if isinstance(value, Secret):
        return value.to_json()
    if isinstance(value, Mapping):
        return {key: without_values(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_values(inner) for inner in value]
    return value


def is_described(value: Any) -> bool:
    """Tell whether a value is a secret as plans and records show it."""
    return isinstance(value, Mapping) and set(value) == {"secret", "fingerprint"}


def as_references(value: Any) -> Any:
    """Convert to the form of the declaration, secrets as `{secret: path}`."""
    if isinstance(value, Secret):
        return {"secret": value.path}
    if is_described(value):
        return {"secret": value["secret"]}
    if isinstance(value, Mapping):
        return {key: as_references(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_references(inner) for inner in value]
    return value
