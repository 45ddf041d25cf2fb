"""The answers to reads, and the form of all answers: an entity or a page, in an envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.beyond import joined
from lab.http import Request, Response, json_response
from lab.prism import catalogue, copies, platform, restores, vms
from lab.prism.errors import ApiError, unknown_path
from lab.prism.kinds import Operation
from lab.prism.models import MODELS
from lab.prism.query import narrowed, page, parameter, selected
from lab.prism.site import Site
from lab.prism.world import etag

Json = dict[str, Any]
_METADATA = "common.v1.response.ApiResponseMetadata"
_HIDDEN: Mapping[str, tuple[str, ...]] = {"StorageContainer": ("extId",)}
"""Null in the vendor's own samples, although expected: a container has `containerExtId` as well."""


@dataclass(slots=True)
class Call:
    """A request with the ids of its path and its checked body; `minor` is the version asked for."""

    operation: Operation
    ids: Mapping[str, str]
    minor: int
    request: Request
    body: Json = field(default_factory=dict)


def read(site: Site, call: Call) -> Response:
    """Answer a GET."""
    operation, query = call.operation, call.request.query
    if operation.name in platform.STATS:
        model, reading = platform.STATS[operation.name](site, call.ids, query)
        seen = selected(MODELS.answer(model, reading, call.minor), query)
        return json_response(200, envelope(call, seen, model))
    if operation.name.startswith("Get"):
        owner, model, entity = _entity(site, call)
        headers = {"ETag": etag(owner)} if "_rev" in owner else {}
        return json_response(200, envelope(call, _shown(site, call, model, entity), model), headers)
    model, items, filters = _list(site, call)
    matches = narrowed(items, query, filters)
    part, links = page(query, len(matches), f"{call.request.origin}{call.request.path}")
    seen_all = []
    for entity in matches[part]:
        seen = _shown(site, call, model, entity)
        if site.behaviour.list_etags and "_rev" in entity:
            seen["$reserved"]["ETag"] = etag(entity)
        seen_all.append(selected(seen, query))
    return json_response(200, envelope(call, seen_all, f"List<{model}>", links, len(matches)))


def _shown(site: Site, call: Call, model: str, entity: Json) -> Json:
    """Show an entity, or a part of one."""
    whole = model == call.operation.kind.model
    return shown(site, call, entity) if whole else MODELS.answer(model, entity, call.minor)


def _entity(site: Site, call: Call) -> tuple[Json, str, Json]:
    """Return the entity whose ETag counts, the model of the shown part, and this part."""
    kind, ids = call.operation.kind, call.ids
    if kind.name == "Vm" and call.operation.name != "GetVm":
        owner = site.world.get("Vm", ids.get("vmExtId") or ids["extId"])
        model, part = vms.part(call.operation.name.removeprefix("Get"), owner, ids)
        return owner, model, part
    if kind.name == "Task":
        entity = site.world.tasks.get(ids["extId"])
        if entity is None:
            raise ApiError(404, "PLAT-10007", "NOT_FOUND", f"Task {ids['extId']} is not found.")
        return entity, kind.model, entity
    entity = site.world.get(kind.name, ids["extId"])
    if _lags(entity):
        raise unknown_path()
    return entity, kind.model, entity


def _list(site: Site, call: Call) -> tuple[str, list[Json], tuple[str, ...]]:
    """Return the model of the items of a list, the items, and the fields to filter by."""
    kind, name = call.operation.kind, call.operation.name
    if name == "ListVmStats":
        return "vmm.v4.ahv.stats.VmStats", platform.vm_stats(site, call.request.query), ("extId",)
    if kind.name == "Vm" and name != "ListVms":
        model, items = vms.parts(name.removeprefix("List").removesuffix("s"), site, call.ids)
        return model, items, ("extId",)
    if kind.name == "Task":
        return kind.model, list(site.world.tasks.values()), kind.filters
    if kind.name == "RecoveryPoint":
        copies.keep_up(site)
    items = [entity for entity in site.world.of(kind.name).values() if not _lags(entity)]
    if plan := call.ids.get("recoveryPlanExtId"):
        site.world.get("RecoveryPlan", plan)
        items = [entity for entity in items if entity["_plan"] == plan]
    if name == "ListHostsByCluster":
        items = [host for host in items if host["cluster"]["uuid"] == call.ids["clusterExtId"]]
    return kind.model, items, kind.filters


def _lags(entity: Json) -> bool:
    """Tell whether a new entity does not show yet; each read counts."""
    left: int = entity.get("_lag", 0)
    if left:
        entity["_lag"] = left - 1
    return left > 0


def shown(site: Site, call: Call, entity: Json) -> Json:
    """Return an entity as its model shows it, with the figures that are computed on a read."""
    kind = call.operation.kind
    view = catalogue.VIEWS.get(kind.name) or platform.VIEWS.get(kind.name) or restores.VIEWS.get(kind.name)
    seen = {**entity, **view(site, entity)} if view else dict(entity)
    if "associations" not in parameter(call.request.query, "$expand"):
        seen.pop("associations", None)
    namespace, _, collection = kind.path.partition("/")
    collection = collection.format_map(call.ids)
    where = f"{call.request.origin}/api/{namespace}/v4.{call.minor}/{collection}/{entity['extId']}"
    seen["links"] = [{"href": where, "rel": "self"}]
    for name in _HIDDEN.get(kind.name, ()):
        seen.pop(name, None)
    answer = MODELS.answer(kind.model, seen, call.minor)
    extras = site.world.extras(kind.name, entity["extId"])
    return joined(answer, extras, identity) if extras else answer


def identity(item: Any) -> str:
    """Name an item of a list of an answer."""
    if not isinstance(item, Mapping):
        return str(item)
    return next((str(item[name]) for name in ("extId", "name", "value", "rel") if item.get(name) is not None), "")


def envelope(call: Call, data: Any, model: str, links: list[Json] | None = None, total: int | None = None) -> Json:
    """Wrap an answer in its envelope; an empty list has no `data`."""
    here = [{"href": f"{call.request.origin}{call.request.path}", "rel": "self"}]
    flags = (("hasError", False), ("isPaginated", total is not None), ("isTruncated", False))
    reserved = {"$fv": f"v4.r{call.minor}"}

    def typed(items: list[Json], kind: str) -> list[Json]:
        first = {"$reserved": reserved, "$objectType": kind}
        return [{**item, **(first if rank == 0 else {})} for rank, item in enumerate(items)]

    metadata: Json = {
        "flags": typed([{"name": name, "value": value} for name, value in flags], "common.v1.config.Flag"),
        "links": typed(links or here, "common.v1.response.ApiLink"),
        "$reserved": reserved,
        "$objectType": _METADATA,
    }
    if total is not None:
        metadata["totalAvailableResults"] = total
    content = {"data": data, "$dataItemDiscriminator": model} if data != [] else {}
    return {**content, "$reserved": reserved, "$objectType": call.operation.answer, "metadata": metadata}
