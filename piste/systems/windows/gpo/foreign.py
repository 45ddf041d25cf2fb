"""Foreign content of a side, that no part can express: kept whole, as opaque base64 text.

It is shown and exported, so that an export loses nothing. An entry is a file or the rest of a document, by its path;
`LDAP/…` is an object of the directory; `extensions` are the announced extensions that no part asks for. The rest of a
document is put beside what the parts put there.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo import extensions, xml
from piste.systems.windows.gpo.document import KINDS, content_of, documents, illegible, meaningful
from piste.systems.windows.gpo.part import Content, Pair, Principals, Side
from piste.systems.windows.gpo.preferences import exposes, remains, spread_disabled

EXTENSIONS = "extensions"
OBJECT = "LDAP/"


class Foreign:
    """The last part: takes all that is left, except illegible documents, which are a defect."""

    field = Field(
        "foreign",
        "What Piste cannot express otherwise, by path, as base64: read, shown and replayed, never written by hand.",
        type="map",
    )
    sides: frozenset[Side] = frozenset({"computer", "user"})

    def take(self, content: Content, principals: Principals) -> dict[str, str] | None:
        lost = illegible(content)
        for root in content.preferences.values():
            xml.lay_out(root)
        rest = replace(
            content,
            security=meaningful(content.security),
            scripts=meaningful(content.scripts),
            powershell_scripts=meaningful(content.powershell_scripts),
        )
        entries = {path: encoded(raw) for path, raw in documents(rest).items() if path not in lost}
        for dn, attributes in content.objects.items():
            entries[OBJECT + dn] = encoded(json.dumps(attributes, sort_keys=True, ensure_ascii=False).encode())
        if content.pairs:
            entries[EXTENSIONS] = encoded(extensions.format_pairs(content.pairs).encode())
        return dict(sorted(entries.items())) or None

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        old, new = before or {}, after or {}
        for path in sorted(old.keys() | new.keys()):
            if old.get(path) != new.get(path):
                if path in old:
                    _subtract(content, path, decoded(old[path]))
                if path in new:
                    _add(content, path, decoded(new[path]))

    def pairs(self, content: Content) -> frozenset[Pair]:
        return frozenset()

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        faults = []
        for name, text in value.items():
            if text is None:
                continue
            try:
                raw = decoded(text)
                if name == EXTENSIONS:
                    extensions.parse(raw.decode())
                elif name.startswith(OBJECT):
                    json.loads(raw)
                elif name in KINDS:
                    KINDS[name].parse(raw)
                elif any(map(exposes, content_of("computer", "", {name: raw}).preferences.values())):
                    faults.append(
                        Fault(f"{path}[{name}]", "contient un mot de passe, que tout le domaine pourrait lire")
                    )
            except ValueError as error:
                faults.append(Fault(f"{path}[{name}]", f"n’est pas ce que son nom promet ({error})"))
        return faults


def described(side: Side, entries: Mapping[str, str]) -> list[str]:
    """Describe entries for the reader of a plan: paths, and the content of preferences."""
    result = []
    for path, text in sorted(entries.items()):
        content = content_of(side, "", {path: decoded(text)})
        inside = remains(content) if content.preferences else []
        result.append(f"{path} ({' ; '.join(inside)})" if inside else path)
    return result


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("un texte en base64 est attendu") from error


def _subtract(content: Content, path: str, raw: bytes) -> None:
    if path == EXTENSIONS:
        content.pairs -= extensions.parse(raw.decode())
    elif path.startswith(OBJECT):
        content.objects.pop(path.removeprefix(OBJECT), None)
    elif path in content.files:
        del content.files[path]
    else:
        _merge(content, path, raw, _without)


def _add(content: Content, path: str, raw: bytes) -> None:
    if path == EXTENSIONS:
        content.pairs |= extensions.parse(raw.decode())
    elif path.startswith(OBJECT):
        content.objects[path.removeprefix(OBJECT)] = json.loads(raw)
    else:
        _merge(content, path, raw, _with)


def _merge(content: Content, path: str, raw: bytes, how: Callable[[list[Any], list[Any]], list[Any]]) -> None:
    """Merge the parsed rest of a document into the document, or take it out."""
    rest = content_of(content.side, content.gpo, {path: raw})
    content.files.update(rest.files)
    for kind in KINDS.values():
        mine, theirs = getattr(content, kind.attribute), getattr(rest, kind.attribute)
        if isinstance(theirs, dict):
            for section, lines in meaningful(theirs).items():
                mine[section] = how(mine.get(section, []), lines)
        elif theirs:
            setattr(content, kind.attribute, how(mine, theirs))
    for name, root in rest.preferences.items():
        if name not in content.preferences:
            if how is _with:
                content.preferences[name] = root
            continue
        document = content.preferences[name]
        spread_disabled(document)
        spread_disabled(root)
        items = {xml.canonical(element) for element in xml.elements(root)}
        if how is _with:
            for element in list(xml.elements(root)):
                xml.append(document, element)
        else:
            for element in [item for item in xml.elements(document) if xml.canonical(item) in items]:
                xml.remove(document, element)


def _with(mine: list[Any], theirs: list[Any]) -> list[Any]:
    return [*mine, *(line for line in theirs if line not in mine)]


def _without(mine: list[Any], theirs: list[Any]) -> list[Any]:
    return [line for line in mine if line not in theirs]


FOREIGN = Foreign()
