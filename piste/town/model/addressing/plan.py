"""The addressing rule: site number and segment offset give prefix, VLAN id and addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from netaddr import IPAddress, IPNetwork

if TYPE_CHECKING:
    from .form import Addressing, SharedSegment

_BITS = 32
LAST_VLAN = 4094
MOST_SITES = 800
"""Most site numbers: each has its 1000 places in the order of the RADIUS policies, which end at 900 000."""


@dataclass(frozen=True, slots=True)
class AddressingRule:
    """The rule of `addressing`, applied. It does not judge its results: the checks do."""

    declared: Addressing

    @property
    def prefixes(self) -> Sequence[IPNetwork]:
        """The prefixes of the whole town, in the order of their numbers."""
        return _networks(self.declared.town, *self.declared.extensions)

    @property
    def site_numbers(self) -> range:
        """The site numbers for which the town has a block and VLAN ids."""
        vlan = self.declared.vlan
        blocks = sum(map(self.room, self.prefixes))
        return range(max(0, min(blocks, (LAST_VLAN + 1 - vlan.base) // vlan.per_site, MOST_SITES)))

    def room(self, prefix: IPNetwork) -> int:
        """Count the blocks of sites that a prefix holds."""
        spare = self.declared.site_prefix - prefix.prefixlen
        return 2**spare if spare >= 0 else 0

    def block(self, number: int) -> IPNetwork:
        """Give the prefix that a site owns; past the end, the blocks that follow the last prefix."""
        *earlier, last = self.prefixes
        for prefix in earlier:
            if number < self.room(prefix):
                return self._nth(prefix.first, number, self.declared.site_prefix)
            number -= self.room(prefix)
        return self._nth(last.first, number, self.declared.site_prefix)

    def subnet(self, number: int, offset: int, prefix_length: int | None = None) -> IPNetwork:
        """Give the prefix of a segment.

        It is the start of the segment's slice of the block, shorter where `prefix_length` asks for it.
        """
        slice_ = self._nth(self.block(number).first, offset, self.declared.segment_prefix)
        return IPNetwork((slice_.first, prefix_length or slice_.prefixlen)).cidr

    def shared(self, entry: SharedSegment) -> IPNetwork:
        """Give the prefix of a segment of the town that belongs to no site."""
        return self.subnet(self.declared.shared_number, entry.offset, entry.prefix_length)

    def vlan(self, number: int, offset: int) -> int:
        """Give the VLAN id of a segment, unique in the town."""
        rule = self.declared.vlan
        return rule.base + rule.per_site * number + offset

    @staticmethod
    def _nth(first: int, rank: int, prefix_length: int) -> IPNetwork:
        # Past the end of IPv4 the last prefix stands, so that a wild number is reported by the checks.
        start = min(first + rank * 2 ** (_BITS - prefix_length), 2**_BITS - 1)
        return IPNetwork((start, prefix_length)).cidr


@lru_cache(maxsize=16)
def _networks(*prefixes: str) -> Sequence[IPNetwork]:
    return tuple(map(IPNetwork, prefixes))


def host(subnet: IPNetwork, rank: int) -> IPAddress:
    """Give the address of a rank in a subnet, counted from its start; it may fall outside."""
    return IPAddress(min(subnet.first + rank, 2**_BITS - 1), 4)
