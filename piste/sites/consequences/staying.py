"""Gateways that stay at the core until the firewall that takes their place is installed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from piste.engine.words import some
from piste.sites.consequences.addresses import is_about
from piste.sites.consequences.form import Consequence
from piste.town.model.flows.ends import IN_SERVICE
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.traffic import addresses

if TYPE_CHECKING:
    from piste.sites.consequences.evidence import Part
    from piste.sites.consequences.sides import Sides
    from piste.town.model.addressing.derived import Segment
    from piste.town.model.derived import Derived

_SITES = 4
_SAID = (
    "sa passerelle reste au cœur, rien n’y change jusqu’à l’installation de la politique ; le pare-feu a ensuite la "
    "même adresse, et nul ne sait lequel répond, tant que le plan suivant ne l’a pas retirée du cœur"
)


class Staying:
    """The segments whose gateway stays, and their like at sites that the plan does not read."""

    def __init__(self, town: Derived, stays: Iterable[Mapping[str, str]], read: Collection[Part]) -> None:
        kept = (known["key"] for known in stays if known["kind"] == "routed_interface")
        vlans = {int(vlan) for key in kept if (vlan := key.rpartition("/")[2]).isdecimal()}
        self.known: dict[int, tuple[str, str, Segment]] = {}
        """By VLAN: the key, the site, the segment."""
        self.alike: dict[int, tuple[str, str, Segment]] = {}
        every = [(key, name, segment) for name, site in town.sites.items() if site["lifecycle"] in IN_SERVICE
                 for key, segment in site["segments"].items()]  # fmt: skip
        keys = {key for key, _, segment in every if segment["vlan"] in vlans}
        for key, name, segment in every if vlans else ():
            if segment["vlan"] in vlans:
                self.known[segment["vlan"]] = key, name, segment
            elif key in keys and (name, "routing") not in read:
                self.alike[segment["vlan"]] = key, name, segment

    @property
    def subnets(self) -> Ranges:
        return Ranges.union(addresses(segment["subnet"]) for *_, segment in {**self.known, **self.alike}.values())

    def consequences(self, sides: Sides) -> Iterator[Consequence]:
        """Yield what becomes of these segments by the operations about them."""
        operations = [*enumerate(sides.operations)]
        for vlan, (key, site, segment) in self.known.items():
            causes = tuple(at for at, o in operations if o["kind"] == "engine_interface" and o["content"]["after"]
                           and is_about(o, vlan, segment["subnet"]))  # fmt: skip
            if causes:
                yield Consequence("reach", "outage", f"{key}@{site}", _SAID, causes, "durée inconnue")
        causes = tuple(at for at, o in operations if o["kind"] == "switch_port" and "allowed_vlans" in o["fields"])
        if self.alike and causes:
            keys = dict.fromkeys(key for key, *_ in self.alike.values())
            sites = [site for _, site, _ in self.alike.values()]
            why = "ce plan ne lit pas leur passerelle, qui peut rester au cœur"
            who = f"{', '.join(keys)} de {some(sites, _SITES)}"
            yield Consequence("reach", "unknown", who, "ce qui change", causes, unknown=why)
