"""An object of the directory, as read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from piste.engine.converge.errors import Unreachable

T = TypeVar("T")


class Entry:
    """The DN and the attributes of an object; the case of an attribute's name does not count."""

    __slots__ = ("_values", "dn", "names")

    def __init__(self, dn: str, values: Mapping[str, Sequence[bytes]]) -> None:
        self.dn = dn
        self.names = [name for name, content in values.items() if content]
        self._values = {name.lower(): list(content) for name, content in values.items() if content}

    def raw(self, name: str) -> list[bytes]:
        return self._values.get(name.lower(), [])

    def texts(self, name: str) -> list[str]:
        """Return values as text.

        Raises `Unreachable` for bytes that are no text, rather than invent a name.
        """
        return [self._read(name, value, bytes.decode) for value in self.raw(name)]

    def shown(self, name: str) -> list[str]:
        """Return values as text for display, with a sign in place of bytes that are no text."""
        return [value.decode(errors="replace") for value in self.raw(name)]

    def text(self, name: str) -> str | None:
        texts = self.texts(name)
        return texts[0] if texts else None

    def read(self, name: str, form: Callable[[bytes], T]) -> T:
        """Parse an attribute that every object of the class has.

        Raises `Unreachable` where the account does not see it or `form` refuses it: the object is then unknown.
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
                f"{name} est illisible", where=self.dn, why=str(error), todo="Vérifiez l’objet dans la console."
            ) from error

    def number(self, name: str, default: int = 0) -> int:
        """Return a number, or the default where there is none.

        Raises `Unreachable` for another text.
        """
        return self.read(name, int) if self.raw(name) else default
