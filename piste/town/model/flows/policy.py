"""The derived policy as neutral rules, so that the same computation serves any policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .ends import GROUPS, reference
from .filtering import FilterRule, settled
from .number_ranges import Ranges
from .reach import Translation, leading_elsewhere
from .services import ANY, BY_SITE
from .traffic import ANY_SERVICE, ANYWHERE, IPV4, IPV6, WEB, Box, addresses, icmp, ports, whole_protocol

if TYPE_CHECKING:
    from .firewall import FirewallElement, FirewallTranslation, TownFirewall

FIREWALL = "pare-feu"
_VERSIONS = {4: IPV4, 6: IPV6}


def meanings(elements: Iterable[FirewallElement]) -> dict[str, Ranges]:
    """Give the addresses or the services of each element, `kind/name`; members come first."""
    meaning: dict[str, Ranges] = {}
    for element in elements:
        kind, values = element["kind"], element["values"]
        if kind in GROUPS:
            meaning[reference(element)] = Ranges.union(meaning[member] for member in values)
        else:
            meaning[reference(element)] = Ranges.union(_meaning(kind, value) for value in values)
    return meaning


def _meaning(kind: str, value: str) -> Ranges:
    if kind in ("tcp", "udp"):
        return ports(kind, value)
    if kind == "icmp":
        return icmp(int(value))
    if kind == "sites":
        return WEB
    return whole_protocol(int(value)) if kind == "ip" else addresses(value)


def filter_rules(firewall: TownFirewall) -> list[FilterRule]:
    """Read the rules of all sections, in order; no address tells a site of the Web."""
    known = meanings(firewall["elements"])
    return settled(
        FilterRule(
            FIREWALL,
            rule["id"],
            rule["action"] == "allow",
            tuple(_boxes(rule["sources"], rule["destinations"], rule["services"], known, rule["versions"])),
            not any(name.startswith(BY_SITE) for name in rule["services"]),
        )
        for section in firewall["sections"]
        for rule in section["rules"]
    )


def flows_of(firewall: TownFirewall) -> dict[str, str]:
    """Give the flow of each rule, by id; empty for the closing rule."""
    return {rule["id"]: rule["flow"] for section in firewall["sections"] for rule in section["rules"]}


def translations(firewall: TownFirewall) -> list[Translation]:
    """Read the translations, in order, up to the last that leads to a server."""
    known = meanings(firewall["elements"])
    return leading_elsewhere(
        [
            Translation(entry["id"], _matched(entry, known), known[entry["server"]] if entry["server"] else None)
            for entry in firewall["translations"]
        ]
    )


def matched(firewall: TownFirewall) -> dict[str, Box]:
    """Give the traffic that each translation matches, by id."""
    known = meanings(firewall["elements"])
    return {translation["id"]: _matched(translation, known) for translation in firewall["translations"]}


def exceptions(firewall: TownFirewall, rules: Iterable[FilterRule] | None = None) -> list[FilterRule]:
    """Give the rules that may let an isolated segment reach the town, by a declared reason.

    `rules` are those of all sections, where they were read.
    """
    said = {rule["id"] for section in firewall["sections"] for rule in section["rules"] if rule["exception"]}
    return [rule for rule in (filter_rules(firewall) if rules is None else rules) if rule.id in said]


def _matched(translation: FirewallTranslation, known: Mapping[str, Ranges]) -> Box:
    (box,) = _boxes(translation["sources"], translation["destinations"], translation["services"], known, None)
    return box


def _boxes(
    sources: Sequence[str],
    destinations: Sequence[str],
    services: Sequence[str],
    known: Mapping[str, Ranges],
    versions: Sequence[int] | None,
) -> list[Box]:
    whole = Box(
        _cell(sources, known, ANYWHERE), _cell(destinations, known, ANYWHERE), _cell(services, known, ANY_SERVICE)
    )
    if versions is None or len(versions) == len(_VERSIONS):
        return [whole]
    lines = [_VERSIONS[version] for version in versions]
    boxes = (Box(whole.sources & line, whole.destinations & line, whole.services) for line in lines)
    return [box for box in boxes if box]


def _cell(names: Sequence[str], known: Mapping[str, Ranges], everything: Ranges) -> Ranges:
    if ANY in names:
        return everything
    return Ranges.union(WEB if name.startswith(BY_SITE) else known[name] for name in names)
