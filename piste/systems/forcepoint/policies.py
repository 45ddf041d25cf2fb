"""Policies and their ordered lists: read whole, compared as values, changed in few writes.

Source: SMC API guide, "Firewall policies", "Create a rule", "Update an element". Nothing here installs anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

from piste.engine.converge.errors import Fault, Missing
from piste.engine.converge.normalise import from_wire, to_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, reading, truth
from piste.engine.converge.request import Request
from piste.engine.converge.values import stable
from piste.engine.words import agreed
from piste.systems.forcepoint import references, versions
from piste.systems.forcepoint.administration import lost
from piste.systems.forcepoint.driver import Gathered, SmcDriver
from piste.systems.forcepoint.policy_checks import faults_of
from piste.systems.forcepoint.policy_table import OF_THE_WHOLE, OPTIONS, POLICIES, TYPES, WHOLE, each_rule, label
from piste.systems.forcepoint.rule_base import RuleBase, Stand
from piste.systems.forcepoint.rule_codec import Rule, compact, decode, refs_of, unread
from piste.systems.forcepoint.rule_reads import Reader
from piste.systems.forcepoint.rule_table import LISTS, RuleList
from piste.systems.forcepoint.rule_writes import Writer
from piste.systems.forcepoint.rules import Arrangement, Entry, Live, arrange
from piste.systems.forcepoint.smc import Smc, is_system

UNFINISHED = "unfinished"
"""Name under which the run notes the policies whose rules are not all written: these are not installed."""


@dataclass(slots=True)
class GatheredPolicies(Gathered):
    """Result of a reading of policies; `stands` are the live policies by `type/name`."""

    stands: dict[str, Stand] = field(default_factory=dict)


class Policies(SmcDriver):
    """Driver of policies; `certain` reads every rule from the SMC, whatever the run has read."""

    resource = POLICIES
    options = OPTIONS
    locked = ("policies",)
    # The place of a rule counts, and sections and lists are written whole.
    together = True
    last: GatheredPolicies

    def __init__(
        self, smc: Smc, request: Request, *, adopt: bool = False, keep: Iterable[str] = (), certain: bool = False
    ) -> None:
        super().__init__(smc, request)
        self.adopt, self.keep = adopt, tuple(keep)
        self.colourless = False
        self.reader = Reader(smc, certain=certain)
        self.last = GatheredPolicies()

    @property
    def stands(self) -> dict[str, Stand]:
        """Policies of the last reading, by `type/name`."""
        return self.last.stands

    @classmethod
    def of(cls, connection: Smc, request: Request, params: Mapping[str, Any]) -> Self:
        return cls(connection, request, adopt=bool(params.get("adopt")), keep=params.get("keep") or ())

    @classmethod
    def relies(cls, operation: Operation, waiting: Operation) -> bool:
        """Also let a section wait for its policy to be made."""
        made, item = (waiting.after if waiting.action == "create" else None) or {}, operation.after or {}
        inside = waiting.kind == operation.kind and made.get("scope") == WHOLE and "name" in item
        return super().relies(operation, waiting) or (inside and _policy(item) == _policy(made))

    # declaration

    def asked(self, config: Iterable[Any]) -> list[Any]:
        items = [each_rule(item, lambda rule, name: compact(rule, LISTS[name])) for item in config]
        plain = [each_rule(item, _plain) for item in items]
        self.colourless = plain != items and not versions.has_colours(self.smc.api, self.smc.smc_version)
        return plain if self.colourless else items

    def remarks(self) -> list[str]:
        known = (
            "les couleurs des sections ne sont pas écrites : ce SMC, ou cette version de son API, ne les connaît pas"
        )
        copied = sorted(
            f"règle copiée dans la console, avec l’identifiant de {policy} {name} : {identity}"
            for policy, stand in self.stands.items()
            for name, base in stand.lists.items()
            for identity in base.copied
        )
        return [*super().remarks(), *([known] if self.colourless else []), *copied]

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        items = [item for item in desired if {"type", "scope", "name"} <= item.keys()]
        declared = {_policy(item) for item in items if item["scope"] == WHOLE}
        faults = [fault for item in items for fault in faults_of(item, self.resource.key_of(item))]
        entire = {(_policy(item), name) for item in items if item["scope"] == WHOLE for name in _lists(item)}
        for item in items:
            if item["scope"] != WHOLE and (both := [name for name in _lists(item) if (_policy(item), name) in entire]):
                where = f"config[{self.resource.key_of(item)}]"
                faults.append(Fault(where, f"la politique entière déclare déjà {', '.join(both)}"))
        for item in items:
            where = f"config[{self.resource.key_of(item)}]"
            for ref in self.missing(_designated(item), declared):
                users = [name for name in _lists(item) if any(ref in refs_of(rule, LISTS[name]) for rule in item[name])]
                faults.append(Fault(where, f"désigne « {ref} », qui n’existe pas ({', '.join(users) or 'politique'})"))
            rootless = item["type"] == "fw_policy" and item["scope"] == WHOLE and not item.get("template")
            if rootless and self.missing([_policy(item)]):
                faults.append(Fault(f"{where}.template", "manque : une politique neuve se fonde sur un modèle"))
            if self.missing([_policy(item)], declared):
                faults.append(Fault(where, f"la politique {_policy(item)} n’existe pas et n’est pas déclarée entière"))
        return faults

    # reading

    def read(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> GatheredPolicies:
        everything = whole and not desired
        kinds = list(TYPES) if everything else list(dict.fromkeys(item["type"] for item in desired))
        listed = {
            f"{kind}/{name}": path for kind in kinds for name, path in self.smc.listing(kind, fresh=fresh).items()
        }
        every = map(references.split, sorted(listed, key=_in_order))
        asked = list(desired) or [{"type": kind, "scope": WHOLE, "name": name} for kind, name in every]
        todo = {policy: listed[policy] for policy in map(_policy, asked) if policy in listed}
        documents = self.reader.policies(list(todo.values()), fresh=fresh)
        result = GatheredPolicies()
        for (policy, path), document in zip(todo.items(), documents, strict=True):
            if document is None or truth(document.get("trashed")) or (everything and is_system(document)):
                continue
            result.stands[policy] = Stand(path, document)
        self._read_lists(result, asked, whole=whole, fresh=fresh)
        for item in asked:
            stand, key = result.stands.get(_policy(item)), self.resource.key_of(item)
            live = self._item(stand, item, result.unknown, whole=whole)
            if live is not None:
                result.items[key] = live
                result.documents[key] = stand.document if stand else {}
        if everything:
            result.abroad = self.abroad(ref for item in result.items.values() for ref in _designated(item))
        return result

    def _read_lists(self, gathered: GatheredPolicies, asked: Sequence[Item], *, whole: bool, fresh: bool) -> None:
        todo: dict[tuple[str, str], list[Item]] = {}
        for item in asked:
            if (policy := _policy(item)) in gathered.stands:
                for name in self._lists_of(item, whole=whole):
                    todo.setdefault((policy, name), []).append(item)
        for (policy, name), items in todo.items():
            stand, entry = gathered.stands[policy], LISTS[name]

            def concerned(base: RuleBase, name: str = name, items: Any = items) -> set[str]:
                if whole or any(name not in item for item in items):
                    return {live.path for live in base}
                arrangement = self._arrangement(base, [(item, item[name]) for item in items])
                return self._touched(arrangement, list(base))

            decode = partial(self._decode, policy, entry, gathered.unknown)
            again = concerned if fresh else None
            stand.lists[name] = self.reader.read(self._place(stand, entry), decode, again, alone=whole)

    def _touched(self, arrangement: Arrangement, lives: Sequence[Live]) -> set[str]:
        """Paths of the rules that an arrangement changes, moves or removes."""
        moved = [entry.live for entry in arrangement.moved(lives)]
        changed = [entry.live for entry in arrangement.entries if entry.changed(adopt=self.adopt)]
        return {live.path for live in (*moved, *changed, *arrangement.gone) if live}

    def _lists_of(self, item: Item, *, whole: bool) -> list[str]:
        """Lists to read for an item: those that it declares; all where it declares nothing."""
        declared = _lists(item)
        bare = not declared and not any(name in item for name in OF_THE_WHOLE)
        return list(TYPES[item["type"]]) if whole or bare else declared

    def _decode(self, policy: str, entry: RuleList, unknown: set[str], path: str, document: Mapping[str, Any]) -> Rule:
        with reading(f"{policy} {entry.name} {path}"):
            same = versions.rule_from(document, self.smc.api)
            unknown |= {f"{entry.name}.{name}" for name in unread(same, entry)}
            return decode(same, entry, self.smc.name)

    def _place(self, stand: Stand, entry: RuleList) -> str:
        links = {link.get("rel"): link.get("href") for link in listed(stand.document.get("link"))}
        return references.path_of(links.get(entry.rel) or f"{stand.path}/{entry.type}")

    def _item(self, stand: Stand | None, item: Item, unknown: set[str], *, whole: bool) -> Item | None:
        """Live item of the scope of a declared item; None where there is nothing."""
        kind = item["scope"].partition(":")[0]
        result = {name: item[name] for name in ("name", "type", "scope")}
        result |= {"before": item["before"]} if "before" in item else {}
        names = [name for name in self._lists_of(item, whole=whole) if stand and name in stand.lists]
        mine = {name: stand.lists[name].about(item["scope"]) for name in names} if stand else {}
        asks_nothing = bool(_lists(item)) and not any(item[name] for name in _lists(item))
        if kind != WHOLE and all(lives is None for lives in mine.values()):
            return {**result, **{name: [] for name in _lists(item)}} if asks_nothing else None
        if stand is None:
            return None
        if kind == WHOLE:
            document = {name: self._named(stand.document, name) for name in OF_THE_WHOLE}
            with reading(_policy(item)):
                said = {name: value for name, value in document.items() if value not in (None, "")}
                result |= from_wire(self.resource.body, said, self.vault, {}, {})
            unknown |= self.unknown(stand.document, (*OF_THE_WHOLE, "name"))
        for name, lives in mine.items():
            result[name] = [live.written if self.adopt else live.rule for live in lives or ()]
        return result

    def _named(self, document: Mapping[str, Any], name: str) -> Any:
        value = document.get(name)
        return self.smc.name(value) if value not in (None, "") and name != "comment" else value

    # before the first write

    def label(self, key: str, item: Item) -> str:
        return label(item)

    def designation(self, operation: Operation) -> str:
        return _policy(_about(operation))

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Create sub-policies and templates first, remove them last; a policy before its sections."""
        rank = {kind: at for at, kind in enumerate(TYPES)}

        def place(operation: Operation) -> tuple[bool, int, bool]:
            about, gone = _about(operation), operation.action == "delete"
            at = rank[about["type"]]
            return gone, -at if gone else at, (about["scope"] != WHOLE) is not gone

        return sorted(operations, key=place)

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        reasons: list[str] = []
        for operation in operations:
            about = _about(operation)
            if operation.action == "delete" and about["scope"] == WHOLE:
                gone = [_policy(_about(other)) for other in operations if other.action == "delete"]
                if why := self.used(operation.name, self.stands[_policy(about)].path, gone):
                    reasons.append(why)
        for policy, names in self._arranged(operations).items():
            for name, arrangement in names.items():
                changed = [entry for entry in arrangement.entries if entry.changed(adopt=self.adopt)]
                touched = [entry.live for entry in changed if entry.live]
                locked = [live.key for live in [*touched, *arrangement.gone] if live.raw.get("locked")]
                if twice := arrangement.twice():
                    reasons.append(f"{policy} {name} : déjà l’identité d’une règle d’ailleurs : {', '.join(twice)}")
                if locked:
                    reasons.append(f"{policy} {name} : règles verrouillées dans le SMC : {', '.join(locked)}")
        return reasons

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        words: dict[str, str] = {}
        most = self.request.max_removals
        for operation in operations:
            if operation.action == "delete" and _about(operation)["scope"] == WHOLE:
                words[f"policy:{operation.name}"] = "supprimer une politique supprime toutes ses règles"
            before, after = operation.before or {}, operation.after or {}
            if operation.action == "update" and (old := before.get("template")) != (new := after.get("template", old)):
                words[f"template:{operation.name}"] = f"{new} remplacerait {old}, et toutes les règles qui en viennent"
        for policy, names in self._arranged(operations).items():
            stand = self.stands[policy]
            for name, arrangement in names.items():
                gone = [live.key for live in arrangement.gone]
                if len(gone) > most:
                    removed = f"{agreed(len(gone), 'règle(s) retirée(s)')} de {name}, {most} au plus sans confirmation"
                    words[f"rules:{references.split(policy)[1]}/{name}"] = f"{removed} : {', '.join(gone)}"
                for key, why in lost(list(stand.lists[name]), arrangement, self.keep):
                    words[f"administration:{key}"] = f"{policy} {name} : {why}"
        return words

    def _arranged(self, operations: Sequence[Operation]) -> dict[str, dict[str, Arrangement]]:
        """Arrangement to which all operations lead, by policy and list."""
        desired: dict[str, dict[str, list[tuple[Item, Any]]]] = {}
        for operation in operations:
            about = _about(operation)
            stand = self.stands.get(_policy(about))
            if stand and not (operation.action == "delete" and about["scope"] == WHOLE):
                lists = desired.setdefault(_policy(about), {})
                for name, rules in _changes(operation, stand).items():
                    lists.setdefault(name, []).append((about, rules))
        return {
            policy: {name: self._arrangement(self.stands[policy].lists[name], asked) for name, asked in lists.items()}
            for policy, lists in desired.items()
        }

    def _arrangement(self, base: RuleBase, asked: Sequence[tuple[Item, Any]]) -> Arrangement:
        """Arrangement of a list that gives each item its rules; None removes them."""
        result = Arrangement([Entry(live=live) for live in base])
        for item, rules in asked:
            new = arrange(result.entries, item["scope"], rules, item.get("before", ""), adopt=self.adopt)
            result = Arrangement(new.entries, [*result.gone, *new.gone])
        return result.reunited()

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        groups: dict[str, list[Operation]] = {}
        for operation in operations:
            groups.setdefault(_policy(_about(operation)), []).append(operation)
        for policy, group in groups.items():
            self._note(policy, unfinished=True)
            with self.sending(progress, *group):
                self._write(policy, group)
            for operation in group:
                progress.done(operation)
            self._note(policy, unfinished=False)

    def _note(self, policy: str, *, unfinished: bool) -> None:
        def change(known: Any) -> dict[str, bool]:
            return {**{name: True for name in known or {} if name != policy}, **({policy: True} if unfinished else {})}

        self.smc.shared.update(UNFINISHED, change)

    def _write(self, policy: str, group: Sequence[Operation]) -> None:
        for operation in group:
            if _about(operation)["scope"] == WHOLE:
                if operation.action == "delete":
                    self._delete(policy)
                    return
                self._write_document(policy, operation)
        stand = self.stands.get(policy)
        if stand is None:
            raise Missing(f"la politique {policy} n’existe pas", where=self.smc.host)
        for name, arrangement in self._arranged(group).get(policy, {}).items():
            entry = LISTS[name]
            place, lives = self._place(stand, entry), list(stand.lists[name])
            self.reader.forget(place, self._touched(arrangement, lives))
            Writer(self.smc, place, entry, lives, adopt=self.adopt).write(arrangement, lives)

    def _write_document(self, policy: str, operation: Operation) -> None:
        before, after = operation.before or {}, operation.after or {}
        kind, name = references.split(policy)
        declared = [key for key in OF_THE_WHOLE if key in after]
        changed = {key: after[key] for key in declared if stable(after[key]) != stable(before.get(key))}
        wire = to_wire(self.resource.body, {key: self._addressed(key, value) for key, value in changed.items()}, {})
        if operation.action == "create":
            wire = {key: value for key, value in wire.items() if value is not None}
            path = self.smc.create(self.smc.entry_points[kind], {"name": name, **wire})
            self.smc.learn(kind, name, path)
            lists = {list_name: RuleBase() for list_name in TYPES[kind]}
            self.stands[policy] = Stand(path, self.smc.document(path) or {}, lists)
        elif changed:
            stand = self.stands[policy]
            self.reader.forget_policy(stand.path)
            kept = {key: value for key, value in stand.document.items() if key != "etag"}
            self.smc.put(stand.path, {**kept, **wire}, stand.document["etag"])

    def _addressed(self, name: str, value: Any) -> Any:
        return self.smc.address(value) if value is not None and name != "comment" else value

    def _delete(self, policy: str) -> None:
        stand = self.stands[policy]
        self.reader.forget_policy(stand.path)
        self.smc.delete(stand.path, stand.document["etag"])
        self.smc.unlearn(*references.split(policy))


def _in_order(policy: str) -> tuple[int, str]:
    """Sort key of policies, so that two equal SMCs give the same export."""
    kind, name = references.split(policy)
    return list(TYPES).index(kind), name


def _policy(item: Mapping[str, Any]) -> str:
    """Reference `type/name` of the policy that an item is about."""
    return f"{item['type']}/{item['name']}"


def _about(operation: Operation) -> Item:
    return {**(operation.before or {}), **(operation.after or {})}


def _designated(item: Mapping[str, Any]) -> list[str]:
    """References of a policy and of all its rules."""
    own = [ref for name in OF_THE_WHOLE if name != "comment" and (ref := item.get(name))]
    return own + [ref for name in _lists(item) for rule in item[name] for ref in refs_of(rule, LISTS[name])]


def _lists(item: Mapping[str, Any]) -> list[str]:
    return [name for name in LISTS if name in item]


def _changes(operation: Operation, stand: Stand) -> dict[str, Any]:
    """Rules that an operation wants, by changed list; None removes them."""
    if operation.action == "delete":
        return dict.fromkeys(stand.lists)
    before, after = operation.before or {}, operation.after or {}
    return {
        name: after[name]
        for name in _lists(after)
        if name in stand.lists and (name not in before or stable(after[name]) != stable(before[name]))
    }


def _plain(rule: Any, _: str) -> Any:
    return {name: value for name, value in rule.items() if name != "color"} if isinstance(rule, Mapping) else rule
