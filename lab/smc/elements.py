"""Elements: created, read, changed, deleted, and shown with the additions of the system."""

from __future__ import annotations

from typing import Any

from lab.smc import kinds, versions
from lab.smc.call import Answer, Call
from lab.smc.errors import STALE, ApiError, conflict, refused
from lab.smc.pending import note
from lab.smc.tables import READ_ONLY, TABLES
from lab.smc.world import Json, mark, references

ADMIN_DOMAIN = "Shared Domain"
# The only kind whose lasting number is not its key.
_KEYED = "system_property"
SECRETS = frozenset(
    {
        "api_key", "bind_password", "md5_password", "ntp_auth_key", "open_id_secret", "password", "pppoe_password",
        "pre_shared_key", "preshared_key",
        "shared_secret", "snmp_authentication_password", "snmp_private_password", "wpa_shared_key",
    }
)  # fmt: skip
_NULLS = frozenset({"automatic_proxy", "match_vpn_options"})
_RULE_READ_ONLY = READ_ONLY | {"tag", "parent_policy", "parent_insert_point"}


def etag(record: Json) -> str:
    return f'"{record["key"]:x}-{record["version"]}"'


def accepted(call: Call, kind: str, body: Json) -> Json:
    """Return a body checked against the table of its kind, in the newest form. Raises ApiError."""
    rule = kinds.is_rule(kind)
    form = "rule" if rule else kind
    read_only = _RULE_READ_ONLY if rule else READ_ONLY
    body = {
        key: value for key, value in body.items() if key not in read_only or (key == "system_key" and kind == _KEYED)
    }
    if call.behaviour.null_values == "reject" and (name := first_null(body)):
        raise refused(f"Invalid JSON format: null is not a valid value for attribute {name}.")
    absent = versions.first_missing(call.smc, call.api, form, body)
    if absent is not None:
        raise call.checker.not_recognized(absent)
    body = versions.inward(call.api, body)
    if kind in TABLES:
        body = call.checker.body(TABLES[kind], body)
    else:
        body = {key: value for key, value in body.items() if value is not None}
    body = sealed(call, body)
    for key in kinds.SETS.get(kind, ()):
        if key in body:
            body[key] = ordered(body[key])
    return body


def first_null(value: Any) -> str:
    """Return the first null attribute that the vendor's library does not send, or an empty text."""
    if isinstance(value, dict):
        names = (key if item is None and key not in _NULLS else first_null(item) for key, item in value.items())
    else:
        names = (first_null(item) for item in value) if isinstance(value, list) else iter(())
    return next((name for name in names if name), "")


def sealed(call: Call, value: Any) -> Any:
    """Copy a body with a keyed digest in the place of each secret: the state has none in clear."""
    if isinstance(value, dict):
        return {
            key: call.world.seal(item) if key in SECRETS and isinstance(item, str) else sealed(call, item)
            for key, item in value.items()
        }
    return [sealed(call, item) for item in value] if isinstance(value, list) else value


def without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_secrets(item) for key, item in value.items() if key not in SECRETS}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def ordered(references_: list[str]) -> list[str]:
    """Return references once each, sorted by key: the system keeps a set."""
    return sorted(set(references_), key=lambda each: next(references(each), 0))


def view(call: Call, record: Json) -> Json:
    """Return an element as GET shows it."""
    kind = record["type"]
    body: Json = without_secrets(record["data"])
    if kind in call.handlers.shown:
        body = call.handlers.shown[kind](call, record, body)
    body = versions.outward(call.smc, call.api, "rule" if kinds.is_rule(kind) else kind, body)
    body["key"] = record["key"]
    body["link"] = links(call, record)
    if kinds.is_rule(kind):
        # Observed on a real server: tag 112.1, an href that ends with 112, key 36.
        body["key"] = record["key"] - record["parent"]
    if kind not in kinds.PARTS:
        body |= {"read_only": record["system"], "system": record["system"]}
        if versions.offers(call.smc, versions.LOCKS):
            body["locked"] = record["lock"] is not None
    if record["parent"] is None:
        body["trashed"] = record["trashed"]
        domain = call.world.named("admin_domain", ADMIN_DOMAIN)
        if domain is not None:
            body["admin_domain"] = mark(domain["key"])
        if record["system"]:
            body["system_key"] = record["key"]
    return body


def links(call: Call, record: Json) -> list[Json]:
    path, kind = call.world.path(record), record["type"]
    shown = [{"rel": "self", "href": call.href(path), "type": kind}]
    common = ["history"] if record["parent"] is None or kinds.is_rule(kind) else []
    if common and versions.offers(call.smc, versions.LOCKS):
        common += ["lock", "unlock"]
    if record["parent"] is None:
        common += ["export", "duplicate", "search_category_tags_from_element"]
    shown += [{"rel": rel, "href": call.href(f"{path}/{rel}")} for rel in common]
    if kinds.is_rule(kind):
        row = f"{path.rpartition('/')[0]}?{{side}}={tag(record)}"
        shown += [{"rel": f"add_{side}", "href": call.href(row.format(side=side))} for side in ("after", "before")]
    own = call.handlers.links.get(kind, ())
    return shown + [{"rel": rel, "href": call.href(f"{path}/{below}")} for rel, below in own]


def entry(call: Call, record: Json) -> Json:
    """Return an element as lists show it."""
    return {"href": mark(record["key"]), "name": name_of(record), "type": record["type"]}


def name_of(record: Json) -> str:
    name = record["data"].get("name", "")
    if not name and kinds.is_rule(record["type"]):
        return str(record.get("listed") or f"Rule @{tag(record)}")
    return str(name)


def tag(record: Json) -> str:
    """Return the tag of a rule: the lasting number of its href, and the number of its changes."""
    return f"{record['key']}.{record['edits']}"


def create(call: Call, kind: str, body: Json, parent: Json | None = None) -> Json:
    """Create an element; return its record. Raises ApiError."""
    data = {**kinds.DEFAULTS.get(kind, {}), **accepted(call, kind, body)}
    if parent is None:
        name = data.get("name")
        if not name:
            raise refused("Impossible to store the element.", "Element name is missing.")
        check_name(call, kind, str(name), None)
    record = call.world.add(kind, data, None if parent is None else parent["key"], call.admin, call.now)
    if kind in call.handlers.created:
        call.handlers.created[kind](call, record)
    note(call, record, "insert")
    return record


def check_name(call: Call, kind: str, name: str, own: int | None) -> None:
    """Refuse a name that another element of the name space has. Raises ApiError."""
    space = kinds.space(kind)
    shared = call.behaviour.shared_names and space == "network elements"
    rivals = kinds.NETWORK_ELEMENTS if shared else kinds.ENGINES if space == "engines" else {kind}
    for rival in call.world.of_type(*rivals, trash=call.behaviour.trash_reserves_name):
        if rival["data"].get("name") == name and rival["key"] != own:
            raise refused(f"Impossible to store the element {name}.", f"Element name {name} is already used.")


def read(call: Call, record: Json) -> Answer:
    current = etag(record)
    if call.if_none_match and bare(call.if_none_match) == bare(current):
        return Answer(304, etag=current)
    return Answer(value=view(call, record), etag=current)


def update(call: Call, record: Json) -> Answer:
    guard(call, record, needed=call.behaviour.put_needs_if_match)
    change(call, record, call.body())
    return Answer(location=call.world.path(record))


def change(call: Call, record: Json, body: Json) -> None:
    """Give an element the attributes of a body. Raises ApiError."""
    kind = record["type"]
    data = accepted(call, kind, body)
    kept = {key: value for key, value in record["data"].items() if key in SECRETS or key.startswith("_")}
    before = record["data"] if not call.behaviour.full_put else {**kinds.DEFAULTS.get(kind, {}), **kept}
    data = {**before, **data}
    if record["parent"] is None:
        data.setdefault("name", record["data"]["name"])
        check_name(call, kind, str(data["name"]), record["key"])
        refuse_circle(call, record, data)
    old = record["data"]
    call.world.change(record, data, call.admin, call.now)
    try:
        if kind in call.handlers.changed:
            call.handlers.changed[kind](call, record)
    except ApiError:
        call.world.change(record, old, call.admin, call.now)
        raise
    note(call, record, "update")


def refuse_circle(call: Call, record: Json, data: Json) -> None:
    """Refuse a group that would contain itself. Raises ApiError."""
    waiting, seen = list(references(data.get("element", []))), set()
    while waiting:
        key = waiting.pop()
        if key == record["key"]:
            name = data["name"]
            raise refused(f"Impossible to store the element {name}.", f"Element {name} contains itself.")
        if key not in seen:
            seen.add(key)
            waiting += references(call.world[key]["data"].get("element", []))


def delete(call: Call, record: Json) -> Answer:
    guard(call, record, needed=True)
    refuse_closed(call, record)
    discard(call, record)
    return Answer(204)


def discard(call: Call, record: Json) -> None:
    """Move an element to the trash, or remove a sub-element. Raises ApiError where it is in use."""
    users = call.world.users(record)
    if record["type"] == "admin_domain":  # its administrators go with it
        for user in users:
            user["trashed"] = user["trashed"] or user["type"] == "admin_user"
        users = [user for user in users if not user["trashed"]]
    if users:
        named = [f"{name_of(user)} ({user['type']})" for user in users]
        raise ApiError(
            call.behaviour.in_use_status, f"Impossible to delete the element {name_of(record)}.",
            "The element is referenced by: " + ", ".join(sorted(named)) + ".",
        )  # fmt: skip
    note(call, record, "delete")
    if record["parent"] is None:
        record["trashed"] = True
        call.world.touch(record, call.admin, call.now)
    else:
        call.world.remove(record)


def guard(call: Call, record: Json, needed: bool) -> None:
    """Refuse a write on a system element, a locked element, a stale version. Raises ApiError."""
    refuse_system(record)
    refuse_locked(call, record)
    given = call.if_match
    if given and given != "*" and bare(given) != bare(etag(record)):
        raise conflict(STALE)
    if needed and not given and call.base:
        raise refused("The If-Match header attribute is mandatory.")


def refuse_closed(call: Call, record: Json) -> None:
    """Refuse to remove a gateway of a VPN that is not open. Raises ApiError."""
    vpn = call.world[record["parent"]] if record["type"] in kinds.GATEWAY_NODES else None
    if vpn is not None and not vpn.get("open"):
        raise refused(f"The VPN {name_of(vpn)} is not open.")


def refuse_system(record: Json) -> None:
    if record["system"]:
        raise refused(f"Impossible to modify the element {name_of(record)}.", "System elements are read-only.")


def refuse_locked(call: Call, record: Json) -> None:
    """Refuse a write on a locked element, or on a sub-element of it. Raises ApiError."""
    walked: Json | None = record
    while walked is not None:
        lock = walked["lock"]
        if lock and (lock["by"] != call.admin or call.behaviour.lock_blocks_owner):
            reason = f" ({lock['reason']})" if lock["reason"] else ""
            raise conflict(f"The element {name_of(walked)} is locked by {lock['by']}{reason}.")
        walked = call.world.get(walked["parent"]) if walked["parent"] is not None else None


def bare(value: str) -> str:
    return value.strip().removeprefix("W/").strip('"')


def json_value(value: Any) -> Answer:
    return Answer(value={"value": value})
