"""The derived policy of the firewall: elements, rules by section, translations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict, final

if TYPE_CHECKING:
    from .form import Inspected


class FirewallElement(TypedDict):
    """An element that rules name as `kind/name`.

    `values` are prefixes, addresses, ranges `a-b`, ports `443` or `1-9`, numbers, names of sites of the Web, or the
    members of a group.
    """

    kind: Literal["network", "host", "range", "group", "tcp", "udp", "icmp", "ip", "sites", "service_group"]
    name: str
    values: list[str]
    comment: str


class FirewallRule(TypedDict):
    """A rule; its id lasts. Cells name elements, `kind/name` each, `["any"]` for all.

    Services may name `category/…` and `category_group/…` of the Web too, which the firewall's vendor makes.
    `inspection` is what of its traffic is looked into.

    `versions` are its IP versions, `exception` the reason why it may let an isolated segment reach the town.
    """

    id: str
    flow: str
    action: Literal["allow", "deny"]
    sources: list[str]
    destinations: list[str]
    services: list[str]
    versions: list[int]
    exception: str | None
    inspection: list[Inspected] | None
    comment: str


class FirewallInspection(TypedDict):
    """Policies of the SMC that look into traffic, and its authority for decrypted sites."""

    policy: str | None
    files: str | None
    authority: str | None


class FirewallTranslation(TypedDict):
    """A translation of addresses.

    `source` is an address, `server` the element that a published address leads to.
    """

    id: str
    sources: list[str]
    destinations: list[str]
    services: list[str]
    source: str | None
    server: str | None
    comment: str


class FirewallEngine(TypedDict):
    name: str
    kind: Literal["single", "cluster"]


class FirewallSection(TypedDict):
    """Rules of one owner that follow each other in the policy."""

    id: str
    title: str
    owner: str
    rules: list[FirewallRule]


@final
class SiteFirewall(TypedDict):
    """A site's share of the town's policy: its section, and the section after all sites."""

    policy: str
    section: FirewallSection
    before: str
    log: Literal["stored", "transient", "none"]
    keep: list[str]


@final
class TownFirewall(TypedDict):
    """The whole policy: its elements, its sections in order, sites included, its translations.

    `keep` gives the ids of the rules that let administration in. `shared` gives the prefix of each segment that belongs
    to no site, `prefixes` those of the whole town.
    """

    policy: str
    template: str
    engines: list[FirewallEngine]
    keep: list[str]
    log: Literal["stored", "transient", "none"]
    elements: list[FirewallElement]
    sections: list[FirewallSection]
    translations: list[FirewallTranslation]
    prefixes: list[str]
    shared: dict[str, str]
    inspection: FirewallInspection | None
