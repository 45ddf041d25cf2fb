"""The consequences of a plan that rules of review may be about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from piste.sites.consequences.computed import Consequences
from piste.sites.consequences.form import Consequence
from piste.town.model.flows.traffic import addresses

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

_SIGN_IN = "tcp/88"
"""Kerberos, without which nobody of a domain signs in."""
_ENDS = frozenset({"cuts", "lost"})
CRITICAL = "high"


def ruled(made: Consequences, town: Derived) -> Mapping[str, list[str]]:
    """Sort the lines by the effect that a rule may name."""
    effects: dict[str, list[str]] = {}
    for line in made.lines:
        for name in _effects(line, town):
            effects.setdefault(name, []).append(line.sentence())
    return effects


def _effects(line: Consequence, town: Derived) -> Iterator[str]:
    flow: Mapping[str, Any] = line.flow or {}
    if flow.get("change") == "stops":
        if flow["declared"]:
            yield "declared_flow_stops"
        if any(_signs_in_no_more(source, town) for source in flow["from"]):
            yield "directory_lost"
    if flow.get("change") == "starts":
        zones = {source["zone"] for source in flow["from"]}
        yield from ["guests_gain"] if "invite" in zones else []
        yield from ["outsiders_gain"] if "externe" in zones else []
    of = {"supervision": "critical_unwatched", "backups": "critical_unsaved"}.get(line.subject)
    if of and line.gravity in _ENDS and any(name in line.who for name in critical(town)):
        yield of
    if not line.undoable:
        yield "not_undoable"


def _signs_in_no_more(source: Mapping[str, Any], town: Derived) -> bool:
    """Tell whether computers of the domain lose every controller."""
    site = town.sites.get(source["site"])
    if site is None or town.commune is None or source["segment"] not in site["directory"]["populations"]:
        return False
    lost = {address for part in source["traffic"] if _serves(part["ports"]) for address in part["addresses"]}
    controllers = {site["relies_on"].get(name) for name in town.commune["dns"]["servers"]} - {None}
    return bool(controllers) and all(any(_covers(text, str(known)) for text in lost) for known in controllers)


def _serves(ports: Iterable[str]) -> bool:
    return any(text in ("tout", "tcp", _SIGN_IN) or _spans(text) for text in ports)


def _spans(text: str) -> bool:
    protocol, _, span = text.partition("/")
    first, _, last = span.partition("-")
    return protocol == "tcp" and bool(last) and int(first) <= 88 <= int(last)


def _covers(text: str, address: str) -> bool:
    return text.startswith("tout") or addresses(address) <= addresses(text)


def critical(town: Derived) -> set[str]:
    """Name the critical machines: of critical applications, of a critical class, controllers."""
    commune = town.commune
    if commune is None:
        return set()
    names = {name for entry in commune["applications"] if entry["critical"] for name in entry["machines"]}
    names |= {*commune["dns"]["servers"]}
    shares = [commune["supervision"], *(site["supervision"] for site in town.sites.values())]
    for share in filter(None, shares):
        for host in share["hosts"]:
            if host["kind"] in share["classes"] and share["classes"][host["kind"]]["criticality"] == CRITICAL:
                names.add(host["name"])
    return names
