"""Named policies: their values in `Registry.pol`, and the form in which people write them.

The table and the ADMX files of a site share this model (Policy Definition schema, "policy element"). A policy has
elements: each is a value or a whole key. A policy that can be enabled and disabled also has the entries of either
state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

from piste.systems.windows.gpo import registry_pol
from piste.systems.windows.gpo.part import Side
from piste.systems.windows.gpo.registry_pol import Entry, Identity

COMPUTER: frozenset[Side] = frozenset({"computer"})
USER: frozenset[Side] = frozenset({"user"})
BOTH: frozenset[Side] = frozenset({"computer", "user"})
WORDS_NONE: Mapping[str, str] = MappingProxyType({})


class Form(Protocol):
    """Form of an element. Its methods raise ValueError, in French, for what it cannot express."""

    def write(self, key: str, name: str, value: Any) -> list[Entry]:
        """Entries of a value."""

    def read(self, entries: Sequence[Entry]) -> Any:
        """Value of one entry or more."""


class _Single(ABC):
    """One registry value. The last of equal entries decides."""

    @abstractmethod
    def raw(self, value: Any) -> tuple[str, Any]:
        """Registry type and data of a value; an empty type where the machine must lose it."""

    @abstractmethod
    def value(self, kind: str, data: Any) -> Any:
        """Declared form of stored data; `kind` is empty where nothing is stored."""

    def write(self, key: str, name: str, value: Any) -> list[Entry]:
        kind, data = self.raw(value)
        return [registry_pol.make(key, name, kind, data) if kind else registry_pol.deletion(key, name)]

    def read(self, entries: Sequence[Entry]) -> Any:
        entry = entries[-1]
        kind, data = "", None
        if not registry_pol.is_deletion(entry):
            kind = registry_pol.KINDS.get(entry.type, "")
            data = registry_pol.from_data(kind, entry.data) if kind else None
        value = self.value(kind, data)
        if self.raw(value) != (kind, data):
            raise ValueError("une autre valeur est en place")
        return value


@dataclass(frozen=True, slots=True)
class Number(_Single):
    """Whole number within bounds; `kind` is `sz` where it is stored as a text."""

    low: int = 0
    high: int = 2**32 - 1
    kind: str = "dword"

    def raw(self, value: Any) -> tuple[str, Any]:
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise ValueError(f"un nombre entier de {self.low} à {self.high} est attendu")
        return self.kind, str(value) if self.kind == "sz" else value

    def value(self, kind: str, data: Any) -> int:
        if kind != self.kind:
            raise ValueError("ce n’est pas un nombre")
        return int(data)


@dataclass(frozen=True, slots=True)
class Flag(_Single):
    """True or false, with the data of each; None where the value is then absent."""

    true: int | str | None = 1
    false: int | str | None = 0

    def raw(self, value: Any) -> tuple[str, Any]:
        if not isinstance(value, bool):
            raise ValueError("true ou false est attendu")
        data = self.true if value else self.false
        return ("", None) if data is None else ("sz" if isinstance(data, str) else "dword", data)

    def value(self, kind: str, data: Any) -> bool:
        return bool(data == self.true)


@dataclass(frozen=True, slots=True)
class Words(_Single):
    """One word of several; each has its number or text."""

    words: Mapping[str, int | str]

    def raw(self, value: Any) -> tuple[str, Any]:
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(f"un de ces mots est attendu : {', '.join(self.words)}")
        data = self.words[value]
        return "sz" if isinstance(data, str) else "dword", data

    def value(self, kind: str, data: Any) -> str:
        return next((word for word, stored in self.words.items() if stored == data), "")


@dataclass(frozen=True, slots=True)
class Text(_Single):
    """Text; `kind` may be `expand_sz`."""

    kind: str = "sz"
    longest: int = 2**20

    def raw(self, value: Any) -> tuple[str, Any]:
        if not isinstance(value, str) or len(value) > self.longest:
            raise ValueError(f"un texte d’au plus {self.longest} caractères est attendu")
        return self.kind, value

    def value(self, kind: str, data: Any) -> str:
        return str(data)


@dataclass(frozen=True, slots=True)
class Lines(_Single):
    """List of texts in one value."""

    def raw(self, value: Any) -> tuple[str, Any]:
        return "multi_sz", value

    def value(self, kind: str, data: Any) -> Any:
        return data


@dataclass(frozen=True, slots=True)
class Listing:
    """List that fills a key, a value each (Policy Definition schema, "list element").

    `naming`: `numbered`, values 1, 2, … after a `prefix`; `same`, the name repeats the text; `named`, people write a
    map. A list that is not `additive` first empties the key. `names` and `words` give readable names.
    """

    naming: Literal["numbered", "same", "named"] = "numbered"
    additive: bool = False
    prefix: str = ""
    kind: str = "sz"
    names: Mapping[str, str] = WORDS_NONE
    words: Mapping[str, str] = WORDS_NONE

    def write(self, key: str, name: str, value: Any) -> list[Entry]:
        pairs = list(self._pairs(value))
        start = [] if self.additive and pairs else [registry_pol.clearing(key)]
        return start + [registry_pol.make(key, name, self.kind, text) for name, text in pairs]

    def read(self, entries: Sequence[Entry]) -> Any:
        pairs: dict[str, str] = {}
        for entry in entries:
            if entry.name.casefold() == registry_pol.DELETE_ALL:
                pairs = {}
                continue
            if entry.name.startswith("**") or registry_pol.KINDS.get(entry.type) != self.kind:
                raise ValueError("la clé contient autre chose que la liste")
            pairs[entry.name] = registry_pol.from_data(self.kind, entry.data)
        if self.naming != "named":
            return list(pairs.values())
        names = {wire.casefold(): name for name, wire in self.names.items()}
        words = {wire: word for word, wire in self.words.items()}
        if (self.names and not names.keys() >= {name.casefold() for name in pairs}) or (
            self.words and not words.keys() >= set(pairs.values())
        ):
            raise ValueError("la liste contient un nom ou une valeur inconnus")
        return {names.get(name.casefold(), name): words.get(text, text) for name, text in pairs.items()}

    def _pairs(self, value: Any) -> Iterable[tuple[str, str]]:
        if self.naming == "named":
            if not isinstance(value, Mapping):
                raise ValueError("un dictionnaire est attendu")
            for name, text in value.items():
                if self.names and name not in self.names:
                    raise ValueError(f"« {name} » est inconnu ; noms : {', '.join(self.names)}")
                if self.words and text not in self.words:
                    raise ValueError(f"« {text} » n’est pas admis ; valeurs : {', '.join(self.words)}")
                yield self.names.get(name, name), self.words.get(text, text)
            return
        if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
            raise ValueError("une liste de textes, dont aucun n’est vide, est attendue")
        for number, text in enumerate(value, 1):
            yield (text if self.naming == "same" else f"{self.prefix}{number}"), text


class Element(NamedTuple):
    """Place in the registry and its form; a listing fills its whole key."""

    key: str
    name: str
    form: Form
    required: bool = False

    @property
    def place(self) -> Identity:
        return self.key.casefold(), "" if isinstance(self.form, Listing) else self.name.casefold()

    def concerns(self, entry: Entry) -> bool:
        if isinstance(self.form, Listing):
            return entry.key.casefold() == self.key.casefold()
        return not registry_pol.is_order(entry) and registry_pol.identity(entry) == self.place


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy, under the name that people write.

    `elements` are by name; a single element under the empty name is the whole value of the policy. `on` and `off` are
    the other entries of a policy that can be enabled and disabled. `source` is the ADMX file that defines it.
    `label` is its name in French for a plan, `unit` that of a number.
    """

    name: str
    sides: frozenset[Side]
    elements: Mapping[str, Element]
    source: str
    on: tuple[Entry, ...] = ()
    off: tuple[Entry, ...] = ()
    label: str = ""
    unit: str = ""

    @property
    def plain(self) -> bool:
        """True where the policy is one value, written without its element's name."""
        return tuple(self.elements) == ("",)

    def concerns(self, entry: Entry) -> bool:
        """True for an entry of the policy."""
        return any(element.concerns(entry) for element in self.elements.values()) or any(
            not registry_pol.is_order(entry) and registry_pol.identity(entry) == registry_pol.identity(own)
            for own in (*self.on, *self.off)
        )

    def places(self) -> frozenset[Identity]:
        """Places that the policy writes: values, and whole keys under an empty name."""
        own = [registry_pol.identity(entry) for entry in (*self.on, *self.off) if not registry_pol.is_order(entry)]
        return frozenset((*own, *(element.place for element in self.elements.values())))

    def write(self, value: Any) -> list[Entry]:
        """Entries of a value. Raises ValueError, in French, for a value that it cannot have."""
        if self.plain:
            element = self.elements[""]
            return element.form.write(element.key, element.name, value)
        if value is False:
            return list(self.off)
        given = {} if value is True else value
        if not isinstance(given, Mapping) or not (self.elements or value is True):
            names = f", ou les éléments {', '.join(self.elements)}" if self.elements else ""
            raise ValueError(f"true ou false est attendu{names}")
        unknown = [str(name) for name in given if name not in self.elements]
        missing = [name for name, element in self.elements.items() if element.required and name not in given]
        if unknown or missing:
            what = f"élément inconnu {', '.join(unknown)}" if unknown else f"il manque {', '.join(missing)}"
            raise ValueError(f"{what} ; éléments : {', '.join(self.elements)}")
        entries = list(self.on)
        for name, element in self.elements.items():
            if name in given:
                try:
                    entries += element.form.write(element.key, element.name, given[name])
                except ValueError as error:
                    raise ValueError(f"{name} : {error}") from error
        return entries

    def read(self, entries: Sequence[Entry]) -> Any:
        """Value of the policy's entries. Raises ValueError where no value expresses them."""
        if self.plain:
            return self.elements[""].form.read(entries)
        deciding = {registry_pol.identity(entry): entry for entry in entries}
        if self.off and _hold(deciding, self.off) and len(deciding) == len(self.off):
            return False
        if not _hold(deciding, self.on):
            raise ValueError("la stratégie n’est ni activée ni désactivée")
        values: dict[str, Any] = {}
        for name, element in self.elements.items():
            mine = [entry for entry in entries if element.concerns(entry)]
            if mine:
                values[name] = element.form.read(mine)
            elif element.required:
                raise ValueError(f"il manque {name}")
        return values or True


def _hold(deciding: Mapping[Identity, Entry], desired: Iterable[Entry]) -> bool:
    for entry in desired:
        live = deciding.get(registry_pol.identity(entry))
        if live is None or (registry_pol.is_deletion(live), live.type, live.data) != (
            registry_pol.is_deletion(entry),
            entry.type,
            entry.data,
        ):
            return False
    return True


def policy(name: str, sides: frozenset[Side], where: str, form: Form, admx: str) -> Policy:
    """Make a policy of one value.

    The name says what true means; `where` is `KEY!VALUE`, or the key of a listing; `admx` is the file without its end.
    """
    key, _, value = where.partition("!")
    return Policy(name, sides, {"": Element(key, value, form, required=True)}, f"{admx}.admx")
