"""The town under examination: the declaration, the derived sites, and the faults of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from netaddr import IPNetwork

from .addressing.plan import AddressingRule
from .assets.derived import derive_assets
from .flows.accesses import declared_filters
from .flows.filtering import FilterRule, RuleList
from .flows.policy import filter_rules, flows_of
from .flows.segmentation import derive_exchanges
from .flows.traffic import EVERYTHING, Box, addresses
from .glpi import derive_glpi
from .hosting.derived import derive_hosting
from .protection.derived import derive_protection
from .routing.derived import core_place, derive_routing, member_addresses
from .wording import closest

if TYPE_CHECKING:
    from .addressing.derived import Segment
    from .as_found import FoundFile
    from .assets.derived import TownAssets
    from .declaration import Declaration, DeclaredSite
    from .devices import DeclaredDevice, Device
    from .faults import Faults, Mark
    from .flows.matrix import Matrix
    from .flows.reach import Filters
    from .flows.segmentation import Exchange
    from .glpi import GlpiPart
    from .hosting.derived import TownHosting
    from .proof import Proof
    from .protection.derived import TownProtection
    from .routing.derived import CorePlace, TownRouting
    from .site import Site


@dataclass(frozen=True)
class View:
    """The town under examination.

    `servers` gives the address of each reservation by name, `matrix` the policy that holds `today`, `as_found` the
    values that the town and its sites keep as found. `proofs` gives the successful test of 802.1X of each site; None
    where no environment gives tests.
    """

    declared: Declaration
    sites: Mapping[str, Site]
    servers: Mapping[str, str]
    matrix: Matrix
    today: date
    faults: Faults
    proofs: Mapping[str, Proof] | None = None
    as_found: Mapping[str, FoundFile] = field(default_factory=dict)

    @property
    def rule(self) -> AddressingRule:
        """The addressing rule of the town."""
        return AddressingRule(self.declared.town.variables.addressing)

    @cached_property
    def rules(self) -> RuleList:
        """The rules of the town's firewall."""
        return RuleList(filter_rules(self.matrix.town))

    @cached_property
    def rules_back(self) -> RuleList:
        """The rules of the town's firewall with their ends exchanged."""
        return RuleList(
            replace(rule, boxes=tuple(Box(box.destinations, box.sources, box.services) for box in rule.boxes))
            for rule in self.rules.rules
        )

    @cached_property
    def behind_firewall(self) -> RuleList:
        """The prefixes that the core does not route, each as a rule of its name."""
        prefixes = [
            str(subnet.network)
            for subnet in self.subnets
            if subnet.segment is None or subnet.segment["gateway_device"] != "core"
        ]
        sent = ((prefix, EVERYTHING._replace(sources=addresses(prefix))) for prefix in prefixes)
        return RuleList(FilterRule("", prefix, True, (box,)) for prefix, box in sent)

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """The flows of the segmentation in force."""
        return derive_exchanges(self)

    @cached_property
    def filters(self) -> Filters:
        """The filters of the declaration."""
        return declared_filters(self)

    @cached_property
    def flow_of(self) -> dict[str, str]:
        """The flow of each rule."""
        return flows_of(self.matrix.town)

    @cached_property
    def core(self) -> CorePlace | None:
        """The equipment of the core."""
        return core_place(self.declared.town.variables, self.sites)

    @cached_property
    def hosting(self) -> TownHosting | None:
        """The cluster of the town."""
        town = self.declared.town.variables
        return derive_hosting(town, {name: site["segments"] for name, site in self.sites.items()})

    @cached_property
    def assets(self) -> TownAssets:
        """The assets of the town."""
        addresses = {**self.servers, **member_addresses(self.declared.town.variables, self.sites)}
        return derive_assets(self.declared, self.sites, addresses, self.hosting)

    @cached_property
    def glpi(self) -> GlpiPart | None:
        """The part of the town in GLPI, without its links."""
        return derive_glpi(self.declared, self.sites, self.assets.owned)

    @cached_property
    def routing(self) -> TownRouting:
        """The core and the firewall of the town."""
        return derive_routing(self.declared, self.sites, self.servers)

    @cached_property
    def protection(self) -> TownProtection:
        """The protection of the town."""
        shared = self.declared.shared
        return derive_protection(self.declared, shared.id if shared else "", self.servers)

    def pairs(self) -> Iterator[tuple[DeclaredSite, Site]]:
        """Yield each site as declared and as derived."""
        for declared in self.declared.sites:
            yield declared, self.sites[declared.id]

    @cached_property
    def subnets(self) -> Sequence[Subnet]:
        """Every segment of the sites and of the town, in order of the inventory."""
        return [*self._each_subnet()]

    def _each_subnet(self) -> Iterator[Subnet]:
        for declared, site in self.pairs():
            for key, segment in site["segments"].items():
                yield Subnet(declared.id, key, segment["vlan"], IPNetwork(segment["subnet"]), segment, declared)
        shared = self.declared.shared
        if shared:
            for key, entry in shared.variables.shared_segments.items():
                subnet, mark = self.rule.shared(entry), shared.where(("shared_segments", key))
                yield Subnet(shared.id, key, entry.vlan, subnet, None, None, mark)

    def devices(self, declared: DeclaredSite) -> Iterator[Located]:
        """Yield the devices of a site with the line of each."""
        variables = declared.variables
        lines = [("switches", index, device) for index, device in enumerate(variables.switches)]
        lines += [("access_points", index, device) for index, device in enumerate(variables.access_points)]
        for device, (variable, index, line) in zip(self.sites[declared.id]["devices"], lines, strict=False):
            path = f"sites[{declared.id}].{variable}[{line.serial}]"
            yield Located(device, line, variable, path, declared, index)

    def unknown(self, rule: str, path: str, mark: Mark, kind: str, name: str, known: Mapping[str, object]) -> None:
        """Report a name that is not in a catalogue, with the nearest name."""
        self.faults.add(rule, path, mark, f"{kind} « {name} » est inconnu au catalogue", closest(name, known))


@dataclass(frozen=True, slots=True)
class Located:
    """A device as derived and as declared, and its place."""

    device: Device
    line: DeclaredDevice
    variable: str
    path: str
    declared: DeclaredSite
    index: int

    def mark(self, *field: str) -> Mark:
        """Give the line of a field of the device, or of the device."""
        return self.declared.where((self.variable, self.index, *field), (self.variable, self.index))


@dataclass(frozen=True, slots=True)
class Subnet:
    """A segment of an owner, with its prefix as a number range."""

    owner: str
    key: str
    vlan: int | None
    network: IPNetwork
    segment: Segment | None
    declared: DeclaredSite | None
    shared_mark: Mark | None = None

    @property
    def path(self) -> str:
        """The path of the segment, by names."""
        if self.declared is None:
            return f"shared_segments[{self.key}]"
        return f"sites[{self.owner}].segments[{self.key}]"

    @property
    def title(self) -> str:
        """The segment at the beginning of a sentence."""
        return f"{self.owner}, segment {self.key}"

    def decides(self, *fields: str) -> bool:
        """Tell whether the site itself declares one of these fields."""
        source = self.declared.sources.get("segments") if self.declared else None
        return source is not None and any(source.holds((self.key, field)) for field in fields)

    def mark(self, *fields: str) -> Mark:
        """Give the line that decides a field: the site's own, else the site's number."""
        if self.declared is None:
            assert self.shared_mark is not None
            return self.shared_mark
        own = [("segments", self.key, field) for field in fields]
        return self.declared.where(*own, ("site", "plan", "number"))
