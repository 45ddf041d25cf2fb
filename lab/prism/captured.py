"""A Prism Central made of the answers of a real Prism Central: its entities, as they were."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lab.beyond import Captured, missing
from lab.clock import Clock
from lab.http import Request
from lab.prism.answers import Call, identity, shown
from lab.prism.kinds import KIND, Operation, route
from lab.prism.models import MODELS
from lab.prism.schema import Type
from lab.prism.simulator import PrismSimulator
from lab.prism.world import World

Json = dict[str, Any]
_PATH = re.compile(r"/api/([a-z]+)/v4\.\d+[^/]*/(.+)")
_USERS, _AUDITS = "iam/authn/users", "monitoring/serviceability/audits"
_NEWEST = 9
"""A minor version of the API that shows every field."""
_NOT_OURS = ("links", "ETag")
_ANY = Type("v")


def world_of(answers: Iterable[Captured], clock: Clock) -> tuple[World, list[str]]:
    """Build the state of a Prism Central from its answers; list the lines of what was left."""
    world, left = World(), []
    taken: dict[tuple[str, str], tuple[Operation, Mapping[str, str], Json]] = {}
    for answer in answers:
        match = _PATH.fullmatch(answer.path)
        path = f"{match[1]}/{match[2]}" if match else ""
        routed = route("GET", path) if path and path != _USERS else None
        content = answer.answer if isinstance(answer.answer, Mapping) else {}
        if answer.status != 200:
            continue
        if path == _AUDITS:
            world.audits[:0] = reversed([_entity(audit, "Audit") for audit in content.get("data", [])])
            continue
        if routed is None and path != _USERS:
            left.append(f"{answer.path} : le laboratoire n’a pas cette lecture")
            continue
        operation, ids = routed or (None, {})
        kind = operation.kind.name if operation else "User"
        if operation and operation.name not in _entities(kind):
            continue  # a part of an entity, or figures: the lab computes them
        documents = content.get("data", [])
        for document in documents if isinstance(documents, list) else [documents]:
            entity = _entity(document, kind)
            entity["extId"] = entity.get("extId") or entity.get("containerExtId")
            if plan := ids.get("recoveryPlanExtId"):
                entity["_plan"] = plan
            if kind == "Task":
                continue
            world.keep(kind, entity)
            if operation:
                taken[kind, entity["extId"]] = (operation, ids, document)
    extras: Json = {}
    simulator = PrismSimulator("", "", "", world=world, clock=clock)
    for (kind, ext_id), (operation, ids, document) in taken.items():
        called = Call(operation, ids, _NEWEST, Request("GET", f"/api/{operation.path}"))
        shown_now = _entity(shown(simulator.site, called, world.get(kind, ext_id)), kind)
        where = f"{kind} {document.get('name') or ext_id}"
        if more := missing(_entity(document, kind), shown_now, where, left.append, named=identity):
            extras[f"{kind} {ext_id}"] = more
    world.data["extras"] = extras
    return world, left


def _entities(kind: str) -> tuple[str, ...]:
    """Name the operations that show whole entities of a kind."""
    return (f"List{KIND[kind].plural}", f"Get{kind}", "ListHostsByCluster")


def _plain(value: Any, kind: Type) -> Any:
    """Give a value as the state has it: without what an answer adds around it, or null.

    The type of a value stays where it may have several.
    """
    if isinstance(value, list):
        return [_plain(item, kind.item or kind) for item in value]
    if not isinstance(value, Mapping):
        return value
    model = str(value.get("$objectType")) if kind.kind == "oneof" else next(iter(kind.names), "")
    fields = MODELS.fields.get(model, {})
    added = ("$reserved", *(() if kind.kind == "oneof" else ("$objectType",)))
    return {
        key: _plain(item, fields[key].type if key in fields else _ANY)
        for key, item in value.items()
        if key not in added and not key.endswith("ItemDiscriminator") and item is not None
    }


def _entity(document: Json, kind: str) -> Json:
    """Give an entity as the state has it."""
    plain: Json = _plain(document, Type("model", (KIND[kind].model,)) if kind in KIND else _ANY)
    return {key: value for key, value in plain.items() if key not in _NOT_OURS}
