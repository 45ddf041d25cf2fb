"""The inverse of a run, as `config` and `absent` for the same modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.normalise import exported
from piste.engine.converge.resource import UNSET, Field, Resource, Shape
from piste.engine.converge.secrets import Secret, as_references, is_described
from piste.runs.plans import accounts
from piste.runs.plans.accounts import is_account
from piste.systems import kinds

Tasks = dict[str, dict[str, dict[str, dict[str, list[Any]]]]]
"""Options of the modules, `{owner: {phase: {module: {config, absent}}}}`.

Removed objects are *restored* first, in the order of creation; the others are *returned*, in the reverse order."""
RESTORED, RETURNED = "restored", "returned"
Described = Mapping[str, Any]


def inverse(operations: Sequence[Described], contents: Sequence[Described] = ()) -> tuple[Tasks, list[str]]:
    """Give the options that bring each object back, and a line for each that cannot come back.

    `contents` are the contents of the removed objects, from their record. The contents of a new network or device go
    with it. An object of two operations goes back to its first state.
    """
    gone = [described for described in operations if is_account(described)]
    tasks, lost = _Inverse([described for described in operations if not is_account(described)], contents).run()
    return _with_accounts(tasks, gone, "before"), [*lost, *accounts.lost(gone)]


def outcome(operations: Sequence[Described]) -> Tasks:
    """Give the options that have nothing to do once the operations are done."""
    drafts = _Drafts()
    removed = _Removed(operations)
    for described in operations:
        if not is_account(described) and (described["action"] == "delete" or not removed.holder_of(described)):
            drafts.of(described, RETURNED).bring(described)
    return _with_accounts(drafts.tasks(), [described for described in operations if is_account(described)], "after")


def _with_accounts(tasks: Tasks, operations: Sequence[Described], end: str) -> Tasks:
    """Add accounts as they are at an end of their operations."""
    for module, config in accounts.config(operations, end).items():
        phases = tasks.setdefault("commune", {RESTORED: {}, RETURNED: {}})
        phases[RETURNED][module] = {"config": config, "absent": []}
    return tasks


def _of_a_device() -> tuple[str, ...]:
    """The kinds that come and go with a device; their keys begin with its serial number."""
    return tuple(kind.table.name for kind in kinds.within("meraki_devices"))


def _of_a_network() -> set[str]:
    """The kinds that come and go with a network of their owner."""
    return {kind.table.name for kind in kinds.within("meraki_networks")}


class _Drafts:
    """The options of each module, by owner and phase."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, str, str], _Draft] = {}

    def of(self, described: Described, phase: str) -> _Draft:
        return self.named(described["owner"], phase, kinds.of_object(described["kind"]).module)

    def named(self, owner: str, phase: str, module: str) -> _Draft:
        return self._drafts.setdefault((owner, phase, module), _Draft(kinds.BY_MODULE[module].table, owner))

    def tasks(self) -> Tasks:
        tasks: Tasks = {}
        for (owner, phase, module), draft in self._drafts.items():
            phases = tasks.setdefault(owner, {RESTORED: {}, RETURNED: {}})
            phases[phase][module] = {"config": list(draft.config.values()), "absent": draft.absent}
        return tasks


class _Removed:
    """The objects that are gone after the operations."""

    def __init__(self, operations: Sequence[Described]) -> None:
        last = {(o["owner"], o["kind"], o["key"]): o["action"] for o in operations}
        self._gone = {identity for identity, action in last.items() if action == "delete"}
        self._networks = {owner for owner, kind, _ in self._gone if kind == "network"}

    def itself(self, described: Described) -> bool:
        return (described["owner"], described["kind"], described["key"]) in self._gone

    def holder_of(self, described: Described) -> bool:
        """Tell whether the object, or what contained it, is gone."""
        device = (described["owner"], "device", str(described["key"]).partition("/")[0])
        in_network = described["kind"] in _of_a_network() and described["owner"] in self._networks
        return in_network or (described["kind"] in ("device", *_of_a_device()) and device in self._gone)


class _Inverse:
    def __init__(self, operations: Sequence[Described], contents: Sequence[Described]) -> None:
        self.operations = operations
        self.holds = {(content["owner"], content["kind"], content["key"]): content["holds"] for content in contents}
        self.new_networks = {o["owner"] for o in operations if o["kind"] == "network" and o["action"] == "create"}
        self.new_devices = {o["key"] for o in operations if o["kind"] == "device" and o["action"] == "create"}
        self.removed = _Removed(operations)
        self.drafts = _Drafts()
        self.lost: list[str] = []

    def run(self) -> tuple[Tasks, list[str]]:
        for described in reversed(self.operations):
            if self._goes_with_its_holder(described):
                continue
            if why := kinds.of_object(described["kind"]).unreturned:
                self._say(described, [why])
                continue
            gone = self.removed.itself(described) or self.removed.holder_of(described)
            draft = self.drafts.of(described, RESTORED if gone else RETURNED)
            draft.take_back(described)
            self._say(described, draft.losses(described))
            if described["action"] == "delete":
                renewed = kinds.of_object(described["kind"]).renewed
                self._say(described, [renewed] if gone and renewed else [])
                self._refill(described)
        return self.drafts.tasks(), self.lost

    def _goes_with_its_holder(self, described: Described) -> bool:
        """Tell whether the object lies in a network or a device that the run made."""
        kind = described["kind"]
        in_new_network = described["owner"] in self.new_networks and kind in _of_a_network() - {"device"}
        return in_new_network or (kind in _of_a_device() and described["key"].partition("/")[0] in self.new_devices)

    def _refill(self, described: Described) -> None:
        """Give back the contents of a removed object, as far as the record has them."""
        holds = self.holds.get((described["owner"], described["kind"], described["key"]))
        holder = described["kind"] in ("network", "device")
        if holds is None:
            unnoted = "ce qui est parti avec lui n’a pas été noté, il se refait depuis la déclaration"
            self._say(described, [unnoted] if holder else [])
            return
        for module, parts in holds.items():
            self.drafts.named(described["owner"], RESTORED, module).refill(parts)
        rest = "rendu avec ce que Piste en gère ; le reste, et son historique, sont perdus"
        self._say(described, [rest] if holder else [])
        returned = [kind for kind in kinds.within("meraki_networks") if not kind.unreturned]
        unread = [kind.table.doc for kind in returned if kind.module not in holds]
        if described["kind"] == "network" and unread:
            self._say(described, [f"sans ce qui n’a pas pu y être lu : {', '.join(unread)}"])
        if paths := sorted({secret["secret"] for secret in _secrets(holds)}):
            self._say(described, [f"ses secrets sont repris du coffre, qui fait foi : {', '.join(paths)}"])

    def _say(self, described: Described, lines: Iterable[str]) -> None:
        self.lost += [f"{described['owner']} / {described['kind']} {described['label']} : {line}" for line in lines]


class _Draft:
    """Give the options of a module for an owner."""

    def __init__(self, resource: Resource, owner: str) -> None:
        self.resource, self.owner = resource, owner
        self.config: dict[str, dict[str, Any]] = {}
        self.absent: list[str] = []

    def take_back(self, described: Described) -> None:
        """Ask for the state before the operation; operations come last first."""
        key, before, after = described["key"], described["content"]["before"], described["content"]["after"] or {}
        later = self.config.pop(key, {})
        slots = self.resource.shape is Shape.SLOTS
        if before is None or ("slot" in described and slots and not self._named_again(described)):
            self._remove(key)
            later = {}
        if before is None or is_untouched(before):
            return
        same = {secret["fingerprint"]: secret["secret"] for secret in _secrets(after)}
        item = {**later, **self._item(before, after, same)}
        formerly = any(field.name == "formerly" for field in self.resource.fields)
        if formerly and (named := self.resource.key_of(before)) != key:
            item["formerly"] = [key]
        else:
            named = self.resource.key_of(item)
        self._keep(named, item)

    def _named_again(self, described: Described) -> bool:
        """Tell whether an object only got its name back in its place: name and state alone changed."""
        before, telling = described["content"]["before"], set(self.resource.telling)
        if is_untouched(before) or not telling or not telling <= before.keys():
            return False
        return {*described["fields"]} <= {*self.resource.key, *(self.resource.off or ())}

    def bring(self, described: Described) -> None:
        """Ask for the state after the operation; operations come first first."""
        key, before, after = described["key"], described["content"]["before"], described["content"]["after"]
        if after is None or described["action"] == "reset":
            self.config.pop(key, None)
            self._remove(key)
        else:
            self._keep(key, {**self.config.get(key, {}), **self._item(after, before or {}, {})})

    def refill(self, parts: Mapping[str, Sequence[Any]]) -> None:
        for item in parts.get("config", ()):
            key = self.resource.key_of(item)
            self._keep(key, {**self._item(item, {}, {}), **self.config.get(key, {})})
        for key in parts.get("absent", ()):
            self._remove(key)

    def _keep(self, key: str, item: dict[str, Any]) -> None:
        self.config[key] = item
        self.absent = [other for other in self.absent if other != key]

    def _remove(self, key: str) -> None:
        self.absent = [*(other for other in self.absent if other != key), key]

    def _item(self, wanted: Described, other: Described, same: Mapping[str, str]) -> dict[str, Any]:
        item: dict[str, Any] = as_references(_previous(self.resource.fields, wanted, other, same, self.owner))
        return item

    def losses(self, described: Mapping[str, Any]) -> Iterator[str]:
        before, after = described["content"]["before"], described["content"]["after"]
        if before is None:
            return
        kept = {secret["fingerprint"] for secret in _secrets(after)}
        for secret in _secrets(before):
            if secret["fingerprint"] not in kept:
                yield f"son ancien secret n’est noté nulle part, le coffre fait foi ({secret['secret']})"
        for part in self.resource.parts:
            if after and part.name in after:
                if part.name not in before and not is_untouched(before):
                    yield f"{part.name} a été effacé sans avoir été lu"
                else:
                    yield from _indelible(part, before.get(part.name), after[part.name], part.name)
        yield from _forgotten(self.resource.fields, before, after or {})


def is_untouched(before: Mapping[str, Any]) -> bool:
    """Tell whether a slot was not configured."""
    return str(before.get("name", "")).startswith("Unconfigured SSID")


def _previous(
    fields: Sequence[Field], before: Mapping[str, Any], after: Mapping[str, Any], same: Mapping[str, str], owner: str
) -> dict[str, Any]:
    """Write `before` as a declaration.

    Null stands for an absent value that can be cleared, a reference for each secret.
    """
    result: dict[str, Any] = {}
    for field in fields:
        old, new = before.get(field.name), after.get(field.name)
        if field.name not in before:
            if field.name in after and field.nullable:
                result[field.name] = None
            elif (emptied := _emptied(field, new)) is not UNSET:
                result[field.name] = emptied
        elif field.type == "map" and isinstance(old, Mapping):
            result[field.name] = _previous_entries(field, old, new or {}, same, owner)
        elif isinstance(old, Mapping) and is_described(old):
            result[field.name] = Secret(same.get(old["fingerprint"], old["secret"]))
        elif field.type == "dict" and field.of and isinstance(old, Mapping):
            inner = new if isinstance(new, Mapping) else {}
            result[field.name] = _previous(field.of, old, inner, same, owner)
        elif field.is_list_of_dicts and isinstance(old, list):
            known = {field.identity_of(element) for element in new or ()} if field.identity else set()
            elements = [_previous(field.of, element, element, same, owner) for element in old]
            result[field.name] = [
                element if field.identity_of(element) in known else exported(field.of, element, {"owner": owner})
                for element in elements
            ]
        else:
            result[field.name] = old
    return result


def _previous_entries(
    field: Field, old: Mapping[str, Any], new: Mapping[str, Any], same: Mapping[str, str], owner: str
) -> dict[str, Any]:
    """Give a map as it was: new entries go by null, those that left come back whole."""
    entries: dict[str, Any] = {key: None for key in new if key not in old}
    for key, entry in old.items():
        if field.of and isinstance(entry, Mapping):
            whole = _previous(field.of, entry, entry, same, owner)
            entries[key] = whole if key in new else exported(field.of, whole, {"owner": owner, "key": key})
        else:
            entries[key] = entry
    return entries


def _emptied(field: Field, new: Any) -> Any:
    """Give what removes a value that came.

    Null for each entry of a map, an empty list, at any depth; UNSET where nothing removes it.
    """
    if isinstance(new, list) and field.default == []:
        return []
    if not isinstance(new, Mapping):
        return UNSET
    if field.type == "map":
        return dict.fromkeys(new) or UNSET
    inner = {part.name: _emptied(part, new[part.name]) for part in field.of if part.name in new}
    return {name: value for name, value in inner.items() if value is not UNSET} or UNSET


def _forgotten(fields: Sequence[Field], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """List the elements that left a list or a map with a secret that the system never gives."""
    for field in fields:
        if all(inner.readable for inner in field.of):
            continue
        kept = _elements(field, after)
        for identity, element in _elements(field, before).items():
            if identity not in kept and not any(True for _ in _secrets(element)):
                yield f"{field.name} {identity} : son secret ne se relit pas, le coffre fait foi"


def _elements(field: Field, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the dicts of a map, or of a list with identities, by key."""
    value = item.get(field.name) or ()
    if isinstance(value, Mapping):
        return value if field.type == "map" else {}
    return {field.identity_of(element): element for element in value} if field.identity else {}


def _indelible(field: Field, before: Any, after: Any, path: str) -> Iterator[str]:
    """List the first values of a document that has no way to say « none » again."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return
    turned = [inner for inner in field.of if inner.carries and before.get(inner.name) != after.get(inner.name)]
    carried = tuple(start for inner in turned for start in inner.carries)
    if field.type == "map":
        return  # a new entry goes by null
    for inner in field.of:
        where = f"{path}.{inner.name}"
        if inner.name in before:
            yield from _indelible(inner, before[inner.name], after.get(inner.name), where)
        elif inner.name in after and not inner.nullable and inner.type != "map" and not inner.name.startswith(carried):
            yield f"{where} n’avait pas de valeur et ne s’efface pas sur demande"


def _secrets(value: Any) -> Iterator[Mapping[str, str]]:
    if is_described(value):
        yield value
    elif isinstance(value, (Mapping, list)):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _secrets(inner)
