"""The objects of an export, and what differs between two: an object a line, never a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from piste.engine.converge.bounded import Unreadable, of_yaml
from piste.exports.bag.kinds import KINDS

FOLDERS: Mapping[str, str] = {
    **{kind.domain: kind.domain for kind in KINDS},
    "nexus": "network",
    "dhcp": "addressing",
    "gpo_backups": "directory",
    "zabbix": "supervision",
}
"""The folders of an export, each with the domain that fills it."""
LIVING = frozenset({"directory/computers.yml", "firewall/engines.yml", "hosting/clusters.yml", "zabbix/living.json"})
"""Readings of what lives, and changes by itself: no configuration."""
Action = Literal["create", "update", "delete"]
BACKUPS = "gpo_backups"
"""The folder of the backups of policies, whose names are drawn and whose files say when they were made."""
_MADE_AT = re.compile(r"(?<=<BackupTime>)[^/]*(?=</BackupTime>)|(?<=<ReadTime>)[^/]*(?=</ReadTime>)")
_PER_SITE = {kind.domain for kind in KINDS if kind.per_site}
_BY_NAME = {(kind.domain, kind.name): kind for kind in KINDS}


class Thing(NamedTuple):
    """An object: its kind as operations name it, its owner where a site has a file, its key.

    A file that has no objects is of the kind `file`, by its name.
    """

    domain: str
    kind: str
    owner: str
    key: str


class Difference(NamedTuple):
    """A difference of an object; `fields` of an update, `after` the new values."""

    thing: Thing
    action: Action
    fields: tuple[str, ...] = ()
    after: Mapping[str, Any] | None = None


class Tree(NamedTuple):
    """An export: the id of each content by its file, and the reading of a content."""

    files: Mapping[str, str]
    content: Callable[[str], bytes]


def differences(before: Tree, after: Tree) -> list[Difference]:
    """Compare two exports; only the files that differ are read."""
    names = {name for name in {*before.files, *after.files} if before.files.get(name) != after.files.get(name)}
    made: list[Difference] = []
    for name in sorted(names - LIVING):
        former, new = (_objects(tree, name) for tree in (before, after))
        made += _compared(former, new)
    return list({(each.thing, each.action): each for each in made}.values())


def _compared(former: Mapping[Thing, Any], new: Mapping[Thing, Any]) -> Iterator[Difference]:
    for thing in sorted({*former, *new}):
        if thing not in former:
            yield Difference(thing, "create", after=_values(new[thing]))
        elif thing not in new:
            yield Difference(thing, "delete")
        elif former[thing] != new[thing]:
            old, now = _values(former[thing]), _values(new[thing])
            fields = tuple(sorted(name for name in {*old, *now} if old.get(name) != now.get(name)))
            yield Difference(thing, "update", fields, now)


def _values(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(tree: Tree, name: str) -> dict[Thing, Any]:
    """Read the objects of a file; the file itself where nothing in it is an object."""
    if name not in tree.files:
        return {}
    folder, _, rest = name.partition("/")
    domain, stem = FOLDERS.get(folder, folder), rest.removesuffix(".yml")
    whole = {Thing(domain, "file", "", folder if folder == BACKUPS else name): tree.files[name]}
    per_site = folder in _PER_SITE
    if folder != domain or rest == stem or (not per_site and (domain, stem) not in _BY_NAME):
        return whole
    try:
        value = of_yaml(tree.content(name), marked=True)
    except Unreadable:
        return whole
    if not isinstance(value, dict) or not any((domain, name) in _BY_NAME for name in value):
        return whole
    objects: dict[Thing, Any] = {}
    for kind_name, items in value.items():
        kind = _BY_NAME.get((domain, kind_name))
        if kind is None or not isinstance(items, list):
            continue
        for rank, item in enumerate(items):
            fields = _values(item)
            key = "/".join(str(fields.get(part, f"n° {rank + 1}")) for part in kind.resource.key)
            objects[Thing(domain, kind.resource.name, stem if per_site else "", key)] = item
    return objects


def timeless(raw: bytes) -> str:
    """Read a file of a backup without the moment at which it was made."""
    coding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    return _MADE_AT.sub("", raw.decode(coding, "replace"))
