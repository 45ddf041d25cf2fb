"""Rules of the life of the assets: no exit with data, no change without its event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..faults import Mark
from .actions import stores

if TYPE_CHECKING:
    from ..assets.derived import Asset
    from ..view import View
    from .history import Event

_KEPT = ("state", "site", "place", "assigned_to")
_WORDS = {"state": "statut", "site": "site", "place": "lieu", "assigned_to": "affectation"}


def erased(events: Sequence[Event], serial: str | None) -> bool:
    """Tell whether an asset was erased since it last went to somebody, under this serial number."""
    for event in reversed(events):
        if event.action == "erase":
            return event.serial == serial
        if event.action == "assign":
            return False
    return False


def since_erased(events: Sequence[Event]) -> Sequence[Event]:
    """Give the events after the last erasure: what was installed before is gone."""
    last = max((rank for rank, event in enumerate(events, 1) if event.action == "erase"), default=0)
    return events[last:]


def check_life(view: View) -> None:
    """M294: a retired asset was erased; M295: the last event of an asset is its table's."""
    assets = {asset["name"]: asset for asset in view.assets.all}
    by_asset: dict[str, list[tuple[Event, Mark]]] = {}
    for event, mark in view.declared.history:
        by_asset.setdefault(event.asset, []).append((event, mark))
    for name, asset in assets.items():
        events = [event for event, _ in by_asset.get(name, ())]
        data = stores(asset["kind"], asset["variant"])
        if asset["state"] == "retired" and data and not erased(events, asset["serial"]):
            message = f"{name} est sorti, et rien n’atteste l’effacement de ce qu’il garde ({data})"
            view.faults.add("PISTE-M294", f"assets.{asset['kind']}[{name}].state", _mark(asset), message)
    for name, lines in by_asset.items():
        known = assets.get(name)
        event, mark = lines[-1]
        if not event.state:
            continue
        different = _different(event, known) if known else "il n’est pas à l’inventaire"
        if different:
            view.faults.add("PISTE-M295", f"assets.history[{name}]", mark, f"{name} : {different}")


def _different(event: Event, asset: Mapping[str, object]) -> str:
    parts = [
        f"{_WORDS[column]} « {asset[column] or '–'} » au lieu de « {getattr(event, column) or '–'} »"
        for column in _KEPT
        if (asset[column] or None) != getattr(event, column)
    ]
    return ", ".join(parts)


def _mark(asset: Asset) -> Mark:
    file, _, line = asset["source"].rpartition(":")
    return Mark(file, int(line)) if line.isdigit() else Mark(asset["source"], 1)
