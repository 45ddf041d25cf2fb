"""What the lab takes from the declared town: hardware for the seeds, paths of secrets. The one bridge to `piste`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lab.seeds import Inventory, inventory_from_sites
from lab.state import read_json, write_json
from piste.converge.secrets import FINGERPRINT_KEY

REPOSITORY = Path(__file__).resolve().parent.parent
TOWN = REPOSITORY / "inventories" / "town"


class Unavailable(RuntimeError):
    """The declaration cannot be read; the message says what to do."""


def declared_town() -> Any:
    """Load the declared town. Raises Unavailable."""
    try:
        from piste.model import load
    except ImportError as fault:
        raise Unavailable(f"Le laboratoire ne peut pas lire la déclaration de la ville : {fault}.") from fault
    return load(TOWN)


def declared_inventory(town: Any) -> Inventory:
    """Return the hardware of every declared site, as the seeds want it."""
    hardware = {model: {"kind": known.kind, "ports": known.ports} for model, known in town.hardware.items()}
    return inventory_from_sites(map(_with_macs, town.sites.values()), hardware)


def _with_macs(site: Mapping[str, Any]) -> Mapping[str, Any]:
    """A site with visibly false, locally administered MAC addresses: a MAC is the device's own fact, not declared."""
    devices = [{**device, "mac": _mac(device["serial"])} for device in site["devices"]]
    return {"id": site["id"], "devices": [{k: v for k, v in d.items() if k != "ports"} for d in devices]}


def _mac(serial: str) -> str:
    """`QZZZ-0005-0041` -> `02:93:05:00:00:41`."""
    _, site, rank = serial.split("-")
    return f"02:93:{int(site):02d}:00:{rank[:2]}:{rank[2:]}"

def write_secrets(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """Give every path of a secret a random value in `secrets.json`; values already there are kept."""
    file = folder / "secrets.json"
    known: dict[str, str] = read_json(file) or {}
    for path in sorted({*paths, FINGERPRINT_KEY} - known.keys()):
        known[path] = secrets.token_urlsafe(18)
    write_json(file, dict(sorted(known.items())))
    return known
