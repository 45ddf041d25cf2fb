"""Files of one side of a GPO, between bytes and `Content`.

A file that does not parse as its name promises is illegible. It stays a plain file until something is put into that
document. A document is written only where its content changed: the spelling of its first author stays.

Sources: MS-GPOL 2.2.4 (GPT.INI), MS-GPSB 2.2 (GptTmpl.inf), MS-GPSCR 2.2.2 and 2.2.3 (scripts.ini, psscripts.ini),
MS-GPAC 2.2.1 (audit.csv), MS-GPPREF 2.2 (preferences).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from piste.systems.windows.gpo import registry_pol, xml
from piste.systems.windows.gpo.part import Content, Pair, Side

REGISTRY = "Registry.pol"
SECURITY = "Microsoft/Windows NT/SecEdit/GptTmpl.inf"
AUDIT = "Microsoft/Windows NT/Audit/audit.csv"
SCRIPTS = "Scripts/scripts.ini"
POWERSHELL_SCRIPTS = "Scripts/psscripts.ini"
PREFERENCES = "Preferences/"

Sections = dict[str, list[str]]
HEADER: Mapping[str, list[str]] = {"Unicode": ["Unicode=yes"], "Version": ['signature="$CHICAGO$"', "Revision=1"]}
"""Header of a security template, which is no content."""

_BOM = b"\xff\xfe"


class Kind(NamedTuple):
    """A document that is read into an attribute of `Content`."""

    attribute: str
    parse: Callable[[bytes], Any]
    build: Callable[[Any], bytes]


def _text(raw: bytes) -> str:
    """Text of a Windows file: UTF-16 or UTF-8 by its mark, else UTF-8. Raises ValueError."""
    return raw.decode("utf-16") if raw.startswith(_BOM) else raw.decode("utf-8-sig")


def _ini_text(raw: bytes) -> str:
    """Text of an ini file, maybe in the code page of the host. Raises ValueError for no text."""
    try:
        text = _text(raw)
    except UnicodeDecodeError:
        if raw.startswith(_BOM):
            raise
        text = raw.decode(_ANSI)
    text = text.replace("\0", "").rstrip("\x1a")
    if any(sign < " " and sign not in "\t\r\n\f" for sign in text):
        raise ValueError("a text has no such characters")
    return text


_ANSI = "cp1252"  # [belief windows.gpo_comment] a French Windows


def sections(raw: bytes) -> Sections:
    """Lines of an ini file by section, in order; those before any section are under ''."""
    by_section: Sections = {}
    current = ""
    for line in _ini_text(raw).splitlines():
        if heading := re.fullmatch(r"\s*\[(.*)\]\s*", line):
            current = heading.group(1)
            by_section.setdefault(current, [])
        elif line.strip():
            by_section.setdefault(current, []).append(line.rstrip())
    return by_section


def _ini(content: Sections) -> bytes:
    ordered = sorted(content, key=bool)  # lines before any section stay before any
    lines = [line for name in ordered for line in ([f"[{name}]"] if name else []) + content[name]]
    return _BOM + "".join(f"{line}\r\n" for line in lines).encode("utf-16-le")


def _template(content: Sections) -> bytes:
    known = {name.casefold() for name in content}
    return _ini({name: lines for name, lines in HEADER.items() if name.casefold() not in known} | content)


_NEEDED = {"Policy Target", "Subcategory GUID", "Setting Value"}
"""Columns without which a line of audit.csv says nothing (MS-GPAC 2.2.1.2)."""


def _rows(raw: bytes) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(_text(raw)), strict=True)
    rows = list(reader)
    if any(None in row or None in row.values() for row in rows):
        raise ValueError("a line has not the columns of the first")
    if not set(reader.fieldnames or ()) >= _NEEDED:
        raise ValueError("a column is missing")
    return rows


def _csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


KINDS: Mapping[str, Kind] = {
    REGISTRY: Kind("registry", lambda raw: list(registry_pol.decode(raw)), registry_pol.encode),
    SECURITY: Kind("security", sections, _template),
    AUDIT: Kind("audit", _rows, _csv),
    SCRIPTS: Kind("scripts", sections, _ini),
    POWERSHELL_SCRIPTS: Kind("powershell_scripts", sections, _ini),
}
_BY_FOLD = {path.casefold(): path for path in KINDS}


def _spelt(path: str) -> str:
    """Spelling of a document in the specifications, whatever its spelling in the folder."""
    folded = path.casefold()
    if folded.startswith(PREFERENCES.casefold()) and folded.endswith(".xml"):
        return PREFERENCES + path[len(PREFERENCES) :]
    return _BY_FOLD.get(folded, path)


def content_of(
    side: Side,
    gpo: str,
    files: Mapping[str, bytes],
    objects: Mapping[str, Mapping[str, Any]] | None = None,
    pairs: frozenset[Pair] = frozenset(),
) -> Content:
    """Parse the files of a side, given by path relative to its folder."""
    own = {dn: dict(attributes) for dn, attributes in (objects or {}).items()}
    content = Content(side, gpo, pairs=pairs, objects=own)
    for path, raw in files.items():
        name = _spelt(path)
        try:
            if name in KINDS:
                setattr(content, KINDS[name].attribute, KINDS[name].parse(raw))
            elif _is_document(name):
                content.preferences[name.removeprefix(PREFERENCES)] = xml.parse(raw)
            else:
                content.files[path] = raw
        except (ValueError, csv.Error):
            content.files[name] = raw
    return content


def illegible(content: Content) -> list[str]:
    """Paths of the documents that do not parse as their names promise."""
    return [path for path in content.files if _is_document(_spelt(path))]


def _is_document(name: str) -> bool:
    return name in KINDS or (name.startswith(PREFERENCES) and name.lower().endswith(".xml"))


def documents(content: Content) -> dict[str, bytes]:
    """Files of a side, by path in the spelling of the specifications.

    An empty document is no file. A document with content replaces the illegible file of its path.
    """
    made: dict[str, bytes] = {}
    for path, kind in KINDS.items():
        value = getattr(content, kind.attribute)
        holds = any(meaningful(value).values()) if isinstance(value, dict) else bool(value)
        if holds:
            made[path] = kind.build(value)
    for path, root in content.preferences.items():
        if len(root):
            made[PREFERENCES + path] = xml.serialise(root)
    places = {path.casefold() for path in made}
    return {path: raw for path, raw in content.files.items() if path.casefold() not in places} | made


def meaningful(content: Sections) -> Sections:
    """An ini file without its empty sections and the header of a template."""
    header = {name.casefold() for name in HEADER}
    return {name: lines for name, lines in content.items() if lines and name.casefold() not in header}


def changes(files: Mapping[str, bytes], before: Content, after: Content) -> dict[str, bytes | None]:
    """Files to write, or to delete (None), by path in the system's spelling.

    `before` is the content of `files`. A document with the same content before and after is left alone, whatever its
    spelling.
    """
    old, new = _by_fold(documents(before)), _by_fold(documents(after))
    spelling = {path.casefold(): path for path in files}
    result: dict[str, bytes | None] = {}
    for place in sorted(old.keys() | new.keys()):
        path, desired = new.get(place) or (old[place][0], None)
        if place not in old or old[place][1] != desired:
            result[spelling.get(place, path)] = desired
    return result


def _by_fold(files: Mapping[str, bytes]) -> dict[str, tuple[str, bytes]]:
    """Path and bytes of each file, by its path without case: Windows folders ignore case."""
    return {path.casefold(): (path, raw) for path, raw in files.items()}


def copy(content: Content) -> Content:
    """Copy a content deeply."""
    return deepcopy(content)


# the version


def version_of(raw: bytes | None) -> int | None:
    """Version in GPT.INI; None where the file or its version is missing."""
    if raw is None:
        return None
    match = re.search(rb"^\s*Version\s*=\s*([0-9]+)\s*$", raw, re.MULTILINE | re.IGNORECASE)
    return int(match.group(1)) if match else None


def with_version(raw: bytes | None, version: int) -> bytes:
    """GPT.INI with another version; the rest is kept."""
    line = b"Version=%d\r\n" % version
    pattern = rb"^[ \t]*Version[ \t]*=.*(?:\r?\n|\Z)"
    if raw is not None and re.search(pattern, raw, re.MULTILINE | re.IGNORECASE):
        return re.sub(pattern, line, raw, count=1, flags=re.MULTILINE | re.IGNORECASE)
    heading = rb"^[ \t]*\[General\][ \t]*\r?\n"
    if raw is not None and re.search(heading, raw, re.MULTILINE | re.IGNORECASE):
        return re.sub(heading, lambda match: match.group() + line, raw, count=1, flags=re.MULTILINE | re.IGNORECASE)
    return b"[General]\r\n" + line


def halves(version: int) -> dict[Side, int]:
    """Version of each side; the user's is in the upper half."""
    return {"computer": version & 0xFFFF, "user": version >> 16}


def joined(versions: Mapping[Side, int]) -> int:
    return (versions["user"] & 0xFFFF) << 16 | (versions["computer"] & 0xFFFF)


# the comment

_COMMENT_BOM = False  # [belief windows.gpo_comment] UTF-16LE without a mark; both are read


def comment_of(raw: bytes | None) -> str:
    """Text of GPO.cmt, which no specification describes: UTF-16LE, as the console writes it."""
    if not raw:
        return ""
    text = raw.removeprefix(_BOM).decode("utf-16-le", errors="replace")
    return text.rstrip("\0").replace("\r\n", "\n")


def comment_bytes(text: str) -> bytes | None:
    """GPO.cmt of a comment; None (no file) for an empty comment."""
    encoded = text.replace("\n", "\r\n").encode("utf-16-le")
    return (_BOM if _COMMENT_BOM else b"") + encoded if text else None
