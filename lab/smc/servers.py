"""Contact addresses of servers and engines, and the services that a proxy inspects."""

from __future__ import annotations

from lab.smc.call import Answer, Call
from lab.smc.elements import entry, etag, guard, name_of
from lab.smc.engines import interfaces_of
from lab.smc.errors import refused
from lab.smc.world import Json

KINDS = frozenset(
    {"active_directory_server", "elasticsearch_cluster", "ldap_server", "log_server", "mgt_server", "radius_server",
     "tacacs_server", "web_access_server"}
)  # fmt: skip
CONTACTS = "contact_addresses"
_FORWARDING = ("udp", "tcp", "tcp_with_tls")


def of_engine(call: Call, engine: Json) -> Answer:
    """List the addresses of an engine with their contact addresses."""
    known = {child["data"]["name"]: child for child in call.world.children(engine, CONTACTS)}
    for number, inner in interfaces_of(call, engine):
        name = f"{number}_{inner['address']}"
        if name not in known:
            data: Json = {"name": name, "interface_id": number, CONTACTS: []}
            known[name] = call.world.add(CONTACTS, data, engine["key"], call.admin, call.now)
    return Answer(value={"result": [entry(call, child) for child in known.values()]})


def of_server(call: Call, server: Json) -> Answer:
    return Answer(value={"multi_contact_addresses": server.get("contacts", [])}, etag=etag(server))


def change(call: Call, server: Json) -> Answer:
    guard(call, server, needed=False)
    server["contacts"] = call.body().get("multi_contact_addresses", [])
    call.world.touch(server, call.admin, call.now)
    return Answer()


def refuse_forwarding(call: Call, server: Json) -> None:
    """Refuse a rule of log forwarding that leads nowhere [inferred]. Raises ApiError.

    That a TLS connection wants a profile is documented.
    """
    for rule in server["data"].get("netflow_collector", ()):
        service = rule.get("netflow_collector_service")
        lacks = [name for name in ("host", "data_context", "netflow_collector_version") if not rule.get(name)]
        lacks += ["tls_profile"] if service == "tcp_with_tls" and not rule.get("tls_profile") else []
        if lacks or service not in _FORWARDING or not 0 < rule.get("netflow_collector_port", 0) < 65536:
            raise refused(
                f"Impossible to store the element {name_of(server)}.",
                f"Element appears invalid: a log forwarding rule lacks {', '.join(lacks) or 'a service or a port'}.",
            )


def complete_proxy(call: Call, server: Json) -> None:
    """Turn the services that a proxy inspects into elements of their own."""
    for service in server["data"].pop("inspected_service", []):
        name = str(service.get("service_type", ""))
        call.world.add("inspected_service", {"name": name, **service}, server["key"], call.admin, call.now)


def inspected_services(call: Call, server: Json) -> Answer:
    inspected = call.world.children(server, "inspected_service")
    return Answer(value={"result": [entry(call, service) for service in inspected]})
