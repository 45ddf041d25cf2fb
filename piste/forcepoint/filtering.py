"""What the SMC's rules let pass, as neutral rules: of those that Piste would write, and of those that were read.

Rules are in the form of ``smc_policies``, elements in that of ``smc_elements``. What cannot be computed (a domain name,
a zone, a system element that was not read, a user, hours) makes a rule inexact: it then allows the most that it may, or
denies nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from piste.forcepoint.element_table import TYPES
from piste.forcepoint.references import ANY, NONE
from piste.model.flows.filtering import FilterRule
from piste.model.flows.policy import FIREWALL
from piste.model.flows.ranges import Ranges
from piste.model.flows.reach import Translation, leading_elsewhere
from piste.model.flows.traffic import (
    ANY_SERVICE,
    ANYWHERE,
    IPV4,
    IPV6,
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
"""What makes a rule hold for some of its traffic only."""
_KNOWN = {"network/Any network": ANYWHERE}
"""System elements, which an export does not hold."""
_CELLS = ("sources", "destinations", "services")


class Meaning(NamedTuple):
    """What a cell holds: the most that it may, and whether that is exactly it."""

    holds: Ranges
    exact: bool = True


class Elements:
    """What elements mean, by ``type/name``."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = {f"{item['type']}/{item['name']}": item for item in items}
        self._known: dict[str, Meaning] = {name: Meaning(value) for name, value in _KNOWN.items()}

    def cell(self, references: Sequence[str], everything: Ranges) -> Meaning:
        """The union of what a cell of a rule names; nothing for ``none``."""
        if ANY in references:
            return Meaning(everything)
        found = [self._of(reference, everything) for reference in references if reference != NONE]
        return Meaning(Ranges.union(one.holds for one in found), all(one.exact for one in found))

    def _of(self, reference: str, everything: Ranges) -> Meaning:
        if reference not in self._known:
            self._known[reference] = Meaning(everything, False)  # what holds itself is not known
            self._known[reference] = self._read(reference, everything)
        return self._known[reference]

    def _read(self, reference: str, everything: Ranges) -> Meaning:
        item = self._items.get(reference, {})
        kind = str(item.get("type", ""))
        if kind.endswith("group"):
            return self.cell(item.get("members") or (), everything)
        found = _service(kind, item) if everything is ANY_SERVICE else _network(item)
        exact = not item.get("source_ports")
        return Meaning(found, exact) if found else Meaning(everything, False)


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
    """The access rules of a policy in order, among those of the templates that it stands on, and the rules of its
    sub-policies where it jumps to them."""
    known = Elements(elements)
    subs = {f"{item['type']}/{item['name']}": item for item in policies if item["type"].startswith("sub_")}
    return [
        rule
        for entry, line in ACCESS.items()
        for rule in _rules(listed(policies, policy, entry), Box(line, line, ANY_SERVICE), known, subs, entry)
    ]


def listed(policies: Sequence[Item], policy: str, entry: str) -> list[Item]:
    """A list of a policy with what it inherits: its rules stand at the insert point of its template.

    Where a template has several, they are taken to stand at the first. One that was not read is the vendor's own: it
    lets the SMC and its engines talk to each other.
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
    """``{type, name}`` of what rules and groups name and nobody read: the system's own elements."""
    items = list(elements)
    known = {f"{item['type']}/{item['name']}" for item in items}
    rules = [rule for item in policies for entry in (*ACCESS, *NAT) for rule in item.get(entry) or ()]
    named = [one for rule in rules for cell in _CELLS for one in rule.get(cell) or ()]
    named += [one for item in items for one in item.get("members") or ()]
    wanted = (one.partition("/") for one in sorted(set(named) - known))
    return [{"type": kind, "name": name} for kind, _, name in wanted if kind in TYPES]


def translations(elements: Iterable[Item], policies: Sequence[Item], policy: str) -> list[Translation]:
    """The translations of a policy, in order, as far as one leads from an address to another one. What engine one is
    used on is not computed: of one that is not used on all, what it takes may be left as it is."""
    known = Elements(elements)
    found = []
    for rule, line in ((rule, line) for entry, line in NAT.items() for rule in listed(policies, policy, entry)):
        used_on = rule.get("used_on") or ANY
        if rule.get("disabled") or used_on == NONE or not set(_CELLS) <= rule.keys():
            continue
        box, exact = _box(rule, known)
        targets = [_target(target, known) for target in _targets(rule)]
        exact = exact and used_on == ANY and all(one.exact for one in targets)
        server = Ranges.union(one.holds for one in targets) if targets else None
        found.append(Translation(_name(rule), box.meet(Box(line, line, ANY_SERVICE)), server, exact))
    return leading_elsewhere(found)


def _targets(rule: Item) -> list[Item]:
    """Where a rule of translation leads what it takes."""
    static = (rule.get("static_dst_nat") or {}).get("translated")
    return [*([static] if static else []), *((rule.get("dynamic_dst_nat") or {}).get("to") or ())]


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
        elif actions - _DENIES - _DECIDES_NOTHING:  # one that no table knows may let pass
            yield FilterRule(FIREWALL, _name(rule), True, (box,), exact and actions <= _ALLOWS | _DECIDES_NOTHING)
        elif actions & _DENIES and exact:
            yield FilterRule(FIREWALL, _name(rule), False, (box,))


def _inside(rules: Iterable[FilterRule], exact: bool) -> Iterator[FilterRule]:
    """Rules behind a jump: where the jump itself is not exact, neither is what they allow, and they deny nothing."""
    for rule in rules:
        if exact:
            yield rule
        elif rule.allow:
            yield FilterRule(rule.system, rule.id, True, rule.boxes, False)


def _box(rule: Item, known: Elements) -> tuple[Box, bool]:
    cells = (
        known.cell(rule.get("sources") or (), ANYWHERE),
        known.cell(rule.get("destinations") or (), ANYWHERE),
        known.cell(rule.get("services") or (), ANY_SERVICE),
    )
    return Box(*(cell.holds for cell in cells)), all(cell.exact for cell in cells)


def _name(rule: Item) -> str:
    return str(rule.get("id") or rule.get("name") or "sans nom")
