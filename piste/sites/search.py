"""The search of a word: things that are declared or derived, lines, last changes, ways in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.runs.records.record import Entry, Record, is_own_account
from piste.sites.thing import Thing
from piste.sites.things import OBJECTS, things
from piste.town.model.derived import Derived

if TYPE_CHECKING:
    from piste.sites.flows import Row
    from piste.town.model.faults import Mark
    from piste.town.model.paths import KeyPath
    from piste.town.model.tree import Inventory, Variable

MAC = re.compile(r"(?:[0-9a-f]{2}[-:]?){5}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}", re.IGNORECASE)
_SHORTEST = 3
"""Characters of the shortest part of a name that is looked for; numbers are whole."""

_OF_THE_TOWN = ("network_policy", "mac")
"""Things of a site whose objects are the town's; their names contain the site."""


class Change(NamedTuple):
    """An operation of a record on a thing; `written` is false for a check that foresaw it.

    `sure` is false where its task died while it wrote: the operation is done or not.
    """

    run: str
    ended: str
    user: str | None
    action: str
    written: bool
    operation: dict[str, Any]
    sure: bool = True


class Way(NamedTuple):
    """Segments that reach an address by the same rules, for the same services."""

    origins: tuple[str, ...]
    services: tuple[str, ...]
    rules: tuple[str, ...]
    exact: bool


@dataclass(slots=True)
class Answer:
    """The answer to a word.

    `exact` is false where only parts of names match; `note` says what an address is, where no thing has it; `target`
    is the address or prefix that traffic reaches; `near` proposes names where nothing matches.
    """

    word: str
    matches: list[Thing] = field(default_factory=list)
    exact: bool = True
    note: str = ""
    target: str = ""
    near: list[str] = field(default_factory=list)


def search(town: Derived, word: str) -> Answer:
    """Look for a word among the things of the town."""
    known = list(things(town))
    if (network := _network(word)) is not None:
        return _at(town, word, network, known)
    if MAC.fullmatch(word):
        plain = re.sub(r"[-:.]", "", word).lower()
        matches = [
            thing
            for thing in known
            if any(name.replace(":", "").lower() == plain for name in (thing.name, *thing.words))
        ]
        note = "" if matches else "Rien de déclaré n’a cette adresse MAC."
        return Answer(word, matches, note=note)
    wanted = folded(word)
    matches = [thing for thing in known if wanted in map(folded, _names(thing))]
    if matches:
        return _known(word, matches)
    if len(wanted) >= _SHORTEST and not wanted.isdigit():
        parts = [thing for thing in known if any(wanted in folded(name) for name in (thing.name, *thing.words))]
        if parts:
            return Answer(word, parts, exact=False)
    names = {folded(name): thing.name for thing in known for name in (thing.name, *thing.words) if not name.isdigit()}
    near = get_close_matches(wanted, list(names), n=5, cutoff=0.7)
    return Answer(word, near=list(dict.fromkeys(names[name] for name in near)))


def _names(thing: Thing) -> tuple[str, ...]:
    """List the names of a thing; its owner behind `@` limits a name that several owners give."""
    return (thing.name, f"{thing.name}@{thing.owner}", *thing.words, *thing.keys)


def folded(text: str) -> str:
    """Write a text without case or accents, for comparison."""
    if text.isascii():
        return text.casefold().strip()
    plain = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold().strip()


def _network(word: str) -> IPv4Network | None:
    try:
        network = ip_network(word, strict=False)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) and ("." in word) else None


def _known(word: str, matches: list[Thing]) -> Answer:
    targets = list(dict.fromkeys(thing.network for thing in matches if thing.network))
    return Answer(word, matches, target=targets[0] if len(targets) == 1 else "")


def _at(town: Derived, word: str, network: IPv4Network, known: Sequence[Thing]) -> Answer:
    """Look for an address or a prefix: things that have it, then those that contain it."""
    texts = {str(network), str(network).removesuffix("/32")}
    exact = [thing for thing in known if texts & set(thing.words)]
    around = [
        thing
        for thing in known
        if thing not in exact and thing.kind in ("segment", "place") and network.overlaps(_prefix(thing.network))
    ]
    blocks = town.commune["firewall"]["prefixes"] if town.commune else []
    inside = any(network.subnet_of(_prefix(subnet)) for subnet in blocks)
    if not inside:
        around += [
            thing
            for thing in known
            if thing.kind == "element" and thing not in exact and any(_holds(text, network) for text in thing.words)
        ]
    note = _note(town, network, exact, around, inside=inside)
    if exact or around:
        return Answer(word, [*exact, *around], note=note, target=str(network).removesuffix("/32"))
    sites = [thing for thing in known if thing.kind == "site" and network.overlaps(_prefix(thing.facts["subnet"]))]
    return Answer(word, sites, note=note)


def _prefix(text: str) -> IPv4Network:
    return IPv4Network(text, strict=False)


def _holds(text: str, network: IPv4Network) -> bool:
    """Tell whether the value of an element of the firewall contains the network."""
    try:
        if "/" in text:
            return network.subnet_of(_prefix(text))
        first, _, last = text.partition("-")
        begin, end = IPv4Address(first), IPv4Address(last or first)
        return begin <= network.network_address and network.broadcast_address <= end
    except ValueError:
        return False


def _note(town: Derived, network: IPv4Network, exact: Sequence[Thing], around: Sequence[Thing], *, inside: bool) -> str:
    """Say what an address is where no thing has it: given by DHCP, free, in no segment."""
    if exact:
        return ""
    segments = [thing for thing in around if thing.kind in ("segment", "place")]
    if segments and network.prefixlen == network.max_prefixlen:
        pool = segments[0].facts.get("dhcp")
        if pool and _holds(pool.replace(" à ", "-"), network):
            return f"Distribuée par le DHCP ({pool}) : seul son serveur sait à qui."
        return "Dans un segment, ni réservée, ni distribuée par le DHCP."
    if segments:
        return ""
    if block := next((site for site in town.sites.values() if network.overlaps(_prefix(site["block"]))), None):
        return f"Dans aucun segment déclaré ; le bloc {block['block']} est celui de {block['id']}."
    if inside:
        return "Dans l’adressage de la ville, mais dans aucun segment déclaré : rien n’a cette adresse."
    return "Hors de l’adressage de la ville."


class Lines:
    """The lines of the declaration."""

    def __init__(self, tree: Inventory) -> None:
        self._tree = tree

    def of(self, thing: Thing) -> Mark | None:
        """Locate the declaration of a thing; None where the files do not have it."""
        # Imported here: only an answer with things needs the model.
        from piste.town.model.faults import Mark

        if thing.source:
            file, _, line = thing.source.rpartition(":")
            return Mark(file, int(line))
        if thing.owner not in self._tree.hosts:
            return None
        sources = self._tree.resolve(thing.owner)
        for variable, *rest in thing.paths:
            source = sources.get(str(variable))
            path = _real(source, rest) if source else None
            if source and path is not None:
                return source.mark(path)
        return None


def _real(source: Variable, path: Iterable[str | int]) -> KeyPath | None:
    """Turn names of items and numbers of ports into keys of the file; None where it lacks them."""
    value, keys = source.value, []
    for part in path:
        if isinstance(value, dict):
            key: Any = part if part in value else next((name for name in value if _covers(str(name), str(part))), None)
        elif isinstance(value, list):
            key = next((rank for rank, item in enumerate(value) if _is_named(item, part)), None)
        else:
            return None
        if key is None:
            return None
        value = value[key]
        keys.append(key)
    return tuple(keys)


def _covers(ports: str, number: str) -> bool:
    from piste.town.model.values import port_numbers

    try:
        return number.isdigit() and int(number) in port_numbers(ports)
    except ValueError:
        return False


def _is_named(item: Any, name: str | int) -> bool:
    return isinstance(item, dict) and any(
        folded(str(item.get(label, ""))) == folded(str(name)) for label in ("serial", "mac", "name")
    )


class History:
    """The operations of records, newest first, by the object that they are about."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_name: dict[str, list[Change]] = {}
        self._policies: list[Change] = []
        for record in records:
            for task in record["tasks"]:
                for operation in task["operations"]:
                    self._add(record, task, operation)

    def _add(self, record: Record, task: Entry, operation: dict[str, Any]) -> None:
        written = not task["check"]
        sure = not written or (task["status"] != "killed" and is_own_account(task))
        change = Change(record["id"], record["ended"], record["user"], operation["action"], written, operation, sure)
        names = {folded(operation["key"]), folded(operation["label"])}
        for name in names | {name.rpartition("/")[2] for name in names}:
            self._by_name.setdefault(name, []).append(change)
        if operation["system"] == "smc":
            self._policies.append(change)

    def of(self, thing: Thing) -> list[Change]:
        """List the changes of a thing; those of its namesakes at other sites are left out."""
        if thing.kind == "rule":
            # A rule is an element of its policy, which is the object of the operation.
            policies = self._policies
            return [change for change in policies if _rule(change, "before", thing) != _rule(change, "after", thing)]
        kinds = OBJECTS.get(thing.kind, ())
        names = dict.fromkeys(map(folded, _names(thing)))
        matches = [change for name in names for change in self._by_name.get(name, ())]
        same = {
            (change.run, change.operation["key"], change.written): change
            for change in matches
            if change.operation["kind"] in kinds
            and (change.operation["owner"] == thing.owner or thing.kind in _OF_THE_TOWN)
        }
        return sorted(same.values(), key=lambda change: change.run, reverse=True)

    def named(self, word: str) -> list[Change]:
        """List the changes of any object of that name, declared or not."""
        return self._by_name.get(folded(word), [])


def _rule(change: Change, moment: str, thing: Thing) -> Any:
    rules = (change.operation["content"][moment] or {}).get("ipv4_access")
    listed = rules if isinstance(rules, list) else []
    return next((rule for rule in listed if isinstance(rule, dict) and rule.get("id") == thing.name), None)


def ways(rows: Iterable[Row]) -> list[Way]:
    """Put together the rows of flows that differ by site or by segment alone."""
    together: dict[tuple[tuple[str, ...], tuple[str, ...], bool], dict[str, list[str]]] = {}
    for row in rows:
        rules = tuple(rule.removesuffix(f".{row.site}") for rule in row.rules)
        origins = together.setdefault((row.services, rules, row.exact), {})
        for place in row.sources or (row.segment,):
            sites = origins.setdefault(place, [])
            if not row.sources and row.site not in sites:
                sites.append(row.site)
    return [
        Way(tuple(_origin(place, sites) for place, sites in origins.items()), services, rules, exact)
        for (services, rules, exact), origins in together.items()
    ]


def _origin(place: str, sites: Sequence[str]) -> str:
    if not sites:
        return place
    return f"{place}@{sites[0]}" if len(sites) == 1 else f"{place} ({len(sites)} sites)"
