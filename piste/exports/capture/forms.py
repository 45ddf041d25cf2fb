"""The known forms of answers, and the part of an answer that a capture keeps.

`forms/<system>.json` has a line a question: the path, ids as `{}`, then the fields. A field is `bool`, `number`,
`null`, `id` (drawn by the system), `text`, `name` (of an object), `free` (people write it), `person`, `setting` (a
number or an address of a service, else a secret), `counted` (a number, else a name), `key` (of an item of Zabbix) or
`secret`; `a|b` is either; `text(a,b)` has the known values; `document(nxos)` is a text with a form of its own. `*`
stands for each key of a map that is no field; where it has the value `null`, each key is a name of a field, and its
value unknown. `?` gives a field, a pattern, and the forms that others have where the field has that pattern, a `?`
among them too. A line whose name begins with `@` is a model, which others name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from piste.exports.capture.masks import Masks
from piste.readings.subject import named

ANY, WHERE = "*", "?"
_NAME = re.compile(r"[A-Za-z_$@][A-Za-z0-9_]{0,60}")
"""A name of a field, as vendors write it: what is no name may be anybody's."""
_TEXTS = ("id", "text", "name", "free", "person", "setting", "counted", "key", "secret")


class Odd(NamedTuple):
    """A part of an answer outside its form: its place, type and size; `value` if it may be said."""

    at: str
    why: str
    type: str
    size: int
    value: str = ""


@cache
def _table(system: str) -> Mapping[tuple[str, ...], Any]:
    path = Path(__file__).parent / "forms" / f"{system}.json"
    if not re.fullmatch(r"[a-z]+", system) or not path.is_file():
        return {}
    written = json.loads(path.read_bytes())
    models: dict[str, Any] = {name: {} for name in written if name.startswith("@")}
    for name, shape in models.items():
        shape |= _linked(written[name], models)
    return {tuple(name.split("/")): _linked(form, models) for name, form in written.items() if name not in models}


def _linked(form: Any, models: Mapping[str, Any]) -> Any:
    """Put models in the place of their names; a pair where a value is plain or of a model."""
    if isinstance(form, dict):
        return {name: [*below[:2], _linked(below[2], models)] if name == WHERE else _linked(below, models)
                for name, below in form.items()}  # fmt: skip
    if isinstance(form, list):
        return [_linked(below, models) for below in form]
    if form is None:
        return None
    plain, _, name = form.rpartition("|") if "|@" in form else ("", "", form)
    if not name.startswith("@"):
        return form
    return (plain, models[name]) if plain else models[name]


def known(system: str) -> bool:
    return bool(_table(system))


def name(path: str, body: Any) -> str:
    """Name a question for its form: the path, and the method that its body calls."""
    called = body.get("method") if isinstance(body, Mapping) else None
    return f"{path}/{called}" if isinstance(called, str) else path


def template(system: str, path: str) -> tuple[str, Any] | None:
    """Find the line of a path: a literal segment wins over an id. None where there is no line."""
    parts, table = tuple(path.split("/")), _table(system)
    if parts in table:
        return path, table[parts]
    fitting = [
        (key, form)
        for key, form in table.items()
        if len(key) == len(parts) and all(want in ("{}", have) for want, have in zip(key, parts, strict=True))
    ]
    best = min(fitting, key=lambda pair: pair[0].count("{}"), default=None)
    return None if best is None else ("/".join(best[0]), best[1])


def kept(value: Any, form: Any, masks: Masks) -> tuple[Any, list[Odd]]:
    """Give what is kept of an answer, and what its form does not have.

    Of a field that the form does not have, the name, the type and the size are kept, and the value of a boolean or of
    a number alone, whatever the masks keep.
    """
    odd: dict[tuple[str, str], Odd] = {}

    def note(at: str, why: str, item: Any, said: str = "") -> None:
        size = len(item) if isinstance(item, (str, list, dict)) else 0
        former = odd.get((at, why))
        if former is None or size > former.size:
            odd[at, why] = Odd(at, why, type_of(item), size, said)

    return _kept(value, form, "", masks, note), list(odd.values())


def unlike(value: Any, form: Any) -> bool:
    """Tell whether an answer is of another sort than its form: a page in the place of a list."""
    return isinstance(form, (dict, list)) and not isinstance(value, type(form))


def type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "map"


def _kept(value: Any, form: Any, at: str, masks: Masks, note: Any) -> Any:
    if isinstance(form, tuple):
        form = form[1] if isinstance(value, dict) else form[0]
    if isinstance(value, dict) and isinstance(form, dict):
        while WHERE in form:
            field, pattern, others = form[WHERE]
            plain = {name: below for name, below in form.items() if name != WHERE}
            form = plain | (others if re.fullmatch(pattern, str(value.get(field))) else {})
        return {
            _key(key, rank, form, masks): _kept(item, form.get(key, form.get(ANY)), _below(at, key, form), masks, note)
            for rank, (key, item) in enumerate(value.items())
        }
    if isinstance(value, list) and isinstance(form, list):
        return [_kept(item, form[0] if form else None, f"{at}[]", masks, note) for item in value]
    if isinstance(form, str) and (form.startswith("document") or not isinstance(value, (dict, list))):
        return _leaf(value, form, at, masks, note)
    if value is None and form is not None:
        note(at, "null", value)
        return None
    if value not in ([], {}) or form is None:
        note(at, "unseen" if form is None else "type", value)
    return _unseen(value, masks)


def _leaf(value: Any, form: str, at: str, masks: Masks, note: Any) -> Any:
    wanted = {part.partition("(")[0]: part.partition("(")[2].rstrip(")") for part in form.split("|")}
    kind = type_of(value)
    if (document := wanted.get("document")) and kind != _GIVEN.get(document, "text"):
        if kind not in wanted:
            note(at, "null" if value is None else "type", value)
        return _unseen(value, masks)
    if document := DOCUMENTS.get(document or ""):
        return named(f"{_HERE}.{document}")(value, masks, lambda below, why, item: note(at + below, why, item))
    if kind != "text":
        if kind not in wanted:
            note(at, "null" if value is None else "type", value)
        # A number in the place of a password or of a person is one.
        return 0 if kind == "number" and wanted.keys() & {"secret", "person"} else value
    for sort in _TEXTS:
        if sort in wanted:
            shown = _MASKS[sort](masks, value)
            if wanted[sort] and value not in wanted[sort].split(","):
                note(at, "value", value, shown[:60])
            return shown
    note(at, "type", value)
    return masks.sized(value)


_MASKS = {
    "id": Masks.identity, "text": Masks.text, "name": Masks.name, "free": Masks.free, "person": Masks.person,
    "setting": Masks.setting, "counted": Masks.counted, "key": Masks.key, "secret": Masks.secret,
}  # fmt: skip

_HERE = "piste.exports.capture"
DOCUMENTS: Mapping[str, str] = {
    "nxos": "nxos:configuration", "nxos-table": "nxos:table", "nxos-vlans": "nxos:vlans",
    "dn": "directory:place", "name": "directory:named", "host": "directory:hosted", "sid": "directory:sid",
    "class": "directory:classed",
    "plain": "directory:plain", "system": "directory:system", "path": "directory:path",
    "links": "directory:links", "menu": "directory:menu", "url": "directory:address",
    "guid": "directory:as_drawn", "descriptor": "directory:descriptor",
    "certificate": "certificates:stored", "revocations": "certificates:withdrawn", "pem": "certificates:encoded",
    "dnsrecord": "directory:dns_record", "dnsproperty": "directory:dns_property", "listing": "files:listing",
    "registry": "files:registry", "settings": "files:settings", "audit": "files:table", "script": "files:script",
    "gpp": "trees:preferences", "dot1x": "trees:profile", "nps": "trees:nps", "dhcp": "trees:dhcp",
}  # fmt: skip
"""The masks of the texts that have a form of their own, imported where they are needed."""
_GIVEN = {"listing": "map"}
"""The type of a document that is no text."""


def _unseen(value: Any, masks: Masks) -> Any:
    """Keep of a value of no form its shape: names, types and sizes, booleans and numbers."""
    if isinstance(value, dict):
        return {_key(key, rank, {}, masks): _unseen(item, masks) for rank, (key, item) in enumerate(value.items())}
    if isinstance(value, list):
        return [_unseen(item, masks) for item in value]
    return masks.sized(value) if isinstance(value, str) else value


def _key(key: str, rank: int, form: Mapping[str, Any], masks: Masks) -> str:
    """Mask the key of a map, which is a value; a name of a field stays."""
    if key in form:
        return key
    if ANY in form:
        return masks.text(key)
    return key if _NAME.fullmatch(key) and masks.text(key) == key else f"?{rank}"


def _below(at: str, key: str, form: Mapping[str, Any]) -> str:
    if key in form or form.get(ANY, "") is None:
        return f"{at}.{key}"
    return f"{at}.*" if ANY in form or not _NAME.fullmatch(key) else f"{at}.{key}"
