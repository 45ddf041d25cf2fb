"""The inverse of what a run did, as ``config`` and ``absent`` for the same modules, in reverse order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.converge.normalise import exported
from piste.converge.resource import Field, Resource, Shape
from piste.converge.secrets import Secret, as_references

Tasks = dict[str, dict[str, dict[str, list[Any]]]]
"""``{owner: {module: {config, absent}}}``."""


def inverse(operations: Sequence[Mapping[str, Any]]) -> tuple[Tasks, list[str]]:
    """What brings each object back to what it was and, a line each, what cannot be brought back.

    What a new network or a new device contains goes with it. A network that was removed has lost all that it
    contained: nothing of it is brought back. An object that an operation touched twice goes back to its first state.
    """
    drafts: dict[tuple[str, str], _Draft] = {}
    lost: list[str] = []
    gone = {(o["owner"], o["action"]): o["label"] for o in operations if o["kind"] == "network"}
    new_devices = {o["key"] for o in operations if o["kind"] == "device" and o["action"] == "create"}
    lost += [
        f"{owner} / network {label} : supprimé avec tout ce qu'il contenait, il se refait depuis la déclaration"
        for (owner, action), label in gone.items()
        if action == "delete"
    ]
    for described in reversed(operations):
        owner, kind = described["owner"], described["kind"]
        in_new_network = (owner, "create") in gone and kind not in ("network", "device")
        on_new_device = kind == "switch_port" and described["key"].partition("/")[0] in new_devices
        if (owner, "delete") in gone or in_new_network or on_new_device:
            continue
        module, resource = _modules()[kind]
        draft = drafts.setdefault((owner, module), _Draft(resource, owner))
        draft.take_back(described)
        lost += [f"{owner} / {kind} {described['label']} : {line}" for line in draft.losses(described)]
    tasks: Tasks = {}
    for (owner, module), draft in drafts.items():
        tasks.setdefault(owner, {})[module] = {"config": list(draft.config.values()), "absent": draft.absent}
    return tasks, lost


def _modules() -> dict[str, tuple[str, Resource]]:
    """The module that converges each kind, and its table."""
    # Imported here: tables cost 0.1 s, which no other verb should pay.
    from piste.meraki.modules import MODULES as MERAKI
    from piste.windows.modules import MODULES as WINDOWS

    modules = {**MERAKI, **WINDOWS}
    return {module.resource.name: (name, module.resource) for name, module in modules.items() if module.resource}


class _Draft:
    """What one module is asked for one owner; operations come last first."""

    def __init__(self, resource: Resource, owner: str) -> None:
        self.resource, self.owner = resource, owner
        self.config: dict[str, dict[str, Any]] = {}
        self.absent: list[str] = []

    def take_back(self, described: Mapping[str, Any]) -> None:
        key, before, after = described["key"], described["content"]["before"], described["content"]["after"] or {}
        later = self.config.pop(key, {})
        if before is None or "slot" in described:
            self.absent.append(key)
            later = {}
        if before is None or _untouched(before):
            return
        item = {**later, **self._item(before, after)}
        if self.resource.shape is Shape.COLLECTION and (named := self.resource.key_of(before)) != key:
            item["formerly"] = [key]
        else:
            named = self.resource.key_of(item)
        self.config[named] = item

    def _item(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
        same = {secret["fingerprint"]: secret["secret"] for secret in _secrets(after)}
        item: dict[str, Any] = as_references(_previous(self.resource.fields, before, after, same, self.owner))
        return item

    def losses(self, described: Mapping[str, Any]) -> Iterator[str]:
        before, after = described["content"]["before"], described["content"]["after"]
        if before is None:
            return
        if described["kind"] == "device" and after is None:
            yield "sa configuration propre a été effacée avec le retrait"
        kept = {secret["fingerprint"] for secret in _secrets(after)}
        for secret in _secrets(before):
            if secret["fingerprint"] not in kept:
                yield f"son ancien secret n'est noté nulle part, le coffre fait foi ({secret['secret']})"
        for part in self.resource.parts:
            if after and part.name in after:
                if part.name not in before and not _untouched(before):
                    yield f"{part.name} a été effacé sans avoir été lu"
                else:
                    yield from _indelible(part, before.get(part.name), after[part.name], part.name)
        yield from _forgotten(self.resource.fields, before, after or {})


def _untouched(before: Mapping[str, Any]) -> bool:
    """True for a slot that nobody had configured."""
    return str(before.get("name", "")).startswith("Unconfigured SSID")


def _previous(
    fields: Sequence[Field], before: Mapping[str, Any], after: Mapping[str, Any], same: Mapping[str, str], owner: str
) -> dict[str, Any]:
    """``before`` as a declaration: null for what was not there and can be cleared, a reference for each secret."""
    result: dict[str, Any] = {}
    for field in fields:
        old, new = before.get(field.name), after.get(field.name)
        if field.name not in before:
            if field.name in after and field.nullable:
                result[field.name] = None
            elif entries := _added(field, new):
                result[field.name] = entries
        elif field.type == "map" and isinstance(old, Mapping):
            result[field.name] = _previous_entries(field, old, new or {}, same, owner)
        elif isinstance(old, Mapping) and _is_secret(old):
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
    """A map as it was: the entries that came go by null, those that left come back whole."""
    entries: dict[str, Any] = {key: None for key in new if key not in old}
    for key, entry in old.items():
        if field.of and isinstance(entry, Mapping):
            whole = _previous(field.of, entry, entry, same, owner)
            entries[key] = whole if key in new else exported(field.of, whole, {"owner": owner, "key": key})
        else:
            entries[key] = entry
    return entries


def _added(field: Field, new: Any) -> dict[str, Any]:
    """Null for each map entry that came where there was no map, at any depth."""
    if not isinstance(new, Mapping):
        return {}
    if field.type == "map":
        return dict.fromkeys(new)
    inner = {one.name: _added(one, new[one.name]) for one in field.of if one.name in new}
    return {name: entries for name, entries in inner.items() if entries}


def _forgotten(fields: Sequence[Field], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Elements that left a list or a map with a secret that the system never gave."""
    for field in fields:
        if all(inner.readable for inner in field.of):
            continue
        kept = _elements(field, after)
        for identity, element in _elements(field, before).items():
            if identity not in kept and not any(True for _ in _secrets(element)):
                yield f"{field.name} {identity} : son secret ne se relit pas, le coffre fait foi"


def _elements(field: Field, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The dicts of a map, or of a list that has identities, by what people call them."""
    value = item.get(field.name) or ()
    if isinstance(value, Mapping):
        return value if field.type == "map" else {}
    return {field.identity_of(element): element for element in value} if field.identity else {}


def _indelible(field: Field, before: Any, after: Any, path: str) -> Iterator[str]:
    """What was given a value for the first time, in a document that has no way to say « none » again."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return
    turned = [inner for inner in field.of if inner.carries and before.get(inner.name) != after.get(inner.name)]
    carried = tuple(start for inner in turned for start in inner.carries)
    if field.type == "map":
        return  # an entry that came goes by null
    for inner in field.of:
        where = f"{path}.{inner.name}"
        if inner.name in before:
            yield from _indelible(inner, before[inner.name], after.get(inner.name), where)
        elif inner.name in after and not inner.nullable and inner.type != "map" and not inner.name.startswith(carried):
            yield f"{where} n'avait pas de valeur et ne s'efface pas sur demande"


def _secrets(value: Any) -> Iterator[Mapping[str, str]]:
    if _is_secret(value):
        yield value
    elif isinstance(value, (Mapping, list)):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _secrets(inner)


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secret", "fingerprint"}
