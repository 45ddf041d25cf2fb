"""Traffic as sets: source addresses, destination addresses, services.

Addresses lie on one line, IPv6 after IPv4; services on another, 65,536 places a protocol: destination ports of TCP and
UDP, type × 256 + code of ICMP, the whole stretch where a protocol has neither. No product is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from netaddr import AddrFormatError, IPAddress, IPNetwork, cidr_merge, iprange_to_cidrs

from .number_ranges import NOTHING, Ranges

_V6 = 2**32
_END = _V6 + 2**128 - 1
_STRETCH = 2**16
_ICMP_CODES = 256
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}
_NAMES = {number: name for name, number in PROTOCOLS.items()}

IPV4 = Ranges.of((0, _V6 - 1))
IPV6 = Ranges.of((_V6, _END))
ANYWHERE = Ranges.of((0, _END))
ANY_SERVICE = Ranges.of((0, 256 * _STRETCH - 1))
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""The private prefixes (RFC 1918)."""


class Box(NamedTuple):
    """All the traffic from some addresses to some others by some services."""

    sources: Ranges
    destinations: Ranges
    services: Ranges

    def __bool__(self) -> bool:
        return bool(self.sources.parts and self.destinations.parts and self.services.parts)

    def meet(self, other: Box) -> Box:
        """Give the common traffic; empty where addresses or services have nothing in common."""
        # The sources first: most rules have nothing to do with most sources.
        if not (sources := self.sources & other.sources).parts:
            return _NO_TRAFFIC
        if not (destinations := self.destinations & other.destinations).parts:
            return _NO_TRAFFIC
        return Box(sources, destinations, self.services & other.services)

    def separate(self, other: Box) -> bool:
        """Tell quickly whether two boxes have nothing in common; entangled boxes count as not."""
        return (
            self.sources.separate(other.sources)
            or self.destinations.separate(other.destinations)
            or self.services.separate(other.services)
        )

    def without(self, common: Box) -> Iterator[Box]:
        """Yield the rest of this traffic once a part of it is removed, in at most three parts."""
        if sources := self.sources - common.sources:
            yield Box(sources, self.destinations, self.services)
        if destinations := self.destinations - common.destinations:
            yield Box(common.sources, destinations, self.services)
        if services := self.services - common.services:
            yield Box(common.sources, common.destinations, services)


def parted(boxes: Iterable[Box], taker: Box) -> tuple[list[Box], list[Box]]:
    """Give the parts of some traffic that another takes, then the rest."""
    taken, left = list[Box](), list[Box]()
    for piece in boxes:
        if not piece.separate(taker) and (common := piece.meet(taker)):
            taken.append(common)
            left += piece.without(common)
        else:
            left.append(piece)
    return taken, left


def remaining(boxes: Iterable[Box], gone: Iterable[Box]) -> list[Box]:
    """Give the rest of some traffic once other traffic is removed."""
    left = [*boxes]
    for box in gone:
        _, left = parted(left, box)
    return left


EVERYTHING = Box(ANYWHERE, ANYWHERE, ANY_SERVICE)
_NO_TRAFFIC = Box(NOTHING, NOTHING, NOTHING)


@lru_cache(maxsize=2**14)
def addresses(text: str) -> Ranges:
    """Read a prefix, an address or a range `a-b` of one IP version. Raises ValueError."""
    try:
        ends = [IPNetwork(end.strip()) for end in text.split("-")]
    except AddrFormatError as error:
        raise ValueError(text) from error
    first, last = ends[0], ends[-1]
    if len(ends) > 2 or first.version != last.version or first.first > last.last:
        raise ValueError(text)
    return _line(first.version, first.first, last.last)


def span(single: Ranges) -> str:
    """Write a single range of addresses from end to end, `a-b`."""
    ((first, last),) = single.parts
    return f"{_address(first)}-{_address(last)}"


def _address(place: int) -> IPAddress:
    return IPAddress(place, 4) if place < _V6 else IPAddress(place - _V6, 6)


def _line(version: int, first: int, last: int) -> Ranges:
    shift = 0 if version == 4 else _V6
    return Ranges.of((first + shift, last + shift))


def ports(protocol: str, text: str) -> Ranges:
    """Read the destination ports `443` or `1024-65535` of TCP or UDP. Raises ValueError."""
    first, _, last = text.partition("-")
    begin, end = int(first), int(last or first)
    if not 0 <= begin <= end < _STRETCH:
        raise ValueError(text)
    start = PROTOCOLS[protocol] * _STRETCH
    return Ranges.of((start + begin, start + end))


def icmp(kind: int | None, code: int | None = None, protocol: str = "icmp") -> Ranges:
    """Give an ICMP type, one code of it, or all of ICMP."""
    start = PROTOCOLS[protocol] * _STRETCH
    if kind is None:
        return Ranges.of((start, start + _STRETCH - 1))
    first = start + kind * _ICMP_CODES
    return Ranges.of((first, first + _ICMP_CODES - 1) if code is None else (first + code, first + code))


def whole_protocol(number: int) -> Ranges:
    """Give all the traffic of an IP protocol."""
    return Ranges.of((number * _STRETCH, (number + 1) * _STRETCH - 1))


WEB = whole_protocol(PROTOCOLS["tcp"]) | ports("udp", "443")
"""The most that a site of the Web, or a category of sites, may stand for: no address tells it."""


def say_addresses(ranges: Ranges) -> list[str]:
    """Write addresses as prefixes, or as ranges where prefixes would be many.

    All addresses, or all of one version, are `tout`.
    """
    if ranges == ANYWHERE:
        return ["tout"]
    said = []
    for version, whole in ((4, IPV4), (6, IPV6)):
        here = ranges & whole
        if here == whole:
            said.append(f"tout IPv{version}")
            continue
        for first, last in here.parts:
            cidrs = iprange_to_cidrs(_address(first), _address(last))
            said += _shortest(cidrs) if len(cidrs) <= 2 else [span(Ranges.of((first, last)))]
    return said


def _shortest(cidrs: list[IPNetwork]) -> list[str]:
    alone = {4: 32, 6: 128}
    return [str(cidr.ip) if cidr.prefixlen == alone[cidr.version] else str(cidr) for cidr in cidr_merge(cidrs)]


def say_services(services: Ranges) -> list[str]:
    """Write services as `tcp/443`, `udp/1024-65535`, `icmp/8`, `ip/47`; all of them are `tout`."""
    if services == ANY_SERVICE:
        return ["tout"]
    said = []
    for first, last in services.parts:
        for number in range(first // _STRETCH, last // _STRETCH + 1):
            start = number * _STRETCH
            said.append(_say(number, max(first - start, 0), min(last - start, _STRETCH - 1)))
    return _grouped(said)


def _say(number: int, first: int, last: int) -> str:
    name = _NAMES.get(number)
    if name is None:
        return f"ip/{number}"
    if (first, last) == (0, _STRETCH - 1):
        return name
    if name.startswith("icmp"):
        first, last = first // _ICMP_CODES, last // _ICMP_CODES
    return f"{name}/{first}" if first == last else f"{name}/{first}-{last}"


def _grouped(said: list[str]) -> list[str]:
    """Join the unnamed protocols that follow each other: `ip/18-57`."""
    grouped: list[str] = []
    for text in said:
        before = grouped[-1].rpartition("-")[2].removeprefix("ip/") if grouped and grouped[-1].startswith("ip/") else ""
        if text.startswith("ip/") and before and int(text[3:]) == int(before) + 1:
            first = grouped[-1].removeprefix("ip/").partition("-")[0]
            grouped[-1] = f"ip/{first}-{text[3:]}"
        else:
            grouped.append(text)
    return grouped
