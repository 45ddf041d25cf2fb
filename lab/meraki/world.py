"""The simulated organization: plain JSON data, and the look-ups that every handler needs.

    organization  {id, name, url}
    networks      id -> network; `settings`, `ssids`, `policies` have the changed values, defaults are computed
    devices       serial -> device of the inventory; `networkId` None while unassigned; `port` has the changed values
    batches       id -> action batch
    changes       list of configuration changes, oldest first

No answer shows a key that starts with `_`.
"""

from __future__ import annotations

import hashlib
import hmac
import pickle
import secrets
from collections.abc import Mapping
from typing import Any

from lab.meraki.errors import not_found

Json = dict[str, Any]
ORGANIZATION_ID = "930093"
WRITE_ONLY = ("secret", "password", "sharedSecret")


class World:
    """All state of a simulator.

    data           the content of the state file
    answers        captured answers to what no write decides, by question: they never change, and may be 150 MB
    batch_actions  id of an unfinished batch -> its actions, with the secrets of their bodies
    """

    def __init__(self, data: Json | None = None, answers: Json | None = None) -> None:
        self.data: Json = data or {
            "organization": {"id": ORGANIZATION_ID, "name": "Ville du Bourget"},
            "networks": {},
            "devices": {},
            "batches": {},
            "changes": [],
            "next": 1,
            "salt": secrets.token_hex(16),
        }
        self.answers: Json = answers or {}
        self.batch_actions: dict[str, list[Json]] = {}

    @property
    def networks(self) -> dict[str, Json]:
        return self.data["networks"]  # type: ignore[no-any-return]

    @property
    def devices(self) -> dict[str, Json]:
        return self.data["devices"]  # type: ignore[no-any-return]

    def network(self, network_id: str) -> Json:
        if network_id not in self.networks:
            raise not_found("Network")
        return self.networks[network_id]

    def device(self, serial: str) -> Json:
        """Return a device of a network. Raises ApiError 404, also for a device in no network."""
        device = self.devices.get(serial)
        if device is None or device["networkId"] is None:
            raise not_found("Device")
        return device

    def devices_of(self, network_id: str) -> list[Json]:
        return [device for device in self.devices.values() if device["networkId"] == network_id]

    def new_id(self, prefix: str = "") -> str:
        """Return a new id, of constant length so that ids sort by age."""
        number = self.data["next"]
        self.data["next"] = number + 1
        return f"{prefix}{940_000_000_000_000_000 + number}"

    def seal(self, value: str) -> str:
        """Return the salted hash that is kept of a write-only secret."""
        return hmac.new(bytes.fromhex(self.data["salt"]), value.encode(), hashlib.sha256).hexdigest()

    def sealed(self, value: Any) -> Any:
        """Copy a body; a write-only secret becomes `_<key>` with its hash."""
        if isinstance(value, Mapping):
            return {
                (f"_{key}" if key in WRITE_ONLY else key): (
                    self.seal(item) if key in WRITE_ONLY and isinstance(item, str) else self.sealed(item)
                )
                for key, item in value.items()
            }
        return [self.sealed(item) for item in value] if isinstance(value, list) else value

    def snapshot(self) -> bytes:
        return pickle.dumps(self.data)

    def restore(self, snapshot: bytes) -> None:
        self.data = pickle.loads(snapshot)


def public(value: Any) -> Any:
    """Copy a value without the keys that start with `_`.

    A long part of an item is a function, called for the items of a page alone; what it gives is shown as it is.
    """
    if isinstance(value, dict):
        return {key: public(item) for key, item in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [public(item) for item in value]
    return value() if callable(value) else value


def without_secrets(value: Any) -> Any:
    """Copy a request body without its write-only secrets."""
    if isinstance(value, Mapping):
        return {key: without_secrets(item) for key, item in value.items() if key not in WRITE_ONLY}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def merge(current: Any, change: Any) -> Any:
    """Apply a partial update: objects key by key, everything else (lists too) replaced whole."""
    if isinstance(current, Mapping) and isinstance(change, Mapping):
        return {**current, **{key: merge(current.get(key), item) for key, item in change.items()}}
    return change
