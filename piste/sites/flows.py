"""Who reaches what in the town, over the rules of all that filters: those that the declaration gives, or those read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from piste.converge.errors import Missing
from piste.forcepoint.filtering import filter_rules, translations
from piste.forcepoint.intent import smc_intent
from piste.meraki.filtering import ssid_rules
from piste.meraki.intent import meraki_intent
from piste.model import Site, Town
from piste.model.flows.accesses import CORE_RULE, OUTSIDE, accesses, others, routed_by_core
from piste.model.flows.administration import PREFIX as OF_PISTE
from piste.model.flows.ends import reference
from piste.model.flows.filtering import RuleList
from piste.model.flows.policy import exceptions, meanings
from piste.model.flows.ranges import NOTHING, Ranges
from piste.model.flows.reach import Access, Filters, Reached, Verdict, isolation, reached
from piste.model.flows.traffic import ANY_SERVICE, ANYWHERE, Box, addresses, say_addresses, say_services

ISOLATED, VIOLATED, UNKNOWN = "isolated", "violated", "unknown"
_NETWORKS = ("network", "host", "range", "group")


@dataclass(frozen=True, slots=True)
class Rules:
    """What filters, in the form of the modules: the firewall's elements and policies, the SSIDs of each site."""

    elements: Sequence[Mapping[str, Any]]
    policies: Sequence[Mapping[str, Any]]
    ssids: Mapping[str, Sequence[Mapping[str, Any]]]


class Row(NamedTuple):
    """One thing that a segment reaches, in the town's words."""

    site: str
    segment: str
    zone: str
    accesses: tuple[str, ...]
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: tuple[str, ...]
    rules: tuple[str, ...]
    exact: bool


class Judged(NamedTuple):
    """The verdict on one access of an isolated segment."""

    site: str
    segment: str
    zone: str
    access: str
    verdict: str
    excepted: tuple[str, ...]
    wrong: tuple[Row, ...]


def declared_rules(town: Town) -> Rules:
    """The rules that the declaration gives, as the modules are given them."""
    assert town.commune is not None
    intent = smc_intent(town.commune)
    return Rules(
        intent["elements"],
        intent["installed"],
        {name: meraki_intent(site)["ssids"] for name, site in town.sites.items()},
    )


class Picture:
    """The town as traffic sees it: the ways in, what filters, the names of places."""

    def __init__(self, town: Town, rules: Rules, policy: str | None = None) -> None:
        assert town.commune is not None
        firewall, sites = town.commune["firewall"], town.sites
        judged = policy or firewall["policy"]
        if judged not in (known := [one["name"] for one in rules.policies if one["type"] == "fw_policy"]):
            told = f"la politique {judged} n'est pas dans ce qui a été lu : rien n'est calculé"
            raise Missing(told, todo=f"Celles qui y sont : {', '.join(dict.fromkeys(known)) or 'aucune'} (--policy).")
        wifi = {(site, ssid["name"]): ssid_rules(ssid) for site, ssids in rules.ssids.items() for ssid in ssids}
        self.accesses = [*accesses((_seen(site, rules) for site in sites.values()), wifi), *others(firewall)]
        self.filters = Filters(
            RuleList(filter_rules(rules.elements, rules.policies, judged)),
            [CORE_RULE],
            routed_by_core(sites.values()),
            translations(rules.elements, rules.policies, judged),
        )
        self.inside = addresses(firewall["town"])
        self.excepted = exceptions(firewall)
        self.names = Names(town)

    def rows(
        self,
        site: str | None = None,
        origin: Ranges | None = None,
        target: Ranges | None = None,
        beyond: Picture | None = None,
    ) -> list[Row]:
        """What is reached, from one site or from all, from or to some addresses only, beyond what another lets pass."""
        found = (
            one
            for access in self._of(site)
            for one in (self._beyond(access, beyond) if beyond else reached(access, self.filters))
            if (origin is None or one.box.sources & origin) and (target is None or one.arrives & target)
        )
        return _joined([self._row(_narrowed(one, origin, target)) for one in found])

    def _beyond(self, access: Access, other: Picture) -> Iterator[Reached]:
        """What an access reaches here and not in the other picture, whatever the rules."""
        there = [one.box for known in other.accesses if _same(known, access) for one in reached(known, other.filters)]
        for one in reached(access, self.filters):
            left = [one.box]
            for box in there:
                left = [rest for piece in left for rest in piece.without(box)]
            for piece in left:
                yield one._replace(box=piece, arrives=one.arrives if one.changed else piece.destinations)

    def judged(self, site: str | None = None) -> list[Judged]:
        """The verdict on each access of the isolated segments."""
        return [self._judged(one) for one in isolation(self._of(site), self.filters, self.inside, self.excepted)]

    def _of(self, site: str | None) -> list[Access]:
        return [access for access in self.accesses if site in (None, access.site)]

    def _judged(self, one: Verdict) -> Judged:
        certain = [wrong for wrong in one.wrong if wrong.exact]
        verdict = VIOLATED if certain else UNKNOWN if one.wrong else ISOLATED
        told = dict.fromkeys(found.rules[-1].id for found in one.excepted)
        wrong = _joined([self._row(found) for found in one.wrong])
        access = one.access
        return Judged(access.site, access.segment, access.zone, access.medium, verdict, tuple(told), tuple(wrong))

    def _row(self, one: Reached) -> Row:
        access, names = one.access, self.names
        whole = one.box.sources == access.subnet
        rules = [f"{rule.system} : {rule.id}" for rule in one.rules] + (
            [f"traduction : {one.changed}"] if one.changed else []
        )
        return Row(
            access.site,
            access.segment,
            access.zone,
            (access.medium,),
            () if whole else tuple(names.places(one.box.sources)),
            tuple(names.places(one.arrives, access.subnet)),
            tuple(names.services(one.box.services)),
            tuple(rules),
            one.exact,
        )


def _same(one: Access, other: Access) -> bool:
    return (one.site, one.segment, one.medium) == (other.site, other.segment, other.medium)


def _seen(site: Site, rules: Rules) -> Site:
    """The site with the SSIDs that the rules tell of, each in the segment of its VLAN."""
    if site["id"] not in rules.ssids:
        return site
    by_vlan = {segment["vlan"]: key for key, segment in site["segments"].items()}
    known = {ssid["name"]: ssid for ssid in site["ssids"]}
    ssids: list[Any] = []
    for ssid in rules.ssids[site["id"]]:
        key = by_vlan.get(ssid.get("default_vlan_id") or 0)
        if key and ssid.get("enabled"):
            declared: Any = known.get(ssid["name"], {"name": ssid["name"]})
            ssids.append({**declared, "enabled": True, "segment": key})
    return {**site, "ssids": ssids}


def _narrowed(one: Reached, origin: Ranges | None, target: Ranges | None) -> Reached:
    sources = one.box.sources & origin if origin else one.box.sources
    arrives = one.arrives & target if target else one.arrives
    return one._replace(box=Box(sources, one.box.destinations, one.box.services), arrives=arrives)


def _joined(rows: Iterable[Row]) -> list[Row]:
    """Rows that differ in one column only, as one: what one rule lets pass in parts, or by several accesses."""
    found = list(rows)
    for column in ("destinations", "services", "accesses"):
        joined: dict[Row, list[str]] = {}
        for row in found:
            values: Any = {column: ()}
            joined.setdefault(row._replace(**values), []).extend(getattr(row, column))
        found = [Row(**{**row._asdict(), column: tuple(dict.fromkeys(joined[row]))}) for row in joined]
    return found


class Names:
    """What addresses and services are called in the town."""

    def __init__(self, town: Town) -> None:
        assert town.commune is not None
        firewall = town.commune["firewall"]
        known = meanings(firewall["elements"])
        prefix = f"{firewall['elements'][0]['name'].partition('-')[0]}-" if firewall["elements"] else ""
        places: dict[str, Ranges] = {}
        every: dict[str, list[Ranges]] = {}
        for site in town.sites.values():
            if site["lifecycle"] in ("open", "closing"):
                for key, segment in site["segments"].items():
                    places[f"{key}@{site['id']}"] = addresses(segment["subnet"])
                    every.setdefault(key, []).append(addresses(segment["subnet"]))
        places |= {f"{key}@every": Ranges.union(found) for key, found in every.items()}
        places |= {name: addresses(subnet) for name, subnet in firewall["shared"].items()}
        self._outside = ANYWHERE - addresses(firewall["town"])
        taken = set(places.values())
        for element in firewall["elements"]:
            meaning, name = known[reference(element)], element["name"].removeprefix(prefix)
            if element["kind"] in ("network", "host", "group") and meaning not in taken:
                places.setdefault(name, meaning)
        self._places = _largest_first(places)
        # The services of Piste's own flows are shown by port: their names would hide those of the catalogue.
        self._services = _largest_first(
            {
                name: known[reference(element)]
                for element in firewall["elements"]
                if element["kind"] not in _NETWORKS
                and not (name := element["name"].removeprefix(prefix)).startswith(OF_PISTE)
            }
        )

    @property
    def known(self) -> dict[str, Ranges]:
        """The addresses of each place by name, all that is outside the town among them."""
        return {**dict(self._places), OUTSIDE: self._outside}

    def places(self, found: Ranges, own: Ranges = NOTHING) -> list[str]:
        """Name addresses: segments, servers, places, and prefixes for the rest; a segment of all sites is named so to
        its `own` too."""
        return _called(found, self._places, say_addresses, own)

    def services(self, found: Ranges) -> list[str]:
        """Name services, and ports for the rest."""
        return say_services(found) if found == ANY_SERVICE else _called(found, self._services, say_services)


def _largest_first(known: Mapping[str, Ranges]) -> list[tuple[str, Ranges]]:
    return sorted(known.items(), key=lambda pair: -sum(last - first + 1 for first, last in pair[1].parts))


def _called(found: Ranges, known: Sequence[tuple[str, Ranges]], say: Any, own: Ranges = NOTHING) -> list[str]:
    if exact := next((name for name, meaning in known if meaning == found), ""):
        return [exact]
    called, left = [], found
    for name, meaning in known:
        others = meaning - own
        if others and not left.apart(others) and others <= left:
            called.append(name)
            left = left - others
    return [*called, *(say(left) if left else ())]
