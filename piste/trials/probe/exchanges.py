"""Permissions of the switches between sites, with a few addresses to try."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from piste.town.model.flows.ends import IN_SERVICE
from piste.town.model.flows.segmentation import UNFILTERED

if TYPE_CHECKING:
    from piste.town.model.addressing.derived import Segment
    from piste.town.model.derived import Derived
    from piste.town.model.flows.segmentation import Permit

SAMPLED = 2
"""The most places of a permission that are tried: its rules are alike."""


class Somebody(NamedTuple):
    """An address of a segment; `known` where the declaration says who has it."""

    address: str
    known: bool


def exchanges(town: Derived, site: str, subnet: str) -> Iterator[tuple[Permit, list[Somebody]]]:
    """Yield each permission of a segment towards other sites, with the addresses to try."""
    assert town.commune is not None
    others = {
        segment["subnet"]: segment
        for name, other in town.sites.items()
        if name != site and other["lifecycle"] in IN_SERVICE
        for segment in other["segments"].values()
    }
    for permit in town.commune["segmentation"]:
        if permit["id"] != UNFILTERED and subnet in permit["sources"]:
            there = (others[target] for target in permit["destinations"] if target in others)
            yield permit, [end for segment in there if (end := _somebody(segment))][:SAMPLED]


def _somebody(segment: Segment) -> Somebody | None:
    """Choose an address of a segment: somebody who is declared, else the first of its pool."""
    for address in segment["reservations"].values():
        return Somebody(address, known=True)
    return Somebody(segment["dhcp"]["start"], known=False) if segment["dhcp"] else None
