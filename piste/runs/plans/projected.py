"""Readings as they are once operations of a plan are done, or taken back.

Pure. Holdings are the options of each kind, by their holder: an owner, or `WHOLE` for a kind that is read for all
owners at once. The kind has its name in operations (`switch_port`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from piste.engine.converge.allowed import named
from piste.engine.converge.overlay import restrict, union, without
from piste.engine.converge.resource import Shape
from piste.engine.converge.secrets import as_references
from piste.engine.converge.values import stable
from piste.engine.kind import Kind
from piste.runs.plans.undo import is_untouched
from piste.systems import kinds
from piste.systems.forcepoint.policy_table import SECTION
from piste.systems.forcepoint.policy_table import WHOLE as ENTIRE
from piste.systems.forcepoint.rule_table import LISTS
from piste.systems.forcepoint.rules import laid, window

WHOLE = ""
"""Holder of the kinds that are read as a whole."""
POLICY = "policy"
Item = Mapping[str, Any]
Holdings = Mapping[str, Mapping[str, Sequence[Item]]]
"""Options by kind and holder. A kind, or an owner of a kind, that is absent was not read."""


class Noted(NamedTuple):
    """An operation, and what is to be known of it."""

    operation: Mapping[str, Any]
    why: str

    @property
    def line(self) -> str:
        return f"{named(self.operation)} : {self.why}"


class Projected(NamedTuple):
    """The holdings then, and what is to be known of some operations.

    The object of an `unread` operation was not read; that of a `moved` operation is not as the plan read it.
    """

    holdings: Holdings
    unread: list[Noted]
    moved: list[Noted]


def projected(holdings: Holdings, operations: Iterable[Mapping[str, Any]], *, back: bool = False) -> Projected:
    """Do operations of a plan, in order, on holdings; or take them `back`, the last first.

    What they do not touch is shared with the holdings given, which stay as they are.
    """
    work = _Work(holdings)
    for described in reversed(list(operations)) if back else operations:
        work.lay(described, back=back)
    return Projected(work.result(), work.unread, work.moved)


class _Options:
    """The options of a kind, to be changed; an item that has gone leaves its place empty."""

    def __init__(self, kind: Kind, known: Mapping[str, Sequence[Item]]) -> None:
        self.table = kind.table
        self.by_holder: dict[str, list[Item | None]] = {holder: list(items) for holder, items in known.items()}
        self._at: dict[tuple[str, str], int] = {}
        for holder, items in known.items():
            for at, item in enumerate(items):
                if key := self._key(item):
                    self._at.setdefault((holder, key), at)

    def _key(self, item: Item) -> str:
        return self.table.key_of(item) if all(part in item for part in self.table.key) else ""

    @property
    def traced(self) -> bool:
        """True where a key says more than its owner does: a serial number is in any network."""
        return self.table.key[0] == "serial"

    def find(self, owner: str, key: str) -> tuple[str, int] | None:
        """Find an object: with its owner, in what is read as a whole, else where its key leads."""
        others = self.by_holder if self.traced else ()
        return next(((holder, self._at[holder, key]) for holder in dict.fromkeys((owner, WHOLE, *others))
                     if (holder, key) in self._at), None)  # fmt: skip

    def get(self, place: tuple[str, int]) -> Item:
        item = self.by_holder[place[0]][place[1]]
        assert item is not None
        return item

    def holder(self, owner: str) -> str | None:
        """Name the holder of a new object of an owner; None where nothing of his was read."""
        return next((holder for holder in (owner, WHOLE) if holder in self.by_holder), None)

    def put(self, place: tuple[str, int], item: Item) -> None:
        """Change an object where it is."""
        holder, at = place
        self._at.pop((holder, self._key(self.get(place))), None)
        self.by_holder[holder][at] = item
        self._at[holder, self._key(item)] = at

    def add(self, holder: str, item: Item, before: int | None = None) -> None:
        if before is not None:
            self.by_holder[holder].insert(before, item)
            self._at |= {(whose, key): at + 1 for (whose, key), at in self._at.items()
                         if whose == holder and at >= before}  # fmt: skip
        else:
            self.by_holder[holder].append(item)
        at = len(self.by_holder[holder]) - 1 if before is None else before
        self._at[holder, self._key(item)] = at

    def remove(self, place: tuple[str, int]) -> None:
        self._at.pop((place[0], self._key(self.get(place))), None)
        self.by_holder[place[0]][place[1]] = None

    def within(self, holder: str, device: str) -> list[tuple[str, int]]:
        """List what a holder has, or what lies in a device of his."""
        known = [(key, (whose, at)) for (whose, key), at in self._at.items() if whose == holder]
        return [place for key, place in known if not device or key.partition("/")[0] == device]


class _Work:
    """Holdings on their way."""

    def __init__(self, holdings: Holdings) -> None:
        self._given = holdings
        self._touched: dict[str, _Options] = {}
        self.unread: list[Noted] = []
        self.moved: list[Noted] = []

    def result(self) -> Holdings:
        touched = {
            name: {holder: [item for item in items if item is not None] for holder, items in options.by_holder.items()}
            for name, options in self._touched.items()
        }
        return {**self._given, **touched}

    def _options(self, name: str) -> _Options | None:
        if name not in self._touched and name in self._given:
            self._touched[name] = _Options(kinds.of_object(name), self._given[name])
        return self._touched.get(name)

    def lay(self, described: Mapping[str, Any], *, back: bool) -> None:
        options = self._options(described["kind"])
        if options is None:
            self._unread(described, "rien de ce genre n’a été lu")
            return
        was, becomes = (as_references(described["content"][end]) for end in ("before", "after"))
        slot, key = str(described.get("slot") or described["key"]), str(described["key"])
        if back:
            was, becomes, slot = becomes, was, key
        if described["kind"] == POLICY and self._rules(options, described, was, becomes):
            return
        place = options.find(described["owner"], slot)
        if place is not None:
            self._compare(described, options.get(place), was, becomes)
        if becomes is None:
            self._remove(options, described, place)
        elif place is not None:
            whole = union(without(options.get(place), was or {}, becomes), becomes)
            # A slot that was free is not read.
            if back and is_untouched(becomes) and described["action"] != "reset":
                options.remove(place)
            else:
                options.put(place, whole)
        else:
            self._make(options, described, was, becomes)

    def _make(self, options: _Options, described: Mapping[str, Any], was: Item | None, becomes: Item) -> None:
        """Make an object that is not there: a new object, a free slot, what a new container has."""
        holder = options.holder(described["owner"])
        if holder is None:
            self._unread(described, "rien de ce propriétaire n’a été lu de ce genre")
        elif was is None:
            initial = options.table.initial if described["action"] == "create" else {}
            options.add(holder, {**initial, **becomes}, self._before(options, holder, becomes))
        elif is_untouched(was) or self._as_made(options, described, holder):
            options.add(holder, {**was, **becomes})
        else:
            self._unread(described, "l’objet n’a pas été lu")

    def _as_made(self, options: _Options, described: Mapping[str, Any], holder: str) -> bool:
        """Tell whether an object comes with a container, which has nothing of the kind yet."""
        device = str(described["key"]).partition("/")[0] if options.traced else ""
        devices = self._options("device") if device else None
        there = not device or (devices is not None and devices.find(holder, device) is not None)
        return options.table.shape is Shape.FIXED and there and not options.within(holder, device)

    @staticmethod
    def _before(options: _Options, holder: str, item: Item) -> int | None:
        """Place of a new section of a policy, where sections are items of their own."""
        wanted = {**item, "scope": f"{SECTION}:{item.get('before')}"} if options.table.name == POLICY else None
        place = options.find(holder, options.table.key_of(wanted)) if wanted else None
        return place[1] if place and place[0] == holder else None

    def _remove(self, options: _Options, described: Mapping[str, Any], place: tuple[str, int] | None) -> None:
        if place is None:
            self._unread(described, "l’objet n’a pas été lu")
            return
        options.remove(place)
        kind = kinds.of_object(described["kind"])
        for inner in kinds.within(kind.module):
            inside = self._options(inner.table.name)
            device = str(described["key"]) if described["kind"] == "device" else ""
            if inside is not None and (inside.traced or not device):
                for at in inside.within(described["owner"], device):
                    inside.remove(at)

    def _rules(self, options: _Options, described: Mapping[str, Any], was: Item | None, becomes: Item | None) -> bool:
        """Lay a part of a policy in its whole list; False where the part is an item of its own."""
        about = {**(was or {}), **(becomes or {})}
        if about["scope"] == ENTIRE or options.find(described["owner"], described["key"]):
            return False
        entire = options.find(described["owner"], options.table.key_of({**about, "scope": ENTIRE}))
        item = options.get(entire) if entire else {}
        if entire is None or not any(name in item for name in LISTS):
            return False
        changed = dict(item)
        for name in LISTS if becomes is None else [name for name in LISTS if name in becomes]:
            rules, known = None if becomes is None else becomes[name], item.get(name)
            if known is not None and (was is None or rules is None or stable(rules) != stable(was.get(name))):
                changed[name] = laid(known, about["scope"], rules, about.get("before", ""))
                present = {name: [known[at] for at in window(known, about["scope"])]}
                self._compare(described, present, None if was is None else {name: was.get(name, [])}, {name: rules})
        options.put(entire, changed)
        return True

    def _unread(self, described: Mapping[str, Any], why: str) -> None:
        self.unread.append(Noted(described, why))

    def _compare(self, described: Mapping[str, Any], item: Item, was: Item | None, becomes: Item | None) -> None:
        """Note where an object is not as an operation says that it was."""
        if was is None and any(item.values()):
            self.moved.append(Noted(described, "est déjà là"))
            return
        wrong = [
            name
            for name, wanted in (was or {}).items()
            if stable(restrict(item, {name: wanted})) != stable({name: wanted})
        ]
        if wrong and becomes is not None and stable(restrict(item, becomes)) == stable(becomes):
            self.moved.append(Noted(described, "est déjà ainsi"))
        elif wrong:
            self.moved.append(Noted(described, f"n’est plus comme le plan l’a lu ({', '.join(wrong)})"))
