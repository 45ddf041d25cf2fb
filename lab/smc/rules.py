"""Rules: rows of an ordered list of a policy, with place, tag and checks of cells."""

from __future__ import annotations

from typing import Any

from lab.smc import kinds, versions
from lab.smc.call import Answer, Call
from lab.smc.elements import (
    accepted,
    delete,
    entry,
    guard,
    name_of,
    ordered,
    refuse_locked,
    refuse_system,
    tag,
)
from lab.smc.errors import not_found, refused
from lab.smc.pending import note
from lab.smc.world import Json, key_of, mark, references

CELLS = {"sources": "src", "destinations": "dst", "services": "service"}
_ACTION: Json = {
    "connection_tracking_options": {
        "mss_enforced": False, "mss_enforced_max": 0, "mss_enforced_min": 0, "timeout": -1,
    },
    "scan_detection": "undefined",
}  # fmt: skip
_OPTIONS: Json = {
    "log_accounting_info_mode": False,
    "log_closing_mode": True,
    "log_level": "undefined",
    "log_payload_excerpt": False,
    "log_payload_record": False,
    "log_severity": -1,
}
_AUTHENTICATION: Json = {"methods": [], "require_auth": False, "users": []}


def create(call: Call, policy: Json, kind: str) -> Answer:
    """Add a row at `?after=`, `?before=` or its rank, else first. Raises ApiError."""
    refuse_system(policy)
    refuse_locked(call, policy)
    data = accepted(call, kind, call.body())
    order = policy.setdefault("lists", {}).setdefault(kind, [])
    at = _place(call, order, data.pop("rank", None))
    data = complete(call, policy, kind, data)
    point = _insert_point(call, policy, kind)
    record = call.world.add(kind, data, policy["key"], call.admin, call.now)
    record["insert_point"] = point
    order.insert(at, record["key"])
    _renumbered(call, order, at + 1, len(order))
    touch_policy(call, policy)
    note(call, record, "insert")
    return Answer(201, location=call.world.path(record))


def update(call: Call, record: Json) -> Answer:
    """Change a row; a rank other than its own moves it. Raises ApiError."""
    guard(call, record, needed=call.behaviour.put_needs_if_match)
    change(call, record, call.body())
    return Answer(location=call.world.path(record))


def change(call: Call, record: Json, body: Json) -> None:
    policy = call.world[record["parent"]]
    data = accepted(call, record["type"], body)
    rank = data.pop("rank", None)
    if not call.behaviour.full_put:
        data = {**record["data"], **data}
    data = complete(call, policy, record["type"], data)
    order = policy["lists"][record["type"]]
    at = order.index(record["key"])
    if rank is not None and rank != at + 1.0:
        _move(call, order, at, rank)
    call.world.change(record, data, call.admin, call.now)
    touch_policy(call, policy)
    note(call, record, "update")


def remove(call: Call, record: Json) -> Answer:
    policy = call.world[record["parent"]]
    order = policy["lists"][record["type"]]
    at = order.index(record["key"])
    answer = delete(call, record)
    _renumbered(call, order, at, len(order))
    touch_policy(call, policy)
    return answer


def re_rank(call: Call, policy: Json, kind: str) -> Answer:
    """Put a list in the order of the tags given: all of them, each once. Raises ApiError."""
    if not versions.offers(call.smc, versions.RE_RANK):
        raise not_found("the requested resource")
    refuse_system(policy)
    refuse_locked(call, policy)
    order = policy.get("lists", {}).get(kind, [])
    wanted = call.body().get("values")
    if not isinstance(wanted, list) or not wanted:
        raise refused("The list of rule tags is empty.")
    known = {_static(tag(call.world[key])): key for key in order}
    statics = [_static(str(name)) for name in wanted]
    if len(set(statics)) != len(statics):
        raise refused("A rule tag appears more than once.")
    if set(statics) != known.keys():
        raise refused("The list of rule tags does not match the rules of the policy.")
    policy["lists"][kind] = [known[static] for static in statics]
    for at, key in enumerate(policy["lists"][kind]):
        if call.behaviour.renumber_changes_etags and order[at] != key:
            call.world.touch(call.world[key], call.admin, call.now)
    touch_policy(call, policy)
    note(call, policy, "update")
    return Answer()


def touch_policy(call: Call, policy: Json) -> None:
    call.world.touch(policy, call.admin, call.now)


def complete(call: Call, policy: Json, kind: str, data: Json) -> Json:
    """Return a row with the defaults of the system, its cells as sets. Raises ApiError."""
    if kind in _LOOSE and not any(cell in data for cell in CELLS):
        return data
    if not any(cell in data for cell in CELLS):
        if "type" in data:
            if not policy["type"].endswith("_template_policy"):
                raise refused("Impossible to store the sub element.", "An insert point belongs to a template.")
            return data
        if "comment" in data:
            return {key: value for key, value in data.items() if key in ("comment", "name", "background_color")}
    data = {"is_disabled": False, **data}
    if kind == "file_filtering_rule":
        data["situations"] = _cell(call, data.get("situations", {}), "situation")
    for cell, item in CELLS.items():
        if cell in data:
            data[cell] = _cell(call, data[cell], item)
        elif kind not in _LOOSE:
            data[cell] = {"none": True}
    if kind in _ACCESS:
        data["action"] = {"action": ["allow"], **_ACTION, **data.get("action", {})}
        data["authentication_options"] = {**_AUTHENTICATION, **data.get("authentication_options", {})}
        _check_action(data["action"])
    if kind in _NAT:
        data.setdefault("used_on", {"any": True})
        _check_nat(data)
    if kind in _ACCESS or kind in _NAT:
        data["options"] = {**_OPTIONS, **data.get("options", {})}
    return data


_ACCESS = frozenset({"fw_ipv4_access_rule", "fw_ipv6_access_rule"})
_NAT = frozenset({"fw_ipv4_nat_rule", "fw_ipv6_nat_rule"})
_LOOSE = kinds.RULE_KINDS - _ACCESS - _NAT


def _cell(call: Call, cell: Json, item: str) -> Json:
    """Return a cell as the system keeps it: any, none, or elements sorted by key."""
    if cell.get("any"):
        return {"any": True}
    if not cell.get(item):
        return {"none": True}
    members = ordered(cell[item])
    if any(not list(references(member)) for member in members):
        raise refused("Invalid reference.", f"{next(e for e in members if not list(references(e)))} is not an element.")
    values = [value for member in members if (value := value_of(call.world[key_of(member)]))]
    if len(set(values)) != len(values):
        raise refused(
            "Impossible to store the sub element.", "Database problem. Failed to read XML change: duplicate value."
        )
    return {item: members}


def value_of(record: Json) -> str:
    """Return the addresses of an element, which a cell may have only once, or an empty text."""
    data = record["data"]
    fields = ("address", "ipv4_network", "ip_range", "ipv6_address", "ipv6_network")
    return "|".join(str(data[field]) for field in fields if data.get(field))


def _check_action(wanted: Json) -> None:
    if "jump" in wanted["action"] and not wanted.get("sub_policy"):
        raise refused("Impossible to store the sub element.", "A sub-policy is missing for the action jump.")


def _check_nat(data: Json) -> None:
    options = data.get("options", {})
    if "static_src_nat" in options and "src" not in data["sources"]:
        raise refused("Impossible to store the sub element.", "A static source translation needs a source.")
    if "static_dst_nat" in options and "dst" not in data["destinations"]:
        raise refused("Impossible to store the sub element.", "A static destination translation needs a destination.")


def _place(call: Call, order: list[int], rank: float | None) -> int:
    """Return the index at which a new row goes. Raises ApiError for an unknown anchor."""
    after, before = call.value("after"), call.value("before")
    if after or before:
        wanted = _static(after or before or "")
        key = int(wanted) if wanted.isdecimal() else 0
        if key not in order:
            raise not_found(f"the rule of tag {after or before}")
        return order.index(key) + (1 if after else 0)
    return 0 if rank is None else _rank_index(call, order, rank)


def _rank_index(call: Call, order: list[int], rank: float) -> int:
    ranks = [at + 1.0 for at in range(len(order))]
    if call.behaviour.rank_tie == "after":
        return sum(present <= rank for present in ranks)
    return sum(present < rank for present in ranks)


def _move(call: Call, order: list[int], at: int, rank: float) -> None:
    to = _rank_index(call, order, rank)
    key = order[at]
    order.insert(to, key)
    del order[at if at < to else at + 1]
    low, high = sorted((at, to))
    _renumbered(call, order, low, min(high + 1, len(order)), but=key)


def _renumbered(call: Call, order: list[int], start: int, end: int, but: int = 0) -> None:
    if call.behaviour.renumber_changes_etags:
        for key in order[start:end]:
            if key != but:
                call.world.touch(call.world[key], call.admin, call.now)


def _static(text: str) -> str:
    return text.lstrip("@").partition(".")[0]


def _insert_point(call: Call, policy: Json, kind: str) -> int | None:
    """Return the key of the insert point of the template where a new row of a policy goes."""
    asked = call.value("insert_point")
    rows = [row for template in templates(call, policy) for row in call.world.children(template, kind)]
    points = [row for row in rows if row["data"].get("type")]
    if asked:
        named = [row for row in points if asked in (row["data"].get("name"), tag(row), str(row["key"]))]
        if not named and not asked.endswith(tuple(f"/{row['key']}" for row in points) or ("\0",)):
            raise not_found(f"the insert point {asked}")
        return next(iter(named or points))["key"]  # type: ignore[no-any-return]
    normal = [row for row in points if row["data"]["type"] == "normal"]
    return normal[0]["key"] if normal else None


def templates(call: Call, policy: Json) -> list[Json]:
    """Return the template of a policy, the template of this, and so on, nearest first."""
    chain: list[Json] = []
    while policy["data"].get("template"):
        policy = call.world[key_of(policy["data"]["template"])]
        chain.append(policy)
    return chain


def show(call: Call, record: Json, body: Json) -> Json:
    policy = call.world[record["parent"]]
    body = {**body, "parent_policy": mark(policy["key"]), "tag": tag(record)}
    body["rank"] = policy["lists"][record["type"]].index(record["key"]) + 1.0
    if record.get("insert_point") and call.world.get(record["insert_point"]):
        body["parent_insert_point"] = mark(record["insert_point"])
    if record["type"] in _NAT and "options" in body:
        body["options"] = _described(call, body["options"])
    return body


def _described(call: Call, options: Any) -> Any:
    """Return NAT options in which an element also shows its address."""
    if isinstance(options, list):
        return [_described(call, option) for option in options]
    if not isinstance(options, dict):
        return options
    shown = {key: _described(call, item) for key, item in options.items()}
    if "element" in shown:
        value = value_of(call.world[key_of(shown["element"])])
        shown = {**shown, "ip_descriptor": value} if value else shown
    return shown


def rule_counter(call: Call, policy: Json) -> Answer:
    """Return the hits of the rules of a policy and its templates: 0, the lab has no traffic."""
    rows = [row for owner in (policy, *templates(call, policy)) for row in _rows(call, owner)]
    rules = [row for row in rows if "sources" in row["data"]]
    return Answer(value={"result": [{"rule_ref": mark(rule["key"]), "hits": 0, "total_hits": 0} for rule in rules]})


def _rows(call: Call, policy: Json) -> list[Json]:
    return [row for kind in kinds.LISTS[policy["type"]] for row in call.world.children(policy, kind)]


def search_rule(call: Call, policy: Json) -> Answer:
    """Find rows of a policy by the static part of their tag (`@112`) or by name."""
    wanted = call.value("filter") or ""
    rows = _rows(call, policy)
    if wanted.startswith("@"):
        matches = [row for row in rows if _static(tag(row)) == _static(wanted)]
    else:
        matches = [row for row in rows if wanted.strip("*").lower() in name_of(row).lower()]
    return Answer(value={"result": [entry(call, row) for row in matches]})
