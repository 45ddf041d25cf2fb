"""Fingerprints of what was written and cannot be read back, kept beside the vault.

The file is a flat YAML map `address: fingerprint`, sorted, one entry per line, so that it merges well in git. It holds
no secret: without the key, which is in the vault, a fingerprint says nothing.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from piste.engine.converge.errors import Misused
from piste.engine.converge.private import write_private
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Secret, Vault
from piste.engine.converge.text import as_yaml

HEADER = "# Empreintes (HMAC) de ce qui a été écrit et ne se relit pas. Aucun secret ici ; à versionner.\n"
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Every task of a run reads the file; the reader written in C is ten times faster."""


class Memory:
    """Fingerprints by address.

    Without a path nothing is remembered, and unknown then counts as unchanged.
    """

    def __init__(self, path: Path | None, vault: Vault) -> None:
        self._path, self._vault = path, vault
        self._known: dict[str, str] | None = None

    def _read(self) -> dict[str, str]:
        assert self._path is not None
        if not self._path.exists():
            return {}
        try:
            loaded = yaml.load(self._path.read_text(encoding="utf-8"), LOADER) or {}
            return {str(key): str(value) for key, value in loaded.items()}
        except (yaml.YAMLError, AttributeError) as error:
            raise Misused(
                "le fichier d’empreintes est illisible",
                where=str(self._path),
                why=" ".join(str(error).split()),
                todo="Résolvez le conflit de fusion ou reprenez la dernière version enregistrée, puis relancez.",
            ) from error

    @property
    def usable(self) -> bool:
        return self._path is not None and bool(self._vault.fingerprint("probe"))

    def digest(self, address: str) -> str:
        if self._known is None:
            self._known = self._read() if self._path else {}
        return self._known.get(address, "")

    def entries(self) -> dict[str, str]:
        """Give every fingerprint by address."""
        return self._read() if self._path else {}

    def store(self, entries: Mapping[str, str]) -> None:
        """Add entries to the file, under its lock, keeping what other processes wrote meanwhile."""
        entries = {address: fingerprint for address, fingerprint in entries.items() if fingerprint}
        if not self._path or not entries:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(self._path):
            current = self._read()
            self._known = {**current, **entries}
            if self._known != current:
                content = HEADER + as_yaml(dict(sorted(self._known.items())), width=1000)
                write_private(self._path, content.encode(), mode=0o644)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path.with_name(f".{path.name}.lock"), "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def recall(
    fields: Sequence[Field],
    live: Mapping[str, Any],
    desired: Mapping[str, Any],
    memory: Memory,
    vault: Vault,
    at: str,
) -> dict[str, Any]:
    """Complete `live` with the desired values that were written, by their fingerprints.

    A secret that was written with another value appears with its old fingerprint, so that a rotation is a change.
    """
    result = dict(live)
    for field in fields:
        if field.name not in desired:
            continue
        value, address = desired[field.name], f"{at}/{field.name}"
        if field.unreliable and field.name not in live:
            known = _recalled(value, address, memory, vault)
            if known is not None:
                result[field.name] = known
        elif (
            field.type == "dict"
            and field.of
            and isinstance(value, Mapping)
            and isinstance(live.get(field.name), Mapping)
        ):
            result[field.name] = recall(field.of, live[field.name], value, memory, vault, address)
        elif field.type == "map" and field.of and isinstance(live.get(field.name), Mapping):
            result[field.name] = {
                key: recall(field.of, entry, (value or {}).get(key) or {}, memory, vault, f"{address}/{key}")
                for key, entry in live[field.name].items()
            }
        elif field.is_list_of_dicts and field.identity and isinstance(live.get(field.name), list):
            by_identity = {field.identity_of(element): element for element in value or ()}
            result[field.name] = [
                recall(field.of, element, by_identity.get(identity, {}), memory, vault, f"{address}/{identity}")
                for element in live[field.name]
                for identity in (field.identity_of(element),)
            ]
    return result


def _recalled(value: Any, address: str, memory: Memory, vault: Vault) -> Any:
    if not memory.usable:
        return value
    remembered = memory.digest(address)
    if isinstance(value, Secret):
        if not value.digest:
            return value
        return value if remembered == value.digest else Secret(value.path, remembered)
    return value if remembered == vault.fingerprint(value) else None


def written(fields: Sequence[Field], after: Mapping[str, Any], vault: Vault, at: str) -> dict[str, str]:
    """Compute, by address, the fingerprints of all in `after` that will not be readable."""
    entries: dict[str, str] = {}
    for field in fields:
        if field.name not in after:
            continue
        value, address = after[field.name], f"{at}/{field.name}"
        if field.unreliable:
            if isinstance(value, Secret):
                entries[address] = value.digest if value.value is not None else ""
            else:
                entries[address] = vault.fingerprint(value)
        elif field.type == "dict" and field.of and isinstance(value, Mapping):
            entries.update(written(field.of, value, vault, address))
        elif field.type == "map" and field.of:
            for key, entry in (value or {}).items():
                entries.update(written(field.of, entry, vault, f"{address}/{key}"))
        elif field.is_list_of_dicts and field.identity:
            for element in value or ():
                entries.update(written(field.of, element, vault, f"{address}/{field.identity_of(element)}"))
    return entries
