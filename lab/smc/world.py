"""The state of an SMC: plain JSON, and the look-ups that every handler needs.

    elements  key (text) -> record; sub-elements (rules, interfaces, nodes) too
    tasks     key -> task
    pending   changes that no upload has taken to an engine, oldest first
    next      the next key
    salt      the key of the digests of secrets

A record: `key`, `type`, `parent` (key of the element above, or None), `data` (attributes in the newest form,
references marked), `version` (of the ETag), `edits` (of the attributes), `system`, `trashed`, `lock`, `history`, and
for a policy `lists` (kind of rule -> keys in order). No answer shows an attribute that starts with `_`.
"""

from __future__ import annotations

import hashlib
import hmac
import pickle
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
MARK = "\x02ref:"
# References that do not prevent a removal: the vendor's scripts delete the elements that they name.
MEMBERSHIPS = frozenset({"provided_method", "user_group"})


class World:
    """All state of a simulator; `data` is the content of the state file."""

    def __init__(self, data: Json | None = None) -> None:
        self.data: Json = data or {"elements": {}, "tasks": {}, "pending": [], "next": 1, "salt": secrets.token_hex(16)}
        self._by_type: dict[str, dict[int, None]] = {}
        self._children: dict[int, dict[int, None]] = {}
        self._users: dict[int, dict[int, None]] = {}
        for record in self.elements.values():
            self._index(record)

    @property
    def elements(self) -> dict[str, Json]:
        return self.data["elements"]  # type: ignore[no-any-return]

    def __getitem__(self, key: int) -> Json:
        return self.elements[str(key)]

    def get(self, key: int) -> Json | None:
        return self.elements.get(str(key))

    def of_type(self, *kinds: str, trash: bool = False) -> Iterator[Json]:
        """Yield the elements of some kinds, those of the trash where asked, oldest first."""
        keys = [key for kind in kinds for key in self._by_type.get(kind, ())]
        for key in sorted(keys) if len(kinds) > 1 else keys:
            record = self[key]
            if trash or not record["trashed"]:
                yield record

    def children(self, record: Json, *kinds: str) -> list[Json]:
        """Return the sub-elements of an element, in the order of its list where it has one."""
        for kind in kinds[:1]:
            if kind in record.get("lists", ()):
                return [self[key] for key in record["lists"][kind]]
        children = [self[key] for key in self._children.get(record["key"], ())]
        return [child for child in children if not kinds or child["type"] in kinds]

    def named(self, kind: str, name: str) -> Json | None:
        return next((record for record in self.of_type(kind) if record["data"].get("name") == name), None)

    def users(self, record: Json) -> list[Json]:
        """Return the records that refer to an element, without the trash and its own children."""
        users = [self[key] for key in self._users.get(record["key"], ())]
        return [user for user in users if self.alive(user) and not self.inside(user, record["key"])]

    def alive(self, record: Json) -> bool:
        """Tell whether a record and the elements above it are out of the trash."""
        while not record["trashed"]:
            if record["parent"] is None:
                return True
            record = self[record["parent"]]
        return False

    def inside(self, record: Json, key: int) -> bool:
        """Tell whether a record is the element of a key or below it."""
        while record["key"] != key:
            if record["parent"] is None:
                return False
            record = self[record["parent"]]
        return True

    def add(
        self, kind: str, data: Json, parent: int | None, who: str, at: int, system: bool = False, key: int | None = None
    ) -> Json:
        key = self.new_key() if key is None else key
        record: Json = {
            "key": key,
            "type": kind,
            "parent": parent,
            "data": data,
            "version": 1,
            "edits": 0,
            "system": system,
            "trashed": False,
            "lock": None,
            "history": {"creator": who, "created": at, "modifier": who, "modified": at},
        }
        self.elements[str(key)] = record
        self._index(record)
        return record

    def change(self, record: Json, data: Json, who: str, at: int) -> None:
        """Replace the attributes of a record; it gets a new ETag."""
        self.keep(record, data)
        record["edits"] += 1
        self.touch(record, who, at)

    def keep(self, record: Json, data: Json) -> None:
        """Replace the attributes of a record; its ETag stays."""
        self._forget_references(record)
        record["data"] = data
        self._index(record)

    def touch(self, record: Json, who: str, at: int) -> None:
        """Give a record a new ETag; its attributes stay."""
        record["version"] += 1
        record["history"] |= {"modifier": who, "modified": at}

    def remove(self, record: Json) -> None:
        """Remove a record with everything below it."""
        for child in [self[key] for key in self._children.get(record["key"], ())]:
            self.remove(child)
        key = record["key"]
        self._forget_references(record)
        self._by_type[record["type"]].pop(key, None)
        parent = self.get(record["parent"]) if record["parent"] is not None else None
        if parent is not None:
            self._children[parent["key"]].pop(key, None)
            order = parent.get("lists", {}).get(record["type"], [])
            if key in order:
                order.remove(key)
        del self.elements[str(key)]

    def new_key(self) -> int:
        key: int = self.data["next"]
        self.data["next"] = key + 1
        return key

    def path(self, record: Json) -> str:
        """Return the path below the version: `/elements/fw_policy/12/fw_ipv4_access_rule/34`."""
        own = f"/{record['type']}/{record['key']}"
        return f"{self.path(self[record['parent']])}{own}" if record["parent"] is not None else f"/elements{own}"

    def seal(self, value: str) -> str:
        """Return the salted digest that is kept of a secret."""
        return hmac.new(bytes.fromhex(self.data["salt"]), value.encode(), hashlib.sha256).hexdigest()

    def snapshot(self) -> bytes:
        return pickle.dumps(self.data)

    def _index(self, record: Json) -> None:
        key = record["key"]
        self._by_type.setdefault(record["type"], {})[key] = None
        if record["parent"] is not None:
            self._children.setdefault(record["parent"], {})[key] = None
        for used in references(record["data"]):
            self._users.setdefault(used, {})[key] = None

    def _forget_references(self, record: Json) -> None:
        for used in references(record["data"]):
            self._users.get(used, {}).pop(record["key"], None)


def mark(key: int) -> str:
    """Return the reference to the element of a key, as in the state."""
    return f"{MARK}{key}"


def key_of(reference: str) -> int:
    return int(reference.removeprefix(MARK))


def references(value: Any) -> Iterator[int]:
    """Yield the keys of all elements that a value refers to."""
    if isinstance(value, str):
        if value.startswith(MARK):
            yield key_of(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in MEMBERSHIPS:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)
