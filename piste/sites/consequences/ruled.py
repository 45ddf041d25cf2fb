"""The consequences of a plan that rules of review may be about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import starmap
from typing import TYPE_CHECKING, Any

from piste.sites.consequences.computed import Consequences
from piste.sites.consequences.form import Consequence
from piste.sites.consequences.sides import Sides
from piste.town.model.flows.traffic import addresses

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Side
    from piste.town.model.derived import Derived

_SIGN_IN = "tcp/88"
"""Kerberos, without which nobody of a domain signs in."""
CRITICAL = "high"
_SIDES: Sequence[Side] = ("before", "after")
_WATCHES = frozenset({"host"})
_SAVES = frozenset({"vm", "category", "protection_policy"})


def ruled(made: Consequences, town: Derived, operations: Sequence[Mapping[str, Any]]) -> Mapping[str, list[str]]:
    """Sort the lines by the effect that a rule may name, with what critical machines lose."""
    effects: dict[str, list[str]] = {}
    for line in made.lines:
        for name in _effects(line, town):
            effects.setdefault(name, []).append(line.sentence())
    sides = Sides(town, operations)
    if any(operation["kind"] == "vm" for operation in operations) and (gone := _controllers(town, sides)):
        said = f"{', '.join(gone)} : tous les contrôleurs du domaine s’arrêtent, ou disparaissent"
        effects.setdefault("directory_lost", []).append(said)
    for name, kinds, lost, said in (
        ("critical_unwatched", _WATCHES, _unwatched, "n’est plus surveillé"),
        ("critical_unsaved", _SAVES, _unsaved, "n’est plus copié par aucune politique"),
    ):
        concerned = any(operation["kind"] in kinds for operation in operations)
        if concerned and (machines := sorted(lost(sides) & critical(town))):
            effects[name] = [f"{machine} : {said}" for machine in machines]
    return effects


def _controllers(town: Derived, sides: Sides) -> list[str]:
    """List the controllers of the domain that stop or go, where none of them is left."""
    known = {*(town.commune["dns"]["servers"] if town.commune else ())}
    before, after = ({vm["name"] for vm in sides.objects("prism_vms", side).values() if vm.get("power") != "stopped"}
                     for side in _SIDES)  # fmt: skip
    return sorted(known & before) if known <= before and not known & after else []


def _unwatched(sides: Sides) -> set[str]:
    """Name the hosts that lose their interfaces, their templates, or all."""
    return {name for name, _ in _watched(sides, "before") - _watched(sides, "after")}


def _watched(sides: Sides, side: Side) -> set[tuple[str, str]]:
    hosts = (host for host in sides.objects("zabbix_hosts", side).values() if host.get("enabled") is not False)
    return {(host["name"], by) for host in hosts for by in ("name", "templates", "interfaces") if host.get(by)}


def _unsaved(sides: Sides) -> set[str]:
    """Name the machines that stay, and that no protection policy copies any more."""
    before, after = (sides.objects("prism_categories", side) for side in ("before", "after"))
    gone = {_category(before[place]["key"], before[place]["value"]) for place in before.keys() - after.keys()}
    there = {vm["name"] for vm in sides.objects("prism_vms", "after").values()}
    return there & _saved(sides, "before") - _saved(sides, "after", gone)


def _saved(sides: Sides, side: Side, gone: Set[str] = frozenset()) -> set[str]:
    policies = sides.objects("prism_protection_policies", side).values()
    copied = {category for policy in policies for category in policy.get("categories") or ()} - gone
    machines = sides.objects("prism_vms", side).values()
    return {vm["name"] for vm in machines if copied & {*starmap(_category, (vm.get("categories") or {}).items())}}


def _category(key: str, value: str | None) -> str:
    return f"{key}:{value}"


def _effects(line: Consequence, town: Derived) -> Iterator[str]:
    flow: Mapping[str, Any] = line.flow or {}
    if flow.get("change") == "stops":
        if flow["declared"]:
            yield "declared_flow_stops"
        if any(_signs_in_no_more(source, town) for source in flow["from"]):
            yield "directory_lost"
    if flow.get("change") == "starts":
        zones = {source["zone"] for source in flow["from"]}
        # The gravity leaves out what is declared, and what is not of the town.
        yield from ["guests_gain"] if "invite" in zones and line.gravity == "opens" else []
        yield from ["outsiders_gain"] if "externe" in zones else []
    if line.gravity == "opens":
        yield "opens"
    if line.subject == "link" and line.gravity == "cuts":
        yield "link_cut"
    if line.gravity == "unknown" or line.basis == "unknown":
        yield "unknown"
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
