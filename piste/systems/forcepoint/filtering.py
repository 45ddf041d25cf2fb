"""Rules of the SMC, declared or live, as neutral rules of filtering.

Rules are in the form of `smc_policies`, elements in that of `smc_elements`. A part that cannot be computed (a domain
name, a zone, a system element that was not read, a user, hours) makes a rule inexact: it then allows the most that it
may, or denies nothing for certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from piste.systems.forcepoint.element_table import TYPES
from piste.systems.forcepoint.references import ANY, NONE, split
from piste.town.model.flows.filtering import FilterRule, settled
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.policy import FIREWALL
from piste.town.model.flows.reach import Translation, leading_elsewhere
from piste.town.model.flows.traffic import (
    ANY_SERVICE,
    ANYWHERE,
    IPV4,
    IPV6,
    WEB,
    Box,
    addresses,
    icmp,
    ports,
    whole_protocol,
)

Item = Mapping[str, Any]

ACCESS = {"ipv4_access": IPV4, "ipv6_access": IPV6}
NAT = {"ipv4_nat": IPV4, "ipv6_nat": IPV6}
_ADDRESSES = ("address", "ipv6_address", "ipv4_network", "ipv6_network", "ip_range")
_ALLOWS = {"allow", "apply_vpn", "enforce_vpn", "forward_vpn", "forced_next_hop", "explicit_proxy_jump"}
_DENIES = {"discard", "refuse"}
_DECIDES_NOTHING = {"continue", "block_list"}
_CONDITIONS = ("require_auth", "auth_users", "auth_methods", "vpn_match", "vpn_matches", "validity_times", "mobile_vpn")
"""Attributes that restrict a rule to some of its traffic."""
_KNOWN = {"network/Any network": ANYWHERE}
"""System elements, which an export does not contain."""
_OF_THE_WEB = {"url_category", "url_category_group", "url_list_application"}
"""Types that stand for sites of the Web among services [belief smc.web_sites]."""
_CELLS = ("sources", "destinations", "services")


class Meaning(NamedTuple):
    """Meaning of a cell: the most that it may cover, and whether it covers exactly that."""

    holds: Ranges
    exact: bool = True


class AddressChange(NamedTuple):
    """A rule of translation: its traffic as sent, its real destination, its new source."""

    id: str
    taken: Box
    server: Ranges | None
    source: Ranges | None
    exact: bool = True


class Elements:
    """Meanings of elements, by `type/name`."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = {f"{item['type']}/{item['name']}": item for item in items}
        self._known: dict[str, Meaning] = {name: Meaning(value) for name, value in _KNOWN.items()}

    def cell(self, references: Sequence[str], everything: Ranges) -> Meaning:
        """Union of the meanings of the references in a cell of a rule; empty for `none`."""
        if ANY in references:
            return Meaning(everything)
        meanings = [self._of(reference, everything) for reference in references if reference != NONE]
        return Meaning(Ranges.union(meaning.holds for meaning in meanings), all(meaning.exact for meaning in meanings))

    def _of(self, reference: str, everything: Ranges) -> Meaning:
        if reference not in self._known:
            self._known[reference] = Meaning(everything, False)  # a group that contains itself is unknown
            self._known[reference] = self._read(reference, everything)
        return self._known[reference]

    def _read(self, reference: str, everything: Ranges) -> Meaning:
        item = self._items.get(reference, {})
        kind = str(item.get("type", ""))
        if everything is ANY_SERVICE and split(reference)[0] in _OF_THE_WEB:
            return Meaning(WEB, False)
        if "members" in TYPES.get(kind, ()):
            return self.cell(item.get("members") or (), everything)
        if kind == "alias" and (values := alias_values(item)):
            return Meaning(self.cell(values, everything).holds, False)
        ranges = _service(kind, item) if everything is ANY_SERVICE else _network(item)
        exact = not item.get("source_ports")
        return Meaning(ranges, exact) if ranges else Meaning(everything, False)


def alias_values(item: Item) -> list[str]:
    """List what an alias may stand for, on any engine; none for another element."""
    entries = [entry for entry in (item.get("engine_values") or {}).values() if entry]
    return [*(item.get("default_values") or ()), *(ref for entry in entries for ref in entry.get("elements") or ())]


def _network(item: Item) -> Ranges:
    texts = [*(item.get("addresses") or ()), *(item.get("secondary") or ())]
    texts += [value for name in _ADDRESSES if (value := item.get(name))]
    return Ranges.union(addresses(text) for text in texts)


def _service(kind: str, item: Item) -> Ranges:
    if kind in ("tcp_service", "udp_service"):
        return ports(kind.removesuffix("_service"), item.get("ports") or "0-65535")
    if kind in ("icmp_service", "icmp_ipv6_service"):
        protocol = "icmpv6" if "ipv6" in kind else "icmp"
        return icmp(item.get("icmp_type"), item.get("icmp_code"), protocol)
    return whole_protocol(item["protocol"]) if kind == "ip_service" and "protocol" in item else Ranges()


def filter_rules(elements: Iterable[Item], policies: Sequence[Item], policy: str) -> list[FilterRule]:
    """Access rules of a policy in order, with those of its templates and sub-policies."""
    known = Elements(elements)
    subs = {f"{item['type']}/{item['name']}": item for item in policies if item["type"].startswith("sub_")}
    return settled(
        rule
        for entry, line in ACCESS.items()
        for rule in _rules(listed(policies, policy, entry), Box(line, line, ANY_SERVICE), known, subs, entry)
    )


def listed(policies: Sequence[Item], policy: str, entry: str) -> list[Item]:
    """List of a policy with the rules of its templates.

    The rules of a policy stand at the insert point of its template, assumed to be the first of several. A template that
    was not read is the vendor's own: it lets the SMC and its engines talk to each other.
    """
    parts = [item for item in policies if item["type"] == "fw_policy" and item["name"] == policy]
    rules = [rule for item in parts for rule in item.get(entry) or ()]
    template = next((str(item["template"]) for item in parts if item.get("template")), "")
    above = {f"{item['type']}/{item['name']}": item for item in policies if item["type"] == "fw_template_policy"}
    while template in above:
        item = above.pop(template)
        inherited = list(item.get(entry) or ())
        at = next((at for at, rule in enumerate(inherited) if _takes(rule)), len(inherited))
        rules, template = [*inherited[:at], *rules, *inherited[at:]], str(item.get("template") or "")
    return rules


def _takes(rule: Item) -> bool:
    return "insert_point" in rule and rule.get("insert_point_type", "normal") == "normal"


def unread(elements: Iterable[Item], policies: Iterable[Item]) -> list[dict[str, str]]:
    """Elements that rules and groups name and nobody read, the system's own, as `{type, name}`."""
    items = list(elements)
    known = {f"{item['type']}/{item['name']}" for item in items}
    rules = [rule for item in policies for entry in (*ACCESS, *NAT) for rule in item.get(entry) or ()]
    named = [ref for rule in rules for cell in _CELLS for ref in rule.get(cell) or ()]
    named += [ref for item in items for ref in (*(item.get("members") or ()), *alias_values(item))]
    desired = (ref.partition("/") for ref in sorted(set(named) - known))
    return [{"type": kind, "name": name} for kind, _, name in desired if kind in TYPES]


def translations(elements: Iterable[Item], policies: Sequence[Item], policy: str) -> list[Translation]:
    """Translations of a policy, in order, that lead from one address to another."""
    changes = address_changes(elements, policies, policy)
    return leading_elsewhere([Translation(change.id, change.taken, change.server, change.exact) for change in changes])


def address_changes(elements: Iterable[Item], policies: Sequence[Item], policy: str) -> list[AddressChange]:
    """Rules of translation of a policy, in order: the first that takes a connection is applied.

    The engine on which a translation is used is not computed: a translation that is not used on all engines is inexact,
    since its traffic may be left as it is.
    """
    known = Elements(elements)
    changes = []
    for rule, line in ((rule, line) for entry, line in NAT.items() for rule in listed(policies, policy, entry)):
        used_on = rule.get("used_on") or ANY
        if rule.get("disabled") or used_on == NONE or not set(_CELLS) <= rule.keys():
            continue
        box, exact = _box(rule, known)
        ends = [[_target(target, known) for target in _targets(rule, side)] for side in ("dst", "src")]
        exact = exact and used_on == ANY and all(meaning.exact for targets in ends for meaning in targets)
        server, source = (Ranges.union(meaning.holds for meaning in targets) if targets else None for targets in ends)
        changes.append(AddressChange(_name(rule), box.meet(Box(line, line, ANY_SERVICE)), server, source, exact))
    return changes


def _targets(rule: Item, side: str) -> list[Item]:
    """Targets to which a rule of translation leads its traffic, or from which it seems to come."""
    static = (rule.get(f"static_{side}_nat") or {}).get("translated")
    return [*([static] if static else []), *((rule.get(f"dynamic_{side}_nat") or {}).get("to") or ())]


def _target(target: Item, known: Elements) -> Meaning:
    if "element" in target:
        return known.cell([target["element"]], ANYWHERE)
    return Meaning(addresses(target["address"])) if "address" in target else Meaning(ANYWHERE, False)


def _rules(
    rules: Iterable[Item], within: Box, known: Elements, subs: Mapping[str, Item], entry: str, depth: int = 0
) -> Iterator[FilterRule]:
    for rule in rules:
        actions = set(rule.get("action") or ())
        if rule.get("disabled") or not set(_CELLS) <= rule.keys():
            continue
        box, exact = _box(rule, known)
        box = box.meet(within)
        exact = exact and not any(rule.get(name) for name in _CONDITIONS)
        if not box:
            continue
        if "jump" in actions:
            inner = subs.get(str(rule.get("sub_policy")), {}).get(entry)
            if inner is None or depth > len(subs):
                yield FilterRule(FIREWALL, _name(rule), True, (box,), False)
            else:
                yield from _inside(_rules(inner, box, known, subs, entry, depth + 1), exact)
        elif actions - _DENIES - _DECIDES_NOTHING:  # an action that no table knows may allow
            yield FilterRule(FIREWALL, _name(rule), True, (box,), exact and actions <= _ALLOWS | _DECIDES_NOTHING)
        elif actions & _DENIES and (exact or _of_the_web(rule)):
            yield FilterRule(FIREWALL, _name(rule), False, (box,), exact)


def _inside(rules: Iterable[FilterRule], exact: bool) -> Iterator[FilterRule]:
    """Yield the rules behind a jump; if it is inexact, they allow inexactly and deny nothing."""
    for rule in rules:
        if exact or not rule.exact:
            yield rule
        elif rule.allow:
            yield replace(rule, exact=False)


def _of_the_web(rule: Item) -> bool:
    return any(split(ref)[0] in _OF_THE_WEB for ref in rule["services"])


def _box(rule: Item, known: Elements) -> tuple[Box, bool]:
    cells = (
        known.cell(rule.get("sources") or (), ANYWHERE),
        known.cell(rule.get("destinations") or (), ANYWHERE),
        known.cell(rule.get("services") or (), ANY_SERVICE),
    )
    return Box(*(cell.holds for cell in cells)), all(cell.exact for cell in cells)


def _name(rule: Item) -> str:
    return str(rule.get("id") or rule.get("name") or "sans nom")
