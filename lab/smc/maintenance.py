"""Administration of the server and its engines: standby servers, updates, routes.

Piste drives none of it; the vendor's example scripts and the town's other tools use it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

from lab.smc import tasks
from lab.smc.call import Answer, Call
from lab.smc.elements import name_of
from lab.smc.engines import interfaces_of
from lab.smc.errors import not_found, refused
from lab.smc.world import Json, mark

_YEAR = 365 * 86_400_000
_PROPERTY = "ha"


# Standby management servers: one is active, some may be excluded.


def _servers(call: Call) -> list[Json]:
    return list(call.world.of_type("mgt_server"))


def _active(call: Call) -> int | None:
    """Return the key of the active server: the first until somebody chooses."""
    known: Json = call.world.data.setdefault(_PROPERTY, {"chosen": False, "active": None, "excluded": []})
    first = next((server["key"] for server in _servers(call)), None)
    return known["active"] if known["chosen"] else first


def ha(call: Call) -> Answer:
    active = _active(call)
    standby = [mark(server["key"]) for server in _servers(call) if server["key"] != active]
    return Answer(value={"active_server": mark(active) if active else None, "standby_servers": standby})


def ha_diagnostic(call: Call) -> Answer:
    excluded = call.world.data.get(_PROPERTY, {}).get("excluded", [])
    blocks = [
        {"title": name_of(server), "message": ["Excluded" if server["key"] in excluded else "Login status: OK"]}
        for server in _servers(call)
    ]
    sound = "No issues were detected while running the diagnostic."
    title = "The replication is not done on every server." if excluded else sound
    return Answer(value={"message": blocks, "errors_warnings": {"title": title, "message": []}})


def _named(call: Call) -> int:
    wanted = call.value("server_name")
    keys = [server["key"] for server in _servers(call) if wanted in (None, name_of(server))]
    if not keys:
        raise refused(f"Impossible to find the Management Server {wanted}.")
    return int(keys[0])


def set_active(call: Call) -> Answer:
    key = _named(call)
    if key == _active(call):
        raise refused("The Management Server is already active.")
    call.world.data[_PROPERTY] |= {"chosen": True, "active": key}
    return Answer(value={"value": "Activation is started."})


def set_standby(call: Call) -> Answer:
    if _named(call) != _active(call):
        raise refused("The Management Server is not active.")
    call.world.data[_PROPERTY] |= {"chosen": True, "active": None}
    return Answer(value={"value": "The Management Server is now standby."})


def replicate(call: Call) -> Answer:
    key, _ = _named(call), _active(call)
    known = call.world.data[_PROPERTY]
    known["excluded"] = [excluded for excluded in known["excluded"] if excluded != key]
    return Answer(value={"value": "The replication is started."})


def exclude(call: Call) -> Answer:
    key, _ = _named(call), _active(call)
    call.world.data[_PROPERTY]["excluded"].append(key)
    return Answer(value={"value": "The Management Server is excluded."})


# Updates and events: the lab has none.


def nothing(call: Call) -> Answer:
    return Answer(value={"result": []})


def events(call: Call) -> Answer:
    return Answer(value={"events": []})


def event_policy(call: Call) -> Answer:
    return Answer(value={"entries": call.world.data.get("event_policy", [])})


def set_event_policy(call: Call) -> Answer:
    call.world.data["event_policy"] = call.body().get("entries", [])
    return Answer()


def ignored_events(call: Call) -> Answer:
    return Answer(value={"entries": call.world.data.get("ignored_events", {}).get(call.admin, [])})


def ignore_events(call: Call) -> Answer:
    call.world.data.setdefault("ignored_events", {})[call.admin] = call.body().get("entries", [])
    return Answer()


# Engines and their gateways.


def ldap_replication(call: Call, engine: Json) -> Answer:
    wanted = call.flag("enable")
    if engine.get("ldap_replication", False) == wanted:
        raise refused(f"The LDAP replication is already {'enabled' if wanted else 'disabled'}.")
    engine["ldap_replication"] = wanted
    return Answer()


def query_route(call: Call, engine: Json) -> Answer:
    """List the interfaces by which traffic would leave: all, since the lab does not route."""
    entries = [
        {"name": f"Interface {number}", "level": "interface", "ip": inner.get("network_value", "")}
        for number, inner in interfaces_of(call, engine)
    ]
    return Answer(value=[{"entry": [*entries, {"name": "Any network", "level": "any"}]}])


def generate_certificate(call: Call, gateway: Json) -> Answer:
    body = call.body()
    authority = body.get("certificate_authority_href")
    data: Json = {
        "name": str(body.get("common_name") or name_of(gateway)),
        "expiration_date": datetime.fromtimestamp((call.now + _YEAR) / 1000, UTC).isoformat(),
        **({"certificate_authority": authority} if authority else {}),
    }
    made = call.world.add("gateway_certificate", data, gateway["key"], call.admin, call.now)
    return Answer(201, location=call.world.path(made))


def start(call: Call, wanted: Json) -> Answer:
    """Start a task that an administrator has prepared; in the lab it does nothing."""
    return tasks.follow(call, tasks.begin(call, wanted["type"], [wanted], 0.0))


def client_configuration(call: Call, config: Json) -> Answer:
    """Return the configuration of the client of an endpoint; the real file is signed."""
    text = f'<?xml version="1.0"?><eca_client_config name={quoteattr(name_of(config))}/>'
    return Answer(value=text.encode(), content_type="application/xml")


def keep_script(call: Call, profile: Json) -> Answer:
    profile["script"] = call.raw
    return Answer()


def give_script(call: Call, profile: Json) -> Answer:
    if "script" not in profile:
        raise not_found("the custom script")
    return Answer(value=profile["script"].encode(), content_type="application/octet-stream")


def drop_script(call: Call, profile: Json) -> Answer:
    profile.pop("script", None)
    return Answer(204)


# (verb, path below the version) -> handler
TOP = {
    ("GET", "ha"): ha,
    ("GET", "ha/diagnostic"): ha_diagnostic,
    ("POST", "ha/set_active"): set_active,
    ("POST", "ha/set_standby"): set_standby,
    ("POST", "ha/full_replication"): replicate,
    ("POST", "ha/exclude"): exclude,
}
# (verb, path below `/system`) -> handler
SYSTEM = {
    ("GET", "update_package"): nothing,
    ("GET", "engine_upgrade"): nothing,
    ("GET", "upcoming_event"): events,
    ("GET", "upcoming_event_policy"): event_policy,
    ("PUT", "upcoming_event_policy"): set_event_policy,
    ("GET", "upcoming_event_ignore_settings"): ignored_events,
    ("PUT", "upcoming_event_ignore_settings"): ignore_events,
}
