"""What a directory answers about one object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from piste.converge.errors import Unreachable

T = TypeVar("T")


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
        """Values that are text. Raises `Unreachable` for what is none: a name must not be made up."""
        return [self._read(name, value, bytes.decode) for value in self.raw(name)]

    def shown(self, name: str) -> list[str]:
        """Values as they can be shown, whatever they are."""
        return [value.decode(errors="replace") for value in self.raw(name)]

    def text(self, name: str) -> str | None:
        found = self.texts(name)
        return found[0] if found else None

    def read(self, name: str, form: Callable[[bytes], T]) -> T:
        """The value of an attribute that its object always has, in a form that it always takes.

        Raises `Unreachable` where it is not shown or has another form: nothing is concluded from the object.
        """
        if not self.raw(name):
            raise Unreachable(
                f"{name} ne se montre pas à ce compte",
                where=self.dn,
                todo="Donnez au compte de Piste le droit de le lire.",
            )
        return self._read(name, self.raw(name)[0], form)

    def _read(self, name: str, value: bytes, form: Callable[[bytes], T]) -> T:
        try:
            return form(value)
        except (LookupError, ValueError) as error:
            raise Unreachable(
                f"{name} est illisible", where=self.dn, why=str(error), todo="Vérifiez l'objet dans la console."
            ) from error

    def number(self, name: str, default: int = 0) -> int:
        """A number that may be absent. Raises `Unreachable` for what is none."""
        return self.read(name, int) if self.raw(name) else default
