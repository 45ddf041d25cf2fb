"""The Nexus switches of the declared town, simulated, and how modules reach them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.declared import declared_town
from lab.nexus.seeds import configurations
from lab.nexus.server import Nexus
from piste.runs.modules import READS

ACCOUNTS = {
    "svc-piste": ("secret-de-lecture", "lecture"),
    "operateur": ("secret-operateur", "network-operator"),
    "admin": ("secret-admin", "network-admin"),
}


def declared() -> dict[str, Any]:
    commune = declared_town().commune
    assert commune
    return dict(commune["nexus"])


@contextmanager
def switches(folder: Path, seed: str = "town") -> Iterator[Nexus]:
    nexus = Nexus(folder / "nexus", configurations(declared(), seed), ACCOUNTS).start()
    try:
        yield nexus
    finally:
        nexus.close()


def option(nexus: Nexus, username: str = "svc-piste", **more: Any) -> dict[str, Any]:
    return {
        "username": username,
        "password": ACCOUNTS[username][0],
        "host_keys": nexus.host_keys,
        "elsewhere": {name: {"address": "127.0.0.1", "port": port} for name, port in nexus.ports.items()},
        "timeout": 10,
        **more,
    }


def run(module: str, given: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Run a module of the Nexus switches as a task would. Raises PisteError."""
    from importlib import import_module

    made = import_module(READS[module]).MODULES[module]
    result: dict[str, Any] = made.run({**made.defaults, "nexus": given, "declared": declared(), **more}, False)
    return result
