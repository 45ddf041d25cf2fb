"""The services of the catalogue, as the elements of a firewall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from .firewall import FirewallElement
from .number_ranges import Ranges
from .traffic import ANY_SERVICE, icmp, ports, whole_protocol

if TYPE_CHECKING:
    from ..wifi.form import WebSites
    from .form import Service

ANY = "any"
BY_SITE = ("category/", "category_group/", "sites/")
"""Services that are sites of the Web: the first two exist at the firewall's vendor, and are not made."""


_Made = Literal["tcp", "udp", "icmp", "ip", "service_group"]


class _Leaf(NamedTuple):
    """An element of a service: its kind, its value, its meaning."""

    kind: Literal["tcp", "udp", "icmp", "ip"]
    value: str
    where: Ranges


@dataclass(slots=True)
class Services:
    """The service elements in the rules of a town, made on demand, `kind/name` each."""

    catalogue: Mapping[str, Service]
    prefix: str
    made: dict[str, FirewallElement] = field(default_factory=dict)
    meaning: dict[str, Ranges] = field(default_factory=lambda: {ANY: ANY_SERVICE})
    _known: dict[str, str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def named(self, services: Iterable[str]) -> list[str]:
        """Name the elements of some services; a service that is not in the catalogue is left out."""
        elements = (ANY if name == ANY else self._service(name) for name in services)
        return list(dict.fromkeys(name for name in elements if name))

    def of_the_web(self, name: str, wanted: WebSites, comment: str) -> list[str]:
        """Name the sites of the Web of one side of a charter; those by name become an element."""
        named = [f"category_group/{group}" for group in wanted.groups]
        named += [f"category/{category}" for category in wanted.categories]
        if wanted.sites:
            called = f"{self.prefix}-{name}"
            self.made[f"sites/{called}"] = FirewallElement(
                kind="sites", name=called, values=list(wanted.sites), comment=comment
            )
            named.append(f"sites/{called}")
        return named

    def _service(self, name: str) -> str | None:
        """Make a service: an element, or a group of its elements."""
        if name in self._known:
            return self._known[name]
        # A service that contains itself is left out here, and reported by the checks.
        if name not in self.catalogue or name in self._open:
            return None
        entry = self.catalogue[name]
        comment, leaves = entry.label or name, list(_leaves(entry))
        if len(leaves) == 1 and not entry.services:
            self._known[name] = self._make(leaves[0], name, comment)
            return self._known[name]
        self._open.append(name)
        members = [self._make(leaf, f"{name}-{leaf.kind}-{leaf.value}", comment) for leaf in leaves]
        members += self.named(entry.services)
        self._open.remove(name)
        if not members:
            return None
        where = Ranges.union(self.meaning[member] for member in members)
        self._known[name] = self._keep("service_group", name, members, comment, where)
        return self._known[name]

    def _make(self, leaf: _Leaf, name: str, comment: str) -> str:
        return self._keep(leaf.kind, name, [leaf.value], comment, leaf.where)

    def _keep(self, kind: _Made, name: str, values: list[str], comment: str, where: Ranges) -> str:
        called = f"{self.prefix}-{name}"
        element = f"{kind}/{called}"
        self.made[element] = FirewallElement(kind=kind, name=called, values=values, comment=comment)
        self.meaning[element] = where
        return element


def _leaves(entry: Service) -> Iterator[_Leaf]:
    yield from (_Leaf("tcp", text, ports("tcp", text)) for text in entry.tcp)
    yield from (_Leaf("udp", text, ports("udp", text)) for text in entry.udp)
    yield from (_Leaf("icmp", str(kind), icmp(kind)) for kind in entry.icmp)
    yield from (_Leaf("ip", str(number), whole_protocol(number)) for number in entry.ip)
