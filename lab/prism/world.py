"""The state of a Prism Central: plain JSON data, and the look-ups that handlers need.

    entities    kind -> id -> entity in the words of the API; `_rev` changes with each change of the entity
    tasks       id -> task; `_job` is done at the moment `_at`
    pending     ids of the tasks that have not ended
    going_down  id of a machine -> the moment when its guest is down
    audits      what was done, by whom and when, the oldest first
    extras      kind and id -> fields that a captured entity showed and the models do not have (`lab.beyond`)
    replays     request id -> (method and path, status, body and headers of the answer, digest of the body)

No answer shows a key that starts with `_`.
"""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Iterator
from typing import Any

from lab.prism.errors import not_found

Json = dict[str, Any]
_SPACE = uuid.UUID("0b93a6e0-5b1e-4f0e-9f8e-93000000a5c0")


class World:
    """All state of a simulator; `data` is the content of the state file."""

    def __init__(self, data: Json | None = None) -> None:
        self.data: Json = data or {
            "entities": {}, "tasks": {}, "pending": [], "going_down": {}, "replays": {}, "next": 1,
        }  # fmt: skip

    @property
    def tasks(self) -> dict[str, Json]:
        return self.data["tasks"]  # type: ignore[no-any-return]

    @property
    def pending(self) -> list[str]:
        return self.data["pending"]  # type: ignore[no-any-return]

    @property
    def going_down(self) -> dict[str, float]:
        return self.data["going_down"]  # type: ignore[no-any-return]

    @property
    def replays(self) -> dict[str, Any]:
        return self.data["replays"]  # type: ignore[no-any-return]

    @property
    def audits(self) -> list[Json]:
        return self.data.setdefault("audits", [])  # type: ignore[no-any-return]

    def extras(self, kind: str, ext_id: str) -> Json:
        return self.data.get("extras", {}).get(f"{kind} {ext_id}", {})  # type: ignore[no-any-return]

    def of(self, kind: str) -> dict[str, Json]:
        """Return the entities of a kind by id, in the order of their creation."""
        return self.data["entities"].setdefault(kind, {})  # type: ignore[no-any-return]

    def get(self, kind: str, ext_id: str) -> Json:
        """Return an entity. Raises ApiError 404."""
        entity = self.of(kind).get(ext_id)
        if entity is None:
            raise not_found(kind, ext_id)
        return entity

    def named(self, kind: str, name: str) -> Json:
        """Return the first entity of a name, for seeds and tests. Raises KeyError."""
        for entity in self.of(kind).values():
            if entity.get("name") == name:
                return entity
        raise KeyError(name)

    def keep(self, kind: str, entity: Json) -> Json:
        """Add an entity with a version, and with an id where it has none."""
        entity.setdefault("extId", self.new_id())
        self.of(kind)[entity["extId"]] = self.touch(entity)
        return entity

    def touch(self, entity: Json) -> Json:
        """Give an entity a new version, hence a new ETag."""
        entity["_rev"] = self._number()
        return entity

    def new_id(self) -> str:
        """Return a new id; the sequence is the same in every lab."""
        return str(uuid.uuid5(_SPACE, str(self._number())))

    def vms_on(self) -> Iterator[Json]:
        return (vm for vm in self.of("Vm").values() if vm["powerState"] == "ON")

    def snapshot(self) -> bytes:
        return pickle.dumps(self.data)

    def _number(self) -> int:
        number: int = self.data["next"]
        self.data["next"] = number + 1
        return number


def etag(entity: Json) -> str:
    """Return the ETag of the present version of an entity."""
    return f"YXBwbGljYXRpb24vanNvbg==:{entity['_rev']}"
