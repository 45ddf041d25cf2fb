"""Accesses through all the filters of the town, by the rules declared or read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.engine.converge.errors import Missing
from piste.systems.forcepoint.filtering import filter_rules, translations
from piste.systems.forcepoint.intent import smc_intent
from piste.systems.meraki.filtering import access_list, client_vlan, ssid_rules
from piste.systems.meraki.intent import meraki_intent
from piste.town.model.derived import Derived
from piste.town.model.flows.access_lists import stops
from piste.town.model.flows.accesses import CORE_RULE, OUTSIDE, accesses, others, routed_by_core
from piste.town.model.flows.declared import OF_PISTE
from piste.town.model.flows.ends import IN_SERVICE, reference
from piste.town.model.flows.filtering import RuleList
from piste.town.model.flows.number_ranges import NOTHING, Ranges
from piste.town.model.flows.policy import exceptions, meanings
from piste.town.model.flows.reach import Access, Filters, Reached, Verdict, isolation, reached
from piste.town.model.flows.segmentation import permitted
from piste.town.model.flows.traffic import (
    ANY_SERVICE,
    ANYWHERE,
    PROTOCOLS,
    Box,
    addresses,
    remaining,
    say_addresses,
    say_services,
    whole_protocol,
)
from piste.town.model.wording import closest

if TYPE_CHECKING:
    from piste.town.model import Site

WHOLE = (ANY_SERVICE, whole_protocol(PROTOCOLS["tcp"]), whole_protocol(PROTOCOLS["udp"]))
ISOLATED, VIOLATED, UNKNOWN = "isolated", "violated", "unknown"
OF_SITES: Mapping[str, str] = {"every": "de tous les sites", "elsewhere": "des autres sites"}
"""What a place of the declaration says after its `@`, in French; else it is a site."""
_NO_SERVICES = ("network", "host", "range", "group", "sites")


@dataclass(frozen=True, slots=True)
class Rules:
    """The filters, as task options: the firewall, SSIDs and access lists of each site.

    A site without an entry in `access_lists` was not read: its switches are not known to stop anything.
    """

    elements: Sequence[Mapping[str, Any]]
    policies: Sequence[Mapping[str, Any]]
    ssids: Mapping[str, Sequence[Mapping[str, Any]]]
    access_lists: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


class Row(NamedTuple):
    """A destination that a segment reaches, in the town's words."""

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
    """The verdict on an access of an isolated segment."""

    site: str
    segment: str
    zone: str
    access: str
    verdict: str
    excepted: tuple[str, ...]
    wrong: tuple[Row, ...]


def declared_rules(town: Derived) -> Rules:
    """Derive the rules from the declaration, as task options."""
    assert town.commune is not None
    intent, networks = smc_intent(town.commune), {name: meraki_intent(site) for name, site in town.sites.items()}
    return Rules(
        intent["elements"],
        intent["installed"],
        {name: network["ssids"] for name, network in networks.items()},
        {name: _access_rules(network["settings"]) for name, network in networks.items()},
    )


def _access_rules(settings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [rule for item in settings for rule in (item.get("access_lists") or {}).get("rules") or ()]


class Picture:
    """The town as traffic sees it: accesses, filters, names of places."""

    def __init__(self, town: Derived, rules: Rules, policy: str | None = None) -> None:
        assert town.commune is not None
        self.town, sites = town.commune, town.sites
        firewall = self.town["firewall"]
        judged = policy or firewall["policy"]
        if judged not in (known := [policy["name"] for policy in rules.policies if policy["type"] == "fw_policy"]):
            fault = f"la politique {judged} n’est pas dans ce qui a été lu : rien n’est calculé"
            raise Missing(fault, todo=f"Celles qui y sont : {', '.join(dict.fromkeys(known)) or 'aucune'} (--policy).")
        wifi = {(site, ssid["name"]): ssid_rules(ssid) for site, ssids in rules.ssids.items() for ssid in ssids}
        self.accesses = [*accesses((_seen(site, rules) for site in sites.values()), wifi), *others(firewall)]
        lists = {name: access_list(listed, name) for name, listed in rules.access_lists.items() if name in sites}
        self.core = self.town["core"]["site"] if self.town["core"] else None
        self.filters = Filters(
            RuleList(filter_rules(rules.elements, rules.policies, judged)),
            [CORE_RULE],
            routed_by_core(sites.values()),
            translations(rules.elements, rules.policies, judged),
            stops(lists, sites, self.core),
        )
        self.unread = [name for name, site in sites.items() if site["lifecycle"] in IN_SERVICE and name not in lists]
        self.inside = Ranges.union(map(addresses, firewall["prefixes"]))
        self._silent = Ranges.union(
            addresses(segment["subnet"]) for name in self.unread for segment in sites[name]["segments"].values()
        )
        self.names = Names(town)
        self._reached: dict[Access, list[Reached]] = {}

    def reached(self, access: Access) -> list[Reached]:
        """Give all that an access of this picture reaches; it is computed once."""
        if access not in self._reached:
            self._reached[access] = reached(access, self.filters)
        return self._reached[access]

    def range(self, text: str) -> Ranges:
        """Read the addresses of an end: a name of the matrix, or addresses. Raises `Missing`."""
        known = self.names.known
        for name in (text, f"{text}@every"):
            if name in known:
                return known[name]
        try:
            return addresses(text)
        except ValueError:
            fault = f"« {text} » n’est ni un nom de la matrice, ni une adresse"
            raise Missing(fault, todo=closest(text, known)) from None

    def rows(
        self,
        site: str | None = None,
        origin: Ranges | None = None,
        target: Ranges | None = None,
        beyond: Picture | None = None,
    ) -> list[Row]:
        """List the destinations reached; a site, addresses or another picture limit them."""
        matches = (
            entry
            for access in self._of(site)
            for entry in (self._beyond(access, beyond) if beyond else self.reached(access))
            if (origin is None or entry.box.sources & origin) and (target is None or entry.arrives & target)
        )
        return joined([self.row(_narrowed(entry, origin, target)) for entry in matches])

    def _beyond(self, access: Access, other: Picture) -> Iterator[Reached]:
        """List the destinations of an access that the other picture does not reach."""
        same = [known for known in other.accesses if _same(known, access)]
        there = [entry.box for known in same for entry in other.reached(known)]
        for entry in self.reached(access):
            for piece in remaining([entry.box], there):
                yield entry._replace(box=piece, arrives=entry.arrives if entry.changed else piece.destinations)

    def judged(self, site: str | None = None) -> list[Judged]:
        """Judge each access of the isolated segments, and of those that the core routes."""
        excepted = [*exceptions(self.town["firewall"]), *permitted(self.town["segmentation"])]
        verdicts = isolation(self._of(site), self.filters, self.inside, excepted)
        return [self._judged(verdict) for verdict in verdicts]

    def _of(self, site: str | None) -> list[Access]:
        return [access for access in self.accesses if site in (None, access.site)]

    def _judged(self, judged: Verdict) -> Judged:
        certain = [wrong for wrong in judged.wrong if wrong.exact and not self._in_doubt(wrong)]
        verdict = VIOLATED if certain else UNKNOWN if judged.wrong else ISOLATED
        exceptions = dict.fromkeys(entry.rules[-1].id for entry in judged.excepted)
        wrong = joined([self.row(entry) for entry in judged.wrong])
        access = judged.access
        return Judged(access.site, access.segment, access.zone, access.medium, verdict, tuple(exceptions), tuple(wrong))

    def _in_doubt(self, entry: Reached) -> bool:
        """Tell whether a list that was not read may stop all that passes at the core."""
        return entry.access.gateway == "core" and entry.arrives <= self._silent

    def row(self, entry: Reached) -> Row:
        access, names = entry.access, self.names
        whole = access.subnet <= entry.box.sources
        rules = [f"{rule.system} : {rule.id}" for rule in entry.rules] + (
            [f"traduction : {entry.changed}"] if entry.changed else []
        )
        return Row(
            access.site,
            access.segment,
            access.zone,
            (access.medium,),
            () if whole else tuple(names.places(entry.box.sources)),
            tuple(names.places(entry.arrives, access)),
            tuple(names.services(entry.box.services)),
            tuple(rules),
            entry.exact,
        )


def _same(access: Access, other: Access) -> bool:
    return (access.site, access.segment, access.medium) == (other.site, other.segment, other.medium)


def _seen(site: Site, rules: Rules) -> Site:
    """Give the site with the SSIDs of the rules, each in the segment of its VLAN."""
    if site["id"] not in rules.ssids:
        return site
    by_vlan = {segment["vlan"]: key for key, segment in site["segments"].items()}
    known = {ssid["name"]: ssid for ssid in site["ssids"]}
    ssids: list[Any] = []
    for ssid in rules.ssids[site["id"]]:
        key = by_vlan.get(client_vlan(ssid) or 0)
        if key and ssid.get("enabled"):
            declared: Any = known.get(ssid["name"], {"name": ssid["name"]})
            ssids.append({**declared, "enabled": True, "segment": key})
    return {**site, "ssids": ssids}


def _narrowed(entry: Reached, origin: Ranges | None, target: Ranges | None) -> Reached:
    sources = entry.box.sources & origin if origin else entry.box.sources
    arrives = entry.arrives & target if target else entry.arrives
    return entry._replace(box=Box(sources, entry.box.destinations, entry.box.services), arrives=arrives)


def joined(rows: Iterable[Row]) -> list[Row]:
    """Join the rows that differ in a single column: parts of a rule, or several accesses."""
    merged = list(rows)
    for column in ("destinations", "services", "accesses"):
        joined: dict[Row, list[str]] = {}
        for row in merged:
            values: Any = {column: ()}
            joined.setdefault(row._replace(**values), []).extend(getattr(row, column))
        merged = [Row(**{**row._asdict(), column: tuple(dict.fromkeys(joined[row]))}) for row in joined]
    return merged


class Names:
    """The names of addresses and services in the town."""

    def __init__(self, town: Derived) -> None:
        assert town.commune is not None
        firewall = town.commune["firewall"]
        known = meanings(firewall["elements"])
        prefix = f"{firewall['elements'][0]['name'].partition('-')[0]}-" if firewall["elements"] else ""
        places: dict[str, Ranges] = {}
        every: dict[str, list[Ranges]] = {}
        for site in town.sites.values():
            if site["lifecycle"] in IN_SERVICE:
                for key, segment in site["segments"].items():
                    places[f"{key}@{site['id']}"] = addresses(segment["subnet"])
                    every.setdefault(key, []).append(addresses(segment["subnet"]))
        places |= {f"{key}@every": Ranges.union(parts) for key, parts in every.items()}
        places |= {name: addresses(subnet) for name, subnet in firewall["shared"].items()}
        self._outside = ANYWHERE - Ranges.union(map(addresses, firewall["prefixes"]))
        self._every = {key: Ranges.union(parts) for key, parts in every.items()}
        taken = set(places.values())
        for element in firewall["elements"]:
            meaning, name = known[reference(element)], element["name"].removeprefix(prefix)
            if element["kind"] in ("network", "host", "group") and meaning not in taken:
                places.setdefault(name, meaning)
        self._places = _largest_first(places)
        self._elsewhere: dict[str, _Known] = {}
        """The names of places as each site sees them."""
        self._said: dict[tuple[Ranges, str, Ranges], list[str]] = {}
        """What was named: the addresses or services, seen from a site and its segment; many rows have the same."""
        # The services of Piste's own flows are shown by port: their names would hide those of the catalogue.
        self._services = _largest_first(
            {
                name: known[reference(element)]
                for element in firewall["elements"]
                if element["kind"] not in _NO_SERVICES
                and not (name := element["name"].removeprefix(prefix)).startswith(OF_PISTE)
            }
        )

    @property
    def known(self) -> dict[str, Ranges]:
        """The addresses of each place by name, the outside of the town among them."""
        return {**dict(self._places.ordered), OUTSIDE: self._outside}

    def places(self, addresses: Ranges, seen_from: Access | None = None) -> list[str]:
        """Name addresses: segments, servers, places, and prefixes for the rest.

        Seen from an access, a segment of all sites has that name without the access's own segment too, and is
        `@elsewhere` without that of its site.
        """
        site, own = (seen_from.site, seen_from.subnet) if seen_from else ("", NOTHING)
        key = (addresses, site, own)
        if key not in self._said:
            known = self._around(site) if seen_from else self._places
            self._said[key] = _called(addresses, known, say_addresses, own)
        return self._said[key]

    def _around(self, site: str) -> _Known:
        if site not in self._elsewhere:
            known = dict(self._places.ordered)
            for key, every in self._every.items():
                mine = known.get(f"{key}@{site}")
                if mine and every - mine:
                    known[f"{key}@elsewhere"] = every - mine
            self._elsewhere[site] = _largest_first(known)
        return self._elsewhere[site]

    @property
    def services_by_name(self) -> dict[str, Ranges]:
        return dict(self._services.ordered)

    def services(self, wanted: Ranges) -> list[str]:
        """Name services, and ports for the rest."""
        return say_services(wanted) if wanted in WHOLE else _called(wanted, self._services, say_services)


class _Known(NamedTuple):
    """Names and what they mean, the largest first; the first name of each meaning."""

    ordered: list[tuple[str, Ranges]]
    exact: dict[Ranges, str]


def _largest_first(known: Mapping[str, Ranges]) -> _Known:
    ordered = sorted(known.items(), key=lambda pair: -sum(last - first + 1 for first, last in pair[1].parts))
    return _Known(ordered, {meaning: name for name, meaning in reversed(ordered)})


def _called(wanted: Ranges, known: _Known, say: Any, own: Ranges = NOTHING) -> list[str]:
    if exact := known.exact.get(wanted):
        return [exact]
    called, left = [], wanted
    for name, meaning in known.ordered:
        if left.separate(meaning):
            continue
        others = meaning - own
        if others and not left.separate(others) and others <= left:
            called.append(name)
            left = left - others
    return [*called, *(say(left) if left else ())]
