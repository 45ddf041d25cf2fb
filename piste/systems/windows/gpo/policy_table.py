"""Administrative-template settings by readable name, read from `named_policies/`.

Keys, values and choices were each compared with the ADMX file that the policy names. Their `README.md` gives
the form of the files. It is closed: an unknown key, a missing key, a duplicate or a value of another type is a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.systems.windows.gpo.part import Side
from piste.systems.windows.gpo.policy import (
    BOTH,
    COMPUTER,
    USER,
    WORDS_NONE,
    Element,
    Flag,
    Form,
    Lines,
    Listing,
    Number,
    Policy,
    Text,
    Words,
)

FOLDER: Final = Path(__file__).parent / "named_policies"

_DWORD: Final = 2**32 - 1
_SIDES: Final[Mapping[str, frozenset[Side]]] = {"computer": COMPUTER, "user": USER, "both": BOTH}
_GROUP: Final = ("side", "admx", "key")
_POLICY: Final = (*_GROUP, "under", "value", "type", "label", "unit")

type Read = Callable[[Node], Any]
"""Reads the value of a key. Raises ValueError, in French, for another type."""


def _scalar(node: Node) -> tuple[str, bool]:
    """Read a text; true where it has no quotes."""
    if not isinstance(node, ScalarNode) or not node.value:
        raise ValueError("un texte est attendu")
    return str(node.value), not node.style


def _text(node: Node) -> str:
    return _scalar(node)[0]


def _data(node: Node) -> int | str | None:
    """Read registry data: a number is a DWORD, a text an SZ, `null` the absence of the value."""
    text, plain = _scalar(node)
    if plain and text == "null":
        return None
    if not plain or not text.isdecimal():
        return text
    if (number := int(text)) > _DWORD:
        raise ValueError(f"un nombre entier de 0 à {_DWORD} est attendu")
    return number


def _whole(node: Node) -> int:
    if not isinstance(data := _data(node), int):
        raise ValueError("un nombre entier est attendu")
    return data


def _truth(node: Node) -> bool:
    if (text := _text(node)) not in ("true", "false"):
        raise ValueError("true ou false est attendu")
    return text == "true"


def _side(node: Node) -> frozenset[Side]:
    if (text := _text(node)) not in _SIDES:
        raise ValueError(f"un de ces mots est attendu : {', '.join(_SIDES)}")
    return _SIDES[text]


def _choices(node: Node) -> dict[str, int | str]:
    """Read what each word stands for. Two words for the same data would not read back."""
    pairs = [(word, _data(value)) for word, value in _pairs(node)]
    choices = {word: data for word, data in pairs if data is not None}
    if len(set(choices.values())) < len(pairs):
        raise ValueError("chaque mot s’écrit une fois, avec sa propre valeur")
    return choices


def _texts(node: Node) -> dict[str, str]:
    choices = _choices(node)
    if not all(isinstance(data, str) for data in choices.values()):
        raise ValueError("des textes sont attendus (entre guillemets s’ils ressemblent à des nombres)")
    return {word: str(data) for word, data in choices.items()}


def _pairs(node: Node) -> list[tuple[str, Node]]:
    if not isinstance(node, MappingNode):
        raise ValueError("des clés et leurs valeurs sont attendues")
    return [(_text(key), value) for key, value in node.value]


class _Type(NamedTuple):
    """A word under `type`: its own keys, how each is read, and the form that they make."""

    keys: Mapping[str, Read]
    form: Callable[..., Form]


def _number(minimum: int = 0, maximum: int = _DWORD, as_text: bool = False) -> Number:
    if minimum > maximum:
        raise ValueError("minimum dépasse maximum")
    return Number(minimum, maximum, "sz" if as_text else "dword")


def _flag(true: int | str | None = 1, false: int | str | None = 0) -> Flag:
    if true == false:
        raise ValueError("true et false attendent chacun leur valeur")
    return Flag(true, false)


def _list(named_by_text: bool = False, additive: bool = False) -> Listing:
    return Listing("same" if named_by_text else "numbered", additive)


def _map(
    additive: bool = False, names: Mapping[str, str] = WORDS_NONE, choices: Mapping[str, str] = WORDS_NONE
) -> Listing:
    return Listing("named", additive, names=names, words=choices)


def _choice(choices: Mapping[str, int | str] | None = None) -> Words:
    if not choices:
        raise ValueError("il manque choices")
    return Words(choices)


_TYPES: Final[Mapping[str, _Type]] = {
    "flag": _Type({"true": _data, "false": _data}, _flag),
    "number": _Type({"minimum": _whole, "maximum": _whole, "as_text": _truth}, _number),
    "choice": _Type({"choices": _choices}, _choice),
    "text": _Type({"longest": _whole}, Text),
    "lines": _Type({}, Lines),
    "list": _Type({"named_by_text": _truth, "additive": _truth}, _list),
    "map": _Type({"additive": _truth, "names": _texts, "choices": _texts}, _map),
}
_COMMON: Final[Mapping[str, Read]] = {**dict.fromkeys(_POLICY, _text), "side": _side}


class _File:
    """Reads one file. All files share `faults`, and `places`: file and line of each policy."""

    def __init__(self, path: Path, faults: list[Fault], places: dict[str, str]) -> None:
        self.path, self.faults, self.places = path, faults, places

    def policies(self) -> Iterator[Policy]:
        try:
            root = yaml.compose(self.path.read_bytes(), yaml.CBaseLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or " ".join(str(error).split())
            self.faults.append(Fault(self._place(mark.line if mark else 0), f"le fichier ne se lit pas : {reason}"))
            return
        if not isinstance(root, SequenceNode):
            self.faults.append(Fault(self._place(0), "une liste de groupes est attendue"))
            return
        for group in root.value:
            yield from self._group(group)

    def _group(self, group: Node) -> Iterator[Policy]:
        given = self._entries(group)
        for key, value in given.items():
            if key not in _GROUP and key != "policies":
                self._fault(value, f"clé inconnue d’un groupe : {key}")
        if "policies" not in given:
            self._fault(group, "il manque policies")
            return
        shared = self._values(given, _COMMON)
        for name, node in self._entries(given["policies"]).items():
            if name in self.places:
                self._fault(node, f"{name} est déjà déclarée : {self.places[name]}")
                continue
            self.places[name] = self._place(node.start_mark.line)
            if policy := self._policy(name, node, shared):
                yield policy

    def _policy(self, name: str, node: Node, shared: Mapping[str, Any]) -> Policy | None:
        before = len(self.faults)
        given = self._entries(node)
        common = {**shared, **self._values(given, _COMMON)}
        if len(self.faults) > before:
            return None
        kind = _TYPES.get(common.get("type", ""))
        if kind is None:
            self._fault(node, f"{name} : type attend un de ces mots : {', '.join(_TYPES)}")
            return None
        for key, value in given.items():
            if key not in kind.keys and key not in _COMMON:
                self._fault(value, f"{name} : clé inconnue pour le type {common['type']} : {key}")
        own = self._values(given, kind.keys)
        if len(self.faults) > before:
            return None
        try:
            form = kind.form(**own)
        except ValueError as error:
            self._fault(node, f"{name} : {error}")
            return None
        whole_key = isinstance(form, Listing)
        if missing := [key for key in (*_GROUP, *(() if whole_key else ("value",))) if key not in common]:
            self._fault(node, f"{name} : il manque {', '.join(missing)}")
        if whole_key and "value" in common:
            self._fault(node, f"{name} : une liste occupe toute sa clé, value n’y a pas de sens")
        if len(self.faults) > before:
            return None
        key = "\\".join(part for part in (common["key"], common.get("under")) if part)
        element = Element(key, common.get("value", ""), form, required=True)
        return Policy(
            name,
            common["side"],
            {"": element},
            common["admx"],
            label=common.get("label", ""),
            unit=common.get("unit", ""),
        )

    def _entries(self, node: Node) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        try:
            for key, value in _pairs(node):
                if entries.setdefault(key, value) is not value:
                    self._fault(value, f"clé en double : {key}")
        except ValueError as error:
            self._fault(node, f"{error}")
        return entries

    def _values(self, given: Mapping[str, Node], keys: Mapping[str, Read]) -> dict[str, Any]:
        values = {}
        for key, node in given.items():
            try:
                if key in keys:
                    values[key] = keys[key](node)
            except ValueError as error:
                self._fault(node, f"{key} : {error}")
        return values

    def _fault(self, node: Node, message: str) -> None:
        self.faults.append(Fault(self._place(node.start_mark.line), message))

    def _place(self, line: int) -> str:
        return f"{self.path}:{line + 1}"


def read(folder: Path) -> tuple[Policy, ...]:
    """Policies of the files of a folder, in order.

    Raises `InvalidConfig` with every fault, by file and line.
    """
    faults: list[Fault] = []
    places: dict[str, str] = {}
    files = [_File(path, faults, places) for path in sorted(folder.glob("*.yml"))]
    policies = tuple(policy for file in files for policy in file.policies())
    if faults:
        raise InvalidConfig(faults)
    return policies


TABLE: Final = read(FOLDER)
"""Every policy that has a readable name. Read at import: the workers of a run share what their parent has read."""
