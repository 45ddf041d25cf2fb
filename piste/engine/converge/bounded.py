"""Files from elsewhere, read as data: plain files only, of bounded size, depth and count.

A link, a pipe or a device is never opened. `Unreadable` says all that is wrong, with its line.
"""

from __future__ import annotations

import csv
import json
import math
import os
import re
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, NoReturn

import yaml
from lxml import etree

from piste.engine.converge.text import is_template, of_declaration
from piste.engine.converge.untrusted import NotPlain, opened_plain

DOCUMENT = 32 * 2**20
"""Bytes of the longest document, or line, that is read."""
NODES = 2_000_000
"""Values in a document, counted by its signs before any value is made."""
YAML_NODES = 500_000
"""Values in a YAML document, whose reader takes more memory for each value."""
DEPTH = 100
"""Levels of lists and maps in a document."""
FILES = 100_000
"""Files below a folder."""
FOLDERS = 30
"""Levels of folders."""
NUMBER = 100
"""Characters of a number: the time to read a longer number grows faster than its length."""
UNSAFE = "!unsafe"
"""The mark of a text that Ansible must not evaluate."""
_ANY_LENGTH = 2**63
_NO_NUMBER = re.compile(r"[+-]?\.(inf|nan)", re.IGNORECASE)
_LARGE = re.compile(r"[+-]?[0-9][0-9_]*\.[0-9_]*e\+[0-9]{3,}", re.IGNORECASE)
_TEXT = yaml.resolver.Resolver.DEFAULT_SCALAR_TAG

Fault = tuple[int, str]
"""A line, 0 for the file itself, and what is wrong there."""


class Unreadable(ValueError):
    """A file is not what it should be, for the `faults`."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(" ; ".join(f"ligne {line} : {why}" if line else why for line, why in faults))

    def at(self, name: str) -> Iterator[tuple[str, str]]:
        """List each fault with its place in the file of that name."""
        yield from ((f"{name}:{line}" if line else name, why) for line, why in self.faults)


def survey(folder: Path) -> tuple[list[Path], list[tuple[str, str]]]:
    """List the plain files below a folder, sorted, and all that is neither file nor folder.

    The second list gives place and nature of such things, and of what cannot be read.
    """
    files: list[Path] = []
    odd: list[tuple[str, str]] = []
    waiting = [(folder, 0)]
    while waiting:
        current, level = waiting.pop()
        try:
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError as error:
            odd.append((_name(current, folder), _why(error)))
            continue
        for entry in entries:
            path = current / entry.name
            if entry.is_dir(follow_symlinks=False):
                if level < FOLDERS:
                    waiting.append((path, level + 1))
                else:
                    odd.append((_name(path, folder), f"plus de {FOLDERS} dossiers l’un dans l’autre"))
            elif entry.is_file(follow_symlinks=False):
                files.append(path)
            else:
                odd.append((_name(path, folder), _nature(path)))
            if len(files) + len(odd) > FILES:
                return sorted(files), [*odd, (_name(current, folder), f"plus de {FILES} fichiers")]
    return sorted(files), odd


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _nature(path: Path) -> str:
    mode = path.lstat().st_mode
    for test, what in (
        (stat.S_ISDIR, "dossier"),
        (stat.S_ISLNK, "lien vers un autre endroit"),
        (stat.S_ISFIFO, "tube nommé"),
        (stat.S_ISSOCK, "prise de communication (socket)"),
    ):
        if test(mode):
            return f"{what}, et non un fichier"
    return "périphérique, et non un fichier"


def _why(error: OSError) -> str:
    return f"ne s’ouvre pas ({error.strerror or type(error).__name__})"


def opened(path: Path) -> BufferedReader:
    """Open a plain file, without waiting or following a link. Raises `Unreadable`."""
    try:
        return opened_plain(path, _ANY_LENGTH)
    except ValueError:
        raise Unreadable((0, "son nom n’est pas un nom de fichier")) from None
    except NotPlain:
        raise Unreadable((0, _nature(path))) from None
    except OSError as error:
        raise Unreadable((0, _why(error))) from None


def content(path: Path, most: int = DOCUMENT) -> bytes:
    """Read the bytes of a plain file. Raises `Unreadable` beyond `most` bytes."""
    with opened(path) as stream:
        raw = stream.read(most + 1)
    if len(raw) > most:
        raise Unreadable((0, f"plus de {most // 2**20} Mio"))
    return raw


def text(path: Path) -> str:
    """Read the text of a document, in UTF-8."""
    return _decoded(content(path))


def lines(path: Path) -> Iterator[bytes]:
    """Read the lines of a file of any length, each with its end."""
    with opened(path) as stream:
        while line := stream.readline(DOCUMENT + 1):
            if len(line) > DOCUMENT:
                raise Unreadable((0, f"une ligne de plus de {DOCUMENT // 2**20} Mio"))
            yield line


def _decoded(raw: bytes, line: int = 0) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable((line or raw.count(b"\n", 0, error.start) + 1, "n’est pas en UTF-8")) from None


def of_json(raw: bytes) -> Any:
    """Read a JSON document.

    A key that comes twice is refused: readers differ on which of the two counts.
    """
    _count(raw, b",", b"[", b"{", b":")
    written = _decoded(raw)
    try:
        value = json.loads(written, object_pairs_hook=_distinct, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise Unreadable((0, f"plus de {DEPTH} niveaux")) from None
    except json.JSONDecodeError as error:
        raise Unreadable((error.lineno, "n’est pas du JSON")) from None
    except Unreadable:
        raise
    except ValueError:
        raise Unreadable((0, f"un nombre de plus de {NUMBER} chiffres")) from None
    level = [value]
    for _ in range(DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise Unreadable((0, f"plus de {DEPTH} niveaux"))


def _count(raw: bytes, *signs: bytes) -> None:
    if sum(map(raw.count, signs)) > NODES:
        raise Unreadable((0, f"plus de {NODES} valeurs"))


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise Unreadable((0, "une même clé y est deux fois"))
    return mapping


def _finite(written: str) -> float:
    number = float(written)
    return number if math.isfinite(number) else _no_number(written[:NUMBER])


def _no_number(name: str) -> NoReturn:
    raise Unreadable((0, f"« {name} » n’est pas un nombre de JSON"))


def of_yaml(raw: bytes, *, marked: bool = False) -> Any:
    """Read a file of the declaration: no alias, no tag but the mark of a text kept from Jinja.

    With `marked`, a text that Ansible would evaluate must have that tag.
    """
    written = _decoded(raw)
    # The events give the faults before any value is made.
    if faults := tuple(_yaml_faults(written, marked)):
        raise Unreadable(*faults)
    try:
        return of_declaration(written)
    except yaml.YAMLError as error:
        raise _not_yaml(error) from None
    except (ValueError, OverflowError):
        raise Unreadable((0, "un nombre qui n’en est pas un")) from None


def parse_yaml(raw: bytes) -> None:
    """Parse a YAML file of another tool, with its aliases and tags, without making its values."""
    try:
        for _ in yaml.parse(_decoded(raw), yaml.CSafeLoader):
            pass
    except yaml.YAMLError as error:
        raise _not_yaml(error) from None


def _yaml_faults(written: str, marked: bool) -> Iterator[Fault]:
    depth = nodes = 0
    try:
        for event in yaml.parse(written, yaml.CSafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.AliasEvent):
                yield line, "reprend une ancre : un export n’en a pas"
                return
            elif isinstance(event, yaml.NodeEvent):
                nodes += 1
                depth += isinstance(event, yaml.CollectionStartEvent)
                if why := _refused(event, depth, nodes):
                    yield line, why
                    return
                if marked and _template(event):
                    yield line, f"texte que Jinja évaluerait, sans la marque {UNSAFE}"
    except yaml.YAMLError as error:
        yield from _not_yaml(error).faults


def _refused(event: Any, depth: int, nodes: int) -> str:
    if depth > DEPTH:
        return f"plus de {DEPTH} niveaux"
    if nodes > YAML_NODES:
        return f"plus de {YAML_NODES} valeurs"
    scalar = isinstance(event, yaml.ScalarEvent)
    if event.tag is not None and not (scalar and event.tag == UNSAFE):
        return f"la marque {event.tag[:60]} n’est pas d’un export"
    if scalar and event.implicit[0] and len(event.value) > NUMBER and _resolve(event.value) != _TEXT:
        return f"un nombre de plus de {NUMBER} caractères"
    if scalar and event.implicit[0] and _is_infinite(event.value):
        return f"« {event.value} » n’est pas un nombre"
    return ""


def _is_infinite(value: str) -> bool:
    large = _LARGE.fullmatch(value)
    return bool(_NO_NUMBER.fullmatch(value)) or bool(large and math.isinf(float(value.replace("_", ""))))


def _resolve(value: str) -> Any:
    """Give the tag that YAML gives to a plain scalar."""
    resolver: Any = yaml.resolver.Resolver()
    return resolver.resolve(yaml.ScalarNode, value, (True, False))


def _template(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.tag != UNSAFE and is_template(event.value)


def _not_yaml(error: yaml.YAMLError) -> Unreadable:
    mark = getattr(error, "problem_mark", None)
    return Unreadable((mark.line + 1 if mark else 0, "n’est pas du YAML"))


def rows(path: Path) -> Iterator[list[str]]:
    """Read the rows of a CSV file."""
    number = 0

    def decoded() -> Iterator[str]:
        nonlocal number
        for number, line in enumerate(lines(path), 1):
            yield _decoded(line, number)

    try:
        yield from csv.reader(decoded(), strict=True)
    except csv.Error:
        raise Unreadable((number, "n’est pas du CSV")) from None


def table(path: Path) -> list[list[str]]:
    """Read the rows of a CSV file that is read whole."""
    _count(content(path), b",", b"\n", b"\r")
    return list(rows(path))


def of_xml(raw: bytes) -> Any:
    """Read the root of an XML document. A document type is refused, because of its entities."""
    _count(raw, b"<", b"=")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable((error.lineno or 0, "n’est pas du XML")) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable((0, "porte un type de document (DOCTYPE)"))
    return root
