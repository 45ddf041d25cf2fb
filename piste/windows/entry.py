"""What a directory answers about one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Entry:
    """One object as read: its DN, and its attributes by name whatever their case."""

    __slots__ = ("_values", "dn", "names")

    def __init__(self, dn: str, values: Mapping[str, Sequence[bytes]]) -> None:
        self.dn = dn
        self.names = [name for name, content in values.items() if content]
        self._values = {name.lower(): list(content) for name, content in values.items() if content}

    def raw(self, name: str) -> list[bytes]:
        return self._values.get(name.lower(), [])

    def texts(self, name: str) -> list[str]:
        return [value.decode(errors="replace") for value in self.raw(name)]

    def text(self, name: str) -> str | None:
        found = self.texts(name)
        return found[0] if found else None

    def number(self, name: str, default: int = 0) -> int:
        text = self.text(name)
        return default if text is None else int(text)
