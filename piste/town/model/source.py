"""Plain YAML with the line of each key, read without Ansible's own loader."""

from __future__ import annotations

import marshal
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from .composer import Composer, Unreadable
from .faults import Faults, Mark
from .paths import KeyPath, dotted
from .syntax import explained, hidden_lines
from .tree import Document

LARGEST = 2_000_000
"""Most bytes of a file."""
_REASONS: Mapping[type[Exception], str] = {
    FileNotFoundError: "il n’est pas là",
    NotADirectoryError: "il n’est pas là",
    IsADirectoryError: "c’est un dossier",
    PermissionError: "ce compte n’en a pas le droit",
    UnicodeDecodeError: "il n’est pas en UTF-8",
}

_REMEMBERED = 300
"""Documents that a process remembers: a verb loads the town several times, an editor at each change of a file."""
_sound: dict[tuple[str, str, frozenset[str], bool], tuple[bytes, dict[KeyPath, Mark]]] = {}
"""Documents without a fault, by all that they depend on."""


def read(
    path: Path,
    name: str,
    faults: Faults,
    prefix: str = "",
    jinja_under: frozenset[str] = frozenset(),
    *,
    visible: bool = True,
) -> Document:
    """Read a YAML file whose root is a mapping, under the name shown to people.

    Add faults to `faults`: syntax, duplicate keys, tags, anchors, Jinja, secrets in clear, and invisible characters
    unless `visible` is false. Return what could be read all the same. `prefix` begins the path of each fault;
    `jinja_under` names keys whose values are left to Ansible.
    """
    notes = _Notes(Document(name), faults, prefix)
    try:
        text = text_of(path)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        notes.unreadable(f"Le fichier ne peut pas être lu : {unreadable_because(error)}", 1, "Rétablissez-le.")
        return notes.document
    key = (name, text, jinja_under, visible)
    if key in _sound:
        data, marks = _sound[key]
        return Document(name, marshal.loads(data), dict(marks))
    before = len(faults)
    known = hidden_lines(text) if visible else {}
    for line, character in known.items():
        notes.fault("PISTE-M018", (), f"La ligne contient un caractère invisible ({character})", line)
    try:
        Composer(text, notes, jinja_under, visible=visible, known=known).root(notes.document.data)
    except yaml.MarkedYAMLError as error:
        reason, line = explained(error, text.splitlines())
        notes.unreadable("Le fichier n’est pas du YAML valide" + (f" : {reason}" if reason else ""), line)
    except Unreadable as error:
        notes.unreadable(str(error), error.line)
    except yaml.YAMLError:
        # The text has a character that YAML does not allow.
        notes.unreadable("Le fichier n’est pas du YAML valide", next(iter(known), 1))
    if len(faults) == before:
        _sound[key] = marshal.dumps(notes.document.data), dict(notes.document.marks)
        while len(_sound) > _REMEMBERED:
            del _sound[next(iter(_sound))]
    return notes.document


def unreadable_because(error: OSError | ValueError) -> str:
    """Say in French why `text_of` could not read a file."""
    unknown = "le système ne l’ouvre pas" if isinstance(error, OSError) else str(error)
    return _REASONS.get(type(error), unknown)


def text_of(path: Path) -> str:
    """Read a plain file. Raises ValueError where it is another kind of file, or too large.

    Nothing else is opened, so that nothing waits.
    """
    kind = path.stat()
    if stat.S_ISDIR(kind.st_mode):
        raise IsADirectoryError
    if not stat.S_ISREG(kind.st_mode):
        raise ValueError("ce n’est pas un fichier ordinaire")
    if kind.st_size > LARGEST:
        raise ValueError(f"il a plus de {LARGEST // 1_000_000} Mo")
    with path.open("rb") as stream:
        return stream.read(LARGEST).decode("utf-8").replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class _Notes:
    """The lines and the faults of a document, noted as it is read."""

    document: Document
    faults: Faults
    prefix: str

    def line(self, path: KeyPath, line: int) -> None:
        self.document.marks[path] = Mark(self.document.name, line)

    def line_of(self, path: KeyPath) -> int:
        return self.document.mark(path).line

    def fault(self, rule: str, path: KeyPath, message: str, line: int | None = None) -> None:
        named = ".".join(filter(None, (self.prefix, dotted(path)))) or self.document.name
        mark = Mark(self.document.name, self.line_of(path) if line is None else line)
        self.faults.add(rule, named, mark, message)
        if rule == "PISTE-M007":
            self.document.unread.add(path)

    def unreadable(self, message: str, line: int, advice: str = "") -> None:
        # The data read so far is incomplete: its missing keys are not faults of their own.
        self.document.data.clear()
        name = self.document.name
        self.faults.add("PISTE-M001", self.prefix or name, Mark(name, line), message, advice)
