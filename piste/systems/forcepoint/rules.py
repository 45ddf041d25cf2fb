"""Ordered list of rules as a value: keys, scopes of owners, wanted order. No I/O.

The key of a rule is the `[id:…]` of its comment, else its name if it is unique in the list. A rule with neither has a
digest of its content for id: constant as long as nobody changes the rule, and written nowhere until it is adopted.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from piste.engine.converge.values import stable
from piste.systems.forcepoint.order import staying
from piste.systems.forcepoint.policy_table import RULES, SECTION, WHOLE
from piste.systems.forcepoint.rule_codec import Rule

MADE = "r-"
"""Prefix of the ids made from the content."""


@dataclass(slots=True)
class Live:
    """A live rule.

    `key` is its key in the list, `brief` its id, name or header; `made` is true where this id is written nowhere.
    `raw` is its wire document, `path` its place. `sure` is false for a rule that this task has not read by itself.
    `decode` turns path and document into what people write, at the first use.
    """

    key: str
    brief: Rule
    raw: dict[str, Any]
    path: str
    made: bool = False
    sure: bool = True
    decode: Callable[[str, dict[str, Any]], Rule] | None = None
    _body: Rule | None = None

    @property
    def body(self) -> Rule:
        """The rule without its id."""
        if self._body is None:
            whole = self.decode(self.path, self.raw) if self.decode else self.brief
            self._body = {name: value for name, value in whole.items() if name != "id"}
        return self._body

    @property
    def rule(self) -> Rule:
        """The rule as people write it, with its id, made or written."""
        return {"id": self.brief["id"], **self.body} if "id" in self.brief else self.body

    @property
    def written(self) -> Rule:
        """The rule as it really is on the SMC, without a made id."""
        return self.body if self.made else self.rule


def passes_all(rule: Rule) -> bool:
    """Tell whether a rule lets everything pass, from anywhere to anywhere."""
    cells = (rule.get(name) for name in ("sources", "destinations", "services"))
    return "allow" in (rule.get("action") or ()) and not rule.get("disabled") and all(cell == ["any"] for cell in cells)


@dataclass(slots=True)
class Entry:
    """A place in a list: the rule `desired` there, or None to keep the live rule."""

    desired: Rule | None = None
    live: Live | None = None

    @property
    def rule(self) -> Rule:
        if self.desired is not None:
            return self.desired
        return self.live.rule if self.live else {}

    @property
    def brief(self) -> Rule:
        """Id and name of the rule, or its header."""
        return self.live.brief if self.desired is None and self.live else self.rule

    def changed(self, *, adopt: bool) -> bool:
        """True for a live rule that must be written; with `adopt`, its id is written too."""
        if self.live is None or self.desired is None:
            return False
        return stable(self.desired) != stable(self.live.written if adopt else self.live.rule)


@dataclass(slots=True)
class Arrangement:
    """A list in its wanted order, and the rules that leave it."""

    entries: list[Entry]
    gone: list[Live] = field(default_factory=list)

    def moved(self, order: Sequence[Live]) -> list[Entry]:
        """Fewest entries that have to move."""
        place = {live.path: at for at, live in enumerate(order)}
        known = [entry for entry in self.entries if entry.live]
        stay = staying([place[entry.live.path] for entry in known if entry.live])
        return [entry for at, entry in enumerate(known) if at not in stay]

    def reunited(self) -> Arrangement:
        """Pair each removed rule with the new rule of the same key: it moves, instead of both."""
        leaving = {live.key: live for live in self.gone}
        for entry, key in zip(self.entries, keys([entry.brief for entry in self.entries]), strict=True):
            if entry.live is None and (live := leaving.pop(key, None)):
                entry.live = live
        return Arrangement(self.entries, list(leaving.values()))

    def twice(self) -> list[str]:
        """Keys that two rules of the list would have."""
        named = Counter(keys([entry.brief for entry in self.entries]))
        return sorted(key for key, times in named.items() if times > 1)


def content_id(rule: Rule) -> str:
    """Id of a rule made from its content."""
    bare = {name: value for name, value in rule.items() if name != "id"}
    return MADE + hashlib.sha256(stable(bare).encode()).hexdigest()[:10]


def keys(rules: Iterable[Rule]) -> list[str]:
    """Key of each entry of a list; equal headers and insert points get a number."""
    seen: Counter[str] = Counter()
    result = []
    for rule in rules:
        key = _key(rule)
        seen[key] += 1
        heading = "section" in rule or "insert_point" in rule
        result.append(f"{key} #{seen[key]}" if heading and seen[key] > 1 else key)
    return result


def _key(rule: Rule) -> str:
    if "section" in rule:
        return f"section {rule['section']}"
    if "insert_point" in rule:
        return f"insertion {rule['insert_point']}"
    return str(rule.get("id") or rule.get("name") or "")


def copies(lives: Sequence[Live]) -> list[Live]:
    """Rules with the id of another rule: a copy made in the console has the same comment.

    The oldest rule owns the id.
    """
    seen: set[str] = set()
    result = []
    for live in sorted((live for live in lives if "id" in live.brief), key=_age):
        if live.brief["id"] in seen:
            result.append(live)
        seen.add(live.brief["id"])
    return result


def _age(live: Live) -> int:
    """Number at the end of the place of a rule, which grows with each new rule.

    This is [belief smc.rule_place].
    """
    number = re.search(r"/([0-9]{1,18})$", live.path)
    return int(number[1]) if number else 0


def named(lives: Sequence[Live]) -> list[Live]:
    """Give each rule of a list its key; a copy loses its id first."""
    for live in copies(lives):
        live.brief = {name: value for name, value in live.brief.items() if name != "id"}
    names = Counter(str(live.brief.get("name", "")) for live in lives if "id" not in live.brief)
    ids = Counter(str(live.brief["id"]) for live in lives if "id" in live.brief)
    for live in lives:
        name = live.brief.get("name")
        alone = name and names[str(name)] == 1 and name not in ids
        if alone or not {"id", "section", "insert_point"}.isdisjoint(live.brief):
            continue
        identity = content_id(live.body)
        ids[identity] += 1
        live.brief = {"id": identity if ids[identity] == 1 else f"{identity}-{ids[identity]}", **live.brief}
        live.made = True
    for live, key in zip(lives, keys(live.brief for live in lives), strict=True):
        live.key = key
    return list(lives)


def section_at(rules: Sequence[Rule], text: str) -> int | None:
    """Position of the header of a section; None without it."""
    return next((at for at, rule in enumerate(rules) if rule.get("section") == text), None)


def window(rules: Sequence[Rule], scope: str) -> list[int]:
    """Positions of the rules of a scope, without the header of a section."""
    kind, _, of = scope.partition(":")
    if kind == WHOLE:
        return list(range(len(rules)))
    if kind == RULES:
        return [at for at, rule in enumerate(rules) if str(rule.get("id", "")).startswith(of)]
    start = section_at(rules, of)
    if start is None:
        return []
    stop = next((at for at in range(start + 1, len(rules)) if "section" in rules[at]), len(rules))
    return list(range(start + 1, stop))


def arrange(
    entries: Sequence[Entry], scope: str, desired: Sequence[Rule] | None, before: str = "", *, adopt: bool = False
) -> Arrangement:
    """Arrange a list: `scope` gets the `desired` rules; None removes them, with their header.

    `before` is the section before which new rules or a new section are put. `adopt` takes a live rule without an id
    for the declared rule of the same content.
    """
    result = list(entries)
    kind, _, of = scope.partition(":")
    if kind == SECTION and desired and section_at([entry.brief for entry in result], of) is None:
        result.insert(_anchor(result, before), Entry({"section": of}))
    mine = window([entry.brief for entry in result], scope)
    present = [result[at] for at in mine]
    new = _matched(present, desired or (), adopt=adopt)
    kept = {id(entry.live) for entry in new if entry.live}
    gone = [entry.live for entry in present if entry.live and id(entry.live) not in kept]
    if kind == RULES:
        own = set(mine)
        others = [(at, entry) for at, entry in enumerate(result) if at not in own]
        return Arrangement(_woven(result, others, mine, new, before), gone)
    if kind == SECTION:
        header = section_at([entry.brief for entry in result], of)
        if header is None:
            return Arrangement(result, gone)
        after = header + 1 + len(present)
        first = header if desired is None else header + 1
        heading = result[header].live
        gone += [heading] if desired is None and heading else []
        return Arrangement([*result[:first], *new, *result[after:]], gone)
    return Arrangement(new, gone)


def _matched(present: Sequence[Entry], desired: Sequence[Rule], *, adopt: bool) -> list[Entry]:
    """Pair the desired rules with live rules: by id, by name, and with `adopt` by content."""
    lives = [entry.live for entry in present if entry.live]
    by_key = {live.key: live for live in lives}
    names = Counter(str(live.brief["name"]) for live in lives if "name" in live.brief)
    by_name = {name: live for live in lives if names[name := str(live.brief.get("name"))] == 1}
    taken: set[int] = set()
    result: list[Entry] = []
    for rule, key in zip(desired, keys(desired), strict=True):
        live = by_key.get(key)
        if (
            live is None
            and (other := by_name.get(str(rule.get("name"))))
            and not ("id" in rule and "id" in other.brief and not other.made)
        ):
            live = other
        if live is not None and id(live) not in taken:
            taken.add(id(live))
            result.append(Entry(rule, live))
        else:
            result.append(Entry(rule))
    if adopt:
        free: dict[str, list[Live]] = {}
        for live in lives:
            if live.made and id(live) not in taken:
                free.setdefault(content_id(live.body), []).append(live)
        for entry in result:
            if entry.live is None and (same := free.get(content_id(entry.rule))):
                entry.live = same.pop(0)
    return result


def _woven(
    result: Sequence[Entry], others: Sequence[tuple[int, Entry]], mine: Sequence[int], new: Sequence[Entry], before: str
) -> list[Entry]:
    """Weave rules among those of others: most stay, each other rule follows its predecessor."""
    place = {id(result[at].live): at for at in mine if result[at].live}
    known = [at for at, entry in enumerate(new) if entry.live]
    stay = {known[at] for at in staying([place[id(new[at].live)] for at in known])}
    woven: list[tuple[float, int, Entry]] = [(float(at), 0, entry) for at, entry in others]
    start = next((place[id(new[at].live)] for at in sorted(stay)), None)
    last = float(_anchor(list(result), before)) - 0.5 if start is None else start - 0.5
    for rank, entry in enumerate(new, start=1):
        if rank - 1 in stay:
            last = float(place[id(entry.live)])
        woven.append((last, rank, entry))
    return [entry for _, _, entry in sorted(woven, key=lambda placed: placed[:2])]


def _anchor(entries: Sequence[Entry], before: str) -> int:
    at = section_at([entry.brief for entry in entries], before) if before else None
    return len(entries) if at is None else at


def laid(rules: Sequence[Rule], scope: str, desired: Sequence[Rule] | None, before: str = "") -> list[Rule]:
    """Give a list in which a scope has the desired rules; None removes them, with their header."""
    named_rules = zip(keys(rules), rules, strict=True)
    entries = [Entry(live=Live(key, rule, {}, str(at))) for at, (key, rule) in enumerate(named_rules)]
    return [entry.rule for entry in arrange(entries, scope, desired, before).entries]
