"""Links of group policies to organizational units and to the domain's root.

Source: MS-GPOL 2.2.2 (`gPLink`), 2.2.3 (`gPOptions`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from piste.engine.converge.errors import Fault
from piste.engine.converge.orphan import Orphan, abandoned
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.resource import Field, Resource, Shape
from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Value
from piste.systems.windows.driver import OWNED, DirectoryDriver, sorted_items, spellings
from piste.systems.windows.entry import Entry
from piste.systems.windows.searches import PLACES, POLICIES

AWAITED = "awaited_gpo"
"""Kind under which a run notes the GPOs that it does not make, as they wait for a signed program."""
DISABLED, ENFORCED = 1, 2
"""Bits of a link's options."""
BLOCKED = 1
"""Bit of `gPOptions` of a place that inherits nothing."""
DEFAULTS = frozenset({"{31B2F340-016D-11D2-945F-00C04FB984F9}", "{6AC1786C-016F-11D2-945F-00C04FB984F9}"})
"""Policies of every domain, for itself and for its controllers (MS-GPOL 1.9)."""
_REDECLARE = "redéclarez-le (directory_links, site_units), ou retirez-le dans la console"

_LINK = re.compile(r"\[LDAP://([^\];]*);(\d+)\]", re.IGNORECASE)
GUID = re.compile(r"\{[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}\}", re.IGNORECASE)


def policy(name: str) -> str:
    """Normalise the name of a policy; a GUID in braces names a policy without a unique name."""
    return name.upper() if GUID.fullmatch(name) else name


GPO_LINKS = Resource(
    system="ad",
    name="gpo_links",
    doc="Liens de stratégies de groupe",
    shape=Shape.FIXED,
    key=("target",),
    parents={"organizational_unit": "target"},
    fields=(
        Field(
            "target",
            "Where the policies apply: path of an organizational unit, or C(/) for the whole domain.",
            required=True,
            normalise=dns.spelt,
        ),
        Field(
            "block_inheritance",
            "Whether policies from above stop here, those that are enforced excepted.",
            type="bool",
            default=False,
        ),
        Field(
            "links",
            "The links, by name of policy; null takes one away. Those that are not named stay in their place, unless "
            "the state is C(replaced) or C(overridden); links to policies that do not exist any more always stay, "
            "unless named by GUID.",
            type="map",
            default={},
            normalise_key=policy,
            of=(
                Field("enforced", "Whether it holds against what is below.", type="bool", default=False),
                Field("enabled", "Whether it acts at all.", type="bool", default=True),
            ),
        ),
        Field(
            "order",
            "Names of policies in the order that the console shows: the first wins over the next. Links that are not "
            "named here keep their place; without it a new link comes last.",
            type="list",
            normalise=policy,
        ),
    ),
)


class Link(NamedTuple):
    """One link of the directory; `name` is empty where the policy no longer exists."""

    dn: str
    options: int
    name: str


def parse(text: str, names: Mapping[str, str]) -> list[Link]:
    """Links of a `gPLink` in the console's order, from its end. `names` are by normal DN."""
    links = [(dn, int(options)) for dn, options in _LINK.findall(text)]
    return [Link(dn, options, names.get(dns.normal(dn), "")) for dn, options in reversed(links)]


def build(links: Sequence[Link]) -> str:
    return "".join(f"[LDAP://{link.dn};{link.options}]" for link in reversed(links))


def arranged(links: Sequence[Link], order: Sequence[str]) -> list[Link]:
    """Sort the links that `order` names, among the places of these links."""
    ranked = sorted((link for link in links if link.name in order), key=lambda link: order.index(link.name))
    return [ranked.pop(0) if link.name in order else link for link in links]


@dataclass(frozen=True, slots=True)
class Policies:
    """Policies of a domain, as links name them."""

    called: Mapping[str, str]
    """Name by normal DN; the GUID of a policy that shares its name."""
    by_name: Mapping[str, str]
    """DN by folded name, and by folded GUID."""
    shared: Set[str]
    """Folded names that several policies share."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        names = {entry.dn: entry.text("displayName") or "" for entry in entries}
        count = Counter(map(dns.fold, names.values()))
        guids = {dn: guid_of(dn) for dn in names}
        called = {dn: name if name and count[dns.fold(name)] == 1 else guids[dn] for dn, name in names.items()}
        return cls(
            {dns.normal(dn): name for dn, name in called.items()},
            {dns.fold(name): dn for dn, name in called.items()} | {dns.fold(guid): dn for dn, guid in guids.items()},
            {name for name, number in count.items() if number > 1},
        )


class GpoLinks(DirectoryDriver):
    resource = GPO_LINKS
    options = OWNED

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self.links: dict[str, list[Link]] = {}
        """Links of each place in the console's order, as last read."""
        self.policies = Policies.of([])
        self.awaiting: list[str] = []

    def asked(self, config: Iterable[Any]) -> list[Any]:
        """Leave out the links to GPOs that wait for a signed program, and were never made."""
        self.awaiting = []
        awaited = self.directory.shared.planned(AWAITED)
        return [self._without(item, awaited) if awaited and isinstance(item, Mapping) else item for item in config]

    def _without(self, item: Mapping[str, Any], awaited: Mapping[str, Any]) -> dict[str, Any]:
        links = item.get("links") or {}
        left = [name for name, link in links.items() if link is not None and dns.fold(name) in awaited]
        self.awaiting += [f"{item.get('target')} : le lien vers « {name} » attend cette stratégie" for name in left]
        kept = {"links": {name: link for name, link in links.items() if name not in left}} if left else {}
        order = {"order": [name for name in item.get("order") or () if name not in left]} if left else {}
        return {**item, **kept, **({name: value for name, value in order.items() if name in item})}

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {item["target"]: item for item in desired}
        spelling = spellings(asked)
        self.policies = Policies.of(self.directory.find(POLICIES, fresh=fresh))
        self.raw, self.links, items = {}, {}, {}
        for entry in self.directory.find(PLACES, self.dn(self.base), fresh=fresh):
            path = self.path(entry.dn)
            key = spelling.get(dns.folded_path(path), path)
            if self.mine(path):
                self.raw[key] = entry
                self.links[key] = self._named(entry, asked.get(key, {}))
                items[key] = self._item(key, entry, asked.get(key, {}), whole=whole)
        planned = map(dns.folded_path, self.directory.shared.planned("organizational_unit"))
        coming = {spelling[path] for path in planned if path in spelling}
        for key, item in asked.items():
            if key not in items and (key in coming or not _asks(item)):
                items[key] = {"target": key, "block_inheritance": False, "links": {}}
                if "order" in item:
                    items[key]["order"] = []
        empty = {"block_inheritance": False, "links": {}, "order": []}
        return {
            key: item
            for key, item in sorted_items(items).items()
            if not whole or key in asked or item != {"target": key} | empty
        }

    def _named(self, entry: Entry, desired: Item) -> list[Link]:
        """Links of a place, with names spelt as declared; a lost policy has its GUID if declared so."""
        declared = [*desired.get("links", {}), *desired.get("order", ())]
        known = self.policies.by_name
        by_dn = {dns.normal(known[dns.fold(name)]): name for name in declared if dns.fold(name) in known}
        links = []
        for link in parse(entry.text("gPLink") or "", self.policies.called):
            guid = guid_of(link.dn)
            live = by_dn.get(dns.normal(link.dn), link.name)
            links.append(link._replace(name=live or (guid if guid in declared else "")))
        return links

    def _item(self, key: str, entry: Entry, desired: Item, *, whole: bool) -> Item:
        links = [link for link in self.links[key] if link.name]
        item: Item = {
            "target": key,
            "block_inheritance": bool(entry.number("gPOptions") & BLOCKED),
            "links": {link.name: _options(link.options) for link in links},
        }
        if whole or "order" in desired:
            names = [link.name for link in links]
            item["order"] = names if whole else [name for name in names if name in desired["order"]]
        return item

    def reset(self, key: str, item: Item) -> Item:
        return {"block_inheritance": False, "links": dict.fromkeys(item["links"])}

    def remarks(self) -> list[str]:
        gone = [f"{key} : lien vers une stratégie qui n’existe plus, laissé : {guid}" for key, guid in self.lost()]
        odd = [f"{key} : gPLink tient autre chose que des liens, sans effet" for key in self.odd()]
        return [*self.awaiting, *gone, *odd]

    def odd(self) -> list[str]:
        """Places whose list holds something else than links; the next change drops it."""
        return [key for key, entry in self.raw.items() if _LINK.sub("", entry.text("gPLink") or "").strip()]

    def lost(self) -> list[tuple[str, str]]:
        """Place and GUID of each link to a policy that no longer exists, as last read."""
        gone = ((key, link) for key, links in self.links.items() for link in links if not link.name)
        return [(key, guid_of(link.dn)) for key, link in gone]

    def abandoned(self, desired: Sequence[Item]) -> Iterator[Orphan]:
        """Yield the links that nobody declares in the units of the owner."""
        declared = {item["target"]: {dns.fold(name) for name in item.get("links", {})} for item in desired}
        tops = {dns.folded_path(target).partition("/")[0] for target in declared if target != dns.ROOT}
        for place, links in self.links.items():
            if place not in declared and dns.folded_path(place).partition("/")[0] not in tops:
                continue
            for link in links:
                known = {*declared.get(place, ()), ""}
                if dns.fold(link.name) not in known and guid_of(link.dn) not in DEFAULTS:
                    yield abandoned("gpo_link", f"{place} → {link.name}", _REDECLARE)

    def announce(self, planned: object) -> None:
        return

    # before the first write

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        planned = set(map(dns.fold, self.directory.shared.planned("gpo")))
        named = {dns.fold(name) for item in desired for name, link in item.get("links", {}).items() if link is not None}
        policies = Policies.of(self.directory.find(POLICIES, fresh=False))
        if named - planned - policies.by_name.keys():  # only an answer of the controller may refuse a task
            self.directory.forget()
            policies = Policies.of(self.directory.find(POLICIES, fresh=False))
        missing = self.absent_places(item["target"] for item in desired if "target" in item and _asks(item))
        faults = []
        for item in desired:
            faults += self.not_mine(item, "target", missing)
            for name in item.get("order", ()):
                if name in item.get("links", {}) and item["links"][name] is None:
                    faults.append(self.fault(item, f"order[{name}]", "ordonnée, alors que son lien est à retirer"))
            for name, link in item.get("links", {}).items():
                if link is None:
                    continue
                if dns.fold(name) in policies.shared:
                    what = "plusieurs stratégies portent ce nom : désignez-la par son GUID, ou renommez-en une"
                    faults.append(self.fault(item, f"links[{name}]", what))
                elif dns.fold(name) not in policies.by_name.keys() | planned:
                    faults.append(self.fault(item, f"links[{name}]", "stratégie inconnue dans ce domaine"))
        return faults

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """Refuse an order that names a policy without a link: nothing gives its place."""
        reasons = []
        for operation in operations:
            after = operation.after or {}
            linked = {link.name for link in self.links.get(operation.key, ())} | {*after.get("links", {})}
            reasons += [
                f"« {name} » est ordonnée sur « {operation.key} », mais n’y est pas liée"
                for name in after.get("order", ())
                if name not in linked
            ]
        return reasons

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        reasons = {}
        for operation in operations:
            before, after = (operation.before or {}).get("links", {}), (operation.after or {}).get("links", {})
            for link in self.links.get(operation.key, ()):
                weaker = before.get(link.name, {}).get("enabled") and not after.get(link.name, {}).get("enabled")
                if weaker and guid_of(link.dn) in DEFAULTS:
                    reasons[f"default_policy:{operation.key}"] = f"« {link.name} » ne s’appliquerait plus"
        return reasons

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            entry = self.raw[operation.key]
            after, before = operation.after or {}, operation.before or {}
            changes: dict[str, tuple[Sequence[Value], Sequence[Value]]] = {}
            text = build(self._after(operation.key, before.get("links", {}), after))
            if text != build(self.links[operation.key]):
                changes["gPLink"] = (entry.raw("gPLink"), [text] if text else [])
            if after["block_inheritance"] != before["block_inheritance"] if "block_inheritance" in after else False:
                options = entry.number("gPOptions") & ~BLOCKED | (BLOCKED if after["block_inheritance"] else 0)
                changes["gPOptions"] = (entry.raw("gPOptions"), [options])
            with self.sending(progress, operation):
                self.directory.modify(entry.dn, changes)
            progress.done(operation)

    def _after(self, key: str, before: Mapping[str, Item], after: Item) -> list[Link]:
        """Links of a place after an operation; untouched links stay where they are."""
        desired: Mapping[str, Item] = after.get("links", {})
        kept = [
            link._replace(options=_bits(desired[link.name], link.options)) if link.name in desired else link
            for link in self.links[key]
            if link.name in desired or link.name not in before
        ]
        new, known = desired.keys() - {link.name for link in kept}, self.policies.by_name
        comes = [Link(known[dns.fold(name)], _bits(desired[name], 0), name) for name in desired if name in new]
        return arranged([*kept, *comes], after.get("order", ()))


def _asks(item: Item) -> bool:
    """False for an item that only removes: an absent place has no links."""
    links = [link for link in item.get("links", {}).values() if link is not None]
    return bool(links or item.get("block_inheritance") or item.get("order"))


def guid_of(dn: str) -> str:
    """GUID in braces of a policy: the name of its object."""
    return dns.split(dn)[0][1].upper()


def _options(bits: int) -> dict[str, bool]:
    return {"enforced": bool(bits & ENFORCED), "enabled": not bits & DISABLED}


def _bits(options: Mapping[str, bool], live: int) -> int:
    """Options of a link; undocumented bits stay as they are."""
    return (
        live & ~(ENFORCED | DISABLED)
        | (ENFORCED if options["enforced"] else 0)
        | (0 if options["enabled"] else DISABLED)
    )
