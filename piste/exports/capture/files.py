"""The masks of the files of a policy: settings, registry, scripts.

A number stays, a name and a path have their mask, a script is a free text, a value of bytes keeps its size,
a trusted certificate has its own mask.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from piste.engine.transport.contents import BASE64, content_of, parts, written
from piste.exports.bag.passwords import names
from piste.exports.capture import certificates, directory
from piste.exports.capture.masks import Masks
from piste.exports.capture.vocabulary import names_community, words, written_by_programs
from piste.systems.windows.gpo import audit, registry_pol
from piste.systems.windows.gpo import certificates as stored
from piste.systems.windows.gpo.registry_pol import KINDS

Note = Callable[[str, str, Any], None]

_NUMBER = re.compile(r"-?\d+(?:[.:]\d+)*|0x[0-9A-Fa-f]{1,8}|\{[0-9A-Fa-f-]{36}\}|(?i:true|false)|x+|")
_OF_WINDOWS = re.compile(
    r"(?i)(?:Minimum|Maximum)Password(?:Age|Length)|PasswordComplexity|PasswordHistorySize|ClearTextPassword"
    r"|RequireLogonToChangePassword|Se\w{1,60}(?:Privilege|Right)"
)
"""The settings of accounts and the privileges, which have the words of a secret and hold none."""
_TYPED = re.compile(r"\s*(?P<type>\d{1,2}),")
"""The type of a value of the registry, before it; 4 is a number."""
_DELETION = re.compile(r"(?i)\*\*del(?:vals)?\.")
_ORDER = re.compile(r"(?i)\*\*(?:del|soft)\.|\*\*(?:delvals\.|deletevalues|deletekeys|securekey)")
"""The orders before the name of a value, or in its place (MS-GPREG 3.2.5.1)."""
_DRAWN = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{40}")
"""A GUID, the fingerprint of a certificate."""
_AUDITED = (
    "Success and Failure", "Not specified", "Option:CrashOnAuditFail", "Option:FullPrivilegeAuditing",
    "Option:AuditBaseObjects", "Option:AuditBaseDirectories", "FileGlobalSacl", "RegistryGlobalSacl",
)  # fmt: skip
"""The words of a line of audit but for columns and subcategories (MS-GPAC 2.2.1 to 2.2.3)."""
_PIECES = re.compile(r'"[^"]*"|[^",;=]+|[",;=]')
_PRINCIPAL = r"(?:[A-Z]{2}|S-1-[\d-]+)"
_ACE = rf"\([A-Z]*;[A-Z]*;(?:[A-Z]*|0x[0-9A-Fa-f]+);[\da-f-]*;[\da-f-]*;{_PRINCIPAL}\)"
_OF_A_DESCRIPTOR = re.compile(rf"(?=.)(?:[OG]:{_PRINCIPAL})*(?:[DS]:(?:P|AR|AI|NO_ACCESS_CONTROL)*(?:{_ACE})*)*")
"""A security descriptor (MS-DTYP 2.5.1) without conditions."""
_SECTION = re.compile(r"\s*\[[\w .$-]+\]\s*")
_KEY = re.compile(r"\s*([\w .$*{}()\\/-]{1,200}?)\s*=\s*")


def listing(value: Any, masks: Masks, note: Note) -> Any:
    """Mask the names of a folder, which the questions of its files have too."""
    return {path(masks, name): size for name, size in value.items() if size is None or isinstance(size, int)}


def path(masks: Masks, value: str) -> str:
    """Mask the path of a file: each name but those of the form of a policy."""
    return "/".join(_step(masks, step) for step in value.split("/"))


def _step(masks: Masks, step: str) -> str:
    stem, dot, suffix = step.rpartition(".")
    if not dot or _NUMBER.fullmatch(step) or suffix.casefold() not in words("suffixes"):
        stem, dot, suffix = step, "", ""
    of_policy = _NUMBER.fullmatch(stem) or stem.casefold() in words("templates")
    return f"{stem if of_policy else masks.name(stem)}{dot}{suffix}"


def registry(value: Any, masks: Masks, note: Note) -> str:
    """Mask `Registry.pol`: of its keys and names of values, what programs write stays."""

    def entry(read: registry_pol.Entry) -> registry_pol.Entry:
        order = _ORDER.match(read.name)
        start = order[0] if order else ""
        name, last = read.name[len(start) :], read.key.rpartition("\\")[2]
        shown = masks.secret(name) if names_community(last, name) else _word(masks, name)
        key = steps(masks, read.key, _word)
        if der := stored.trusted(read):
            known, der = der, certificates.certificate(masks, der)
            key = key if der == known else f"{key.rpartition('\\')[0]}\\{stored.thumbprint(der)}"
            return read._replace(key=key, data=stored.serialized(der))
        return read._replace(key=key, name=start + shown, data=_data(read, masks))

    return _file(value, masks, note, lambda raw: registry_pol.encode(map(entry, registry_pol.decode(raw))))


def _word(masks: Masks, step: str) -> str:
    """Mask a step of a key, or the name of a value, but for what programs write."""
    if _DRAWN.fullmatch(step) or written_by_programs(step):
        return masks.identity(step)
    return masks.text(step) if _NUMBER.fullmatch(step) else masks.name(step)


def steps(masks: Masks, key: str, mask: Callable[[Masks, str], str]) -> str:
    """Mask the steps of a key; the name of a community is a secret."""
    every = key.split("\\")
    return "\\".join(
        masks.secret(step) if names_community(above, step) else mask(masks, step)
        for above, step in zip(["", *every], every, strict=False)
    )


def _data(entry: registry_pol.Entry, masks: Masks) -> bytes:
    kind = KINDS.get(entry.type, "")
    if kind in ("dword", "qword"):
        return entry.data
    if kind not in ("sz", "expand_sz", "multi_sz"):
        return bytes(len(entry.data))
    text = entry.data.decode("utf-16-le", "replace")
    if _DELETION.match(entry.name) and not text.strip("\0 "):
        return entry.data
    last = entry.key.rpartition("\\")[2]
    hidden = names(last) or names(entry.name) or names_community(last, text)
    mask = Masks.secret if hidden else _name
    return "\0".join(mask(masks, piece) for piece in text.split("\0")).encode("utf-16-le")


def _name(masks: Masks, value: str) -> str:
    return value if _NUMBER.fullmatch(value) else masks.name(value)


def settings(value: Any, masks: Masks, note: Note) -> str:
    """Mask a file of settings: a security template, a list of scripts, `GPT.INI`."""

    def line(text: str) -> str:
        if _SECTION.fullmatch(text) or not text.strip() or text.strip().startswith(";"):
            return _section(masks, text) if not text.strip().startswith(";") else ";"
        match = _KEY.match(text)
        key = match[0] if match else ""
        name = match[1] if match else ""
        if name and re.fullmatch(r"(?i)\d+(CmdLine|Parameters)", name):
            return key + (masks.free if name.casefold().endswith("s") else masks.name)(text[len(key) :])
        if names(name.rpartition("\\")[2]) and not _OF_WINDOWS.fullmatch(name):
            return key + _secrets(masks, text[len(key) :])
        return _principals(masks, key) + _PIECES.sub(lambda piece: _piece(masks, piece[0]), text[len(key) :])

    return _text(value, masks, note, line)


def _section(masks: Masks, text: str) -> str:
    """Mask the name of a section that Windows does not write."""
    bare = text.strip().strip("[]")
    if all(word in words("templates") for word in bare.casefold().split()):
        return text
    return masks.text(text.replace(bare, _piece(masks, bare)))


def _principals(masks: Masks, key: str) -> str:
    """Mask the name of a setting where it is that of a principal: `DOMAINE\\jdupont__Members =`."""
    group = re.match(r"(\s*)([^=]*?)(__Member(?:s|of))(?i:)", key, re.IGNORECASE)
    if not group:
        bare = key.rstrip(" =")
        shown = _piece(masks, bare) if bare.count("\\") == 1 else steps(masks, bare, _setting)
        return masks.text(shown) + key[len(bare) :]
    return f"{group[1]}{_piece(masks, group[2])}{key[group.end(2) :]}"


def _setting(masks: Masks, step: str) -> str:
    """Mask a step of the name of a setting, but for what Windows and programs write."""
    if _OF_WINDOWS.fullmatch(step) or written_by_programs(step):
        return masks.identity(step)
    return _piece(masks, step)


def _secrets(masks: Masks, value: str) -> str:
    """Mask a value that is a secret, but for its type and for a number of the registry."""
    typed = _TYPED.match(value)
    if typed and typed["type"] == "4" and _NUMBER.fullmatch(value[typed.end() :].strip()):
        return value
    start = typed.end() if typed else 0
    return value[:start] + _PIECES.sub(lambda piece: _secret(masks, piece[0]), value[start:])


def _secret(masks: Masks, piece: str) -> str:
    bare = piece.strip().strip('"')
    return piece if not bare or piece in '",;=' else piece.replace(bare, masks.secret(bare))


def _piece(masks: Masks, piece: str) -> str:
    bare = piece.strip().strip('"')
    if not bare or piece in '",;=' or _NUMBER.fullmatch(bare) or bare.casefold() in words("templates"):
        return piece
    if bare.startswith(("*S-1-", "S-1-")) or _OF_A_DESCRIPTOR.fullmatch(bare):
        return masks.text(piece)
    return piece.replace(bare, directory.principal(masks, bare))


def table(value: Any, masks: Masks, note: Note) -> str:
    """Mask a table of audit, whose words Windows gives; any other table is a free text."""

    def line(text: str) -> str:
        cells = [cell for row in csv.reader([text]) for cell in row]
        if cells and len(cells) != len(audit.COLUMNS):
            return masks.free(text)
        shown = io.StringIO()
        csv.writer(shown, lineterminator="").writerow([_cell(masks, cell) for cell in cells])
        return shown.getvalue()

    try:
        first = parts(written(content_of(str(value))))[1].partition("\n")[0].rstrip("\r")
    except ValueError:
        first = ""
    return _text(value, masks, note, line) if first == ",".join(audit.COLUMNS) else script(value, masks, note)


def _cell(masks: Masks, cell: str) -> str:
    return cell if cell.casefold() in _of_audit() else _piece(masks, cell)


@cache
def _of_audit() -> frozenset[str]:
    """List the words of a table of audit (MS-GPAC 2.2.1.2)."""
    labels = {f"{start}{label}" for label, _ in audit.SUBCATEGORIES.values() for start in ("", "Audit ")}
    return frozenset(word.casefold() for word in (*audit.COLUMNS, *labels, *_AUDITED))


def script(value: Any, masks: Masks, note: Note) -> str:
    """Mask a script, a text that people wrote."""

    return _file(value, masks, note, lambda raw: _said(raw, masks.free))


def _text(value: Any, masks: Masks, note: Note, line: Callable[[str], str]) -> str:
    def masked(text: str) -> str:
        lines = ((each.rstrip("\r\n"), each) for each in text.splitlines(keepends=True))
        return "".join(line(bare) + each[len(bare) :] for bare, each in lines)

    return _file(value, masks, note, lambda raw: _said(raw, masked))


def _said(raw: bytes, mask: Callable[[str], str]) -> bytes:
    """Mask the text of a file. Raises ValueError for bytes that are no text."""
    prefix, text = parts(written(raw))
    if prefix == BASE64:
        raise ValueError("not a text")
    return content_of(prefix + mask(text))


def _file(value: Any, masks: Masks, note: Note, masked: Callable[[bytes], bytes]) -> str:
    """Mask a file; what does not read keeps its size."""
    try:
        return written(masked(content_of(str(value))))
    except (ValueError, IndexError, csv.Error):
        note("", "form", value)
        return masks.sized(str(value))
