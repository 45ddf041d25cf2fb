"""The system beside the elements: facts of the server, references, the trash, history."""

from __future__ import annotations

from collections.abc import Callable

from lab.smc import engines, kinds, maintenance, search, tasks, versions
from lab.smc.call import Answer, Call
from lab.smc.elements import entry, json_value, name_of, view
from lab.smc.errors import not_found, refused
from lab.smc.world import Json, mark

BUILD = "11512"


def smc_version(call: Call) -> Answer:
    return json_value(f"{call.smc} [{BUILD}]")


def smc_time(call: Call) -> Answer:
    return json_value(str(call.now))


def current_user(call: Call) -> Answer:
    for kind in ("api_client", "admin_user"):
        account = call.world.named(kind, call.admin)
        if account is not None:
            return Answer(value={"value": mark(account["key"])})
    raise refused("The current user is unknown.")


def references_by_element(call: Call) -> Answer:
    keys = search.asked_keys(call.body())
    if not keys:
        raise refused("Invalid reference.", "No element is given.")
    return search.users(call, keys)


def browse_trash(call: Call) -> Answer:
    wanted = call.value("filter") or ""
    trashed = [record for record in call.world.elements.values() if record["trashed"]]
    return Answer(value={"result": [e for record in trashed if wanted in (e := entry(call, record))["name"]]})


def empty_trash(call: Call) -> Answer:
    for record in [candidate for candidate in call.world.elements.values() if candidate["trashed"]]:
        call.world.remove(record)
    return Answer(204)


def system_properties(call: Call) -> Answer:
    properties = call.world.of_type("system_property")
    if search.expands(call, "all", "properties") and versions.offers(call.smc, versions.EXPAND):
        return Answer(value={"element": [view(call, record) for record in properties]})
    return Answer(value={"result": [entry(call, record) for record in properties]})


def property_of(call: Call, number: str) -> Json:
    """Return a property of the server by its lasting number. Raises ApiError."""
    for record in call.world.of_type("system_property"):
        if str(record["data"]["system_key"]) == number:
            return record
    raise not_found(f"the system property {number}")


def monitoring_status(call: Call) -> Answer:
    """Return the status of an element: a node's own, else good; an engine lists its nodes."""
    keys = search.asked_keys(call.body())
    if not keys:
        raise refused("Invalid reference.", "No element is given.")
    record = call.world[keys[0]]
    nodes = [{"href": mark(node["key"])} for node in kinds.nodes(call.world, record)]
    state = {"monitoring_state": "READY", "monitoring_status": "OK"}
    status: Json = {"name": name_of(record), **state, "result": nodes}
    if record["type"] in kinds.NODES.values():
        status |= {**engines.monitored(call, record), "master_node": None}
    return Answer(value={**status, "link": [{"rel": "self", "href": call.href("/system/monitoring_status")}]})


def uncommitted(call: Call) -> Answer:
    return Answer(value={"result": []})


# (verb, path below `/system`) -> handler; the links of `/system` come from here.
ROUTES: dict[tuple[str, str], Callable[[Call], Answer]] = {
    ("GET", "smc_version"): smc_version,
    ("GET", "smc_time"): smc_time,
    ("POST", "references_by_element"): references_by_element,
    ("GET", "browse_trash_bin"): browse_trash,
    ("DELETE", "empty_trash_bin"): empty_trash,
    ("GET", "system_properties"): system_properties,
    ("GET", "uncommitted"): uncommitted,
    ("POST", "export_elements"): tasks.export_all,
    ("POST", "monitoring_status"): monitoring_status,
    **maintenance.SYSTEM,
}


def root(call: Call) -> Answer:
    """Answer `GET /system`: the links to all of it."""
    rels = dict.fromkeys(path for _, path in ROUTES)
    links = [{"rel": rel, "href": call.href(f"/system/{rel}")} for rel in rels]
    return Answer(value={"link": [{"rel": "self", "href": call.href("/system"), "type": "system"}, *links]})


def history(call: Call, record: Json) -> Answer:
    kept, stamp = record["history"], call.stamp
    return Answer(
        value={
            "creation_time": stamp(kept["created"]),
            "creator": _admin(call, kept["creator"]),
            "creator_name": kept["creator"],
            "is_locked": record["lock"] is not None,
            "is_obsolete": False,
            "is_trashed": record["trashed"],
            "last_modification_time": stamp(kept["modified"]),
            "modifier": _admin(call, kept["modifier"]),
            "modifier_name": kept["modifier"],
        }
    )


def _admin(call: Call, name: str) -> str:
    account = call.world.named("api_client", name) or call.world.named("admin_user", name)
    return mark(account["key"]) if account else ""
