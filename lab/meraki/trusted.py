"""Servers that ARP inspection trusts, in a network."""

from __future__ import annotations

from ipaddress import ip_address

from lab.meraki.call import Call
from lab.meraki.errors import not_found, refused
from lab.meraki.world import Json, merge


def _servers_of(call: Call) -> dict[str, Json]:
    return call.network.setdefault("trusted", {})  # type: ignore[no-any-return]


def servers(call: Call) -> list[Json]:
    return [{"trustedServerId": known, **content} for known, content in _servers_of(call).items()]


def create(call: Call) -> Json:
    made = _checked(call, dict(call.body), "")
    known = call.world.new_id()
    _servers_of(call)[known] = made
    return {"trustedServerId": known, **made}


def update(call: Call) -> Json:
    known = _known(call)
    changed = _checked(call, merge(_servers_of(call)[known], call.body), known)
    _servers_of(call)[known] = changed
    return {"trustedServerId": known, **changed}


def delete(call: Call) -> None:
    del _servers_of(call)[_known(call)]


def _checked(call: Call, made: Json, known: str) -> Json:
    others = [other for key, other in _servers_of(call).items() if key != known]
    made["mac"] = made["mac"].lower()
    try:
        ip_address(made["ipv4"].get("address", ""))
    except ValueError:
        raise refused("'ipv4.address' must be an IPv4 address") from None
    if any((other["mac"], other["vlan"]) == (made["mac"], made["vlan"]) for other in others):
        raise refused("A trusted server of this MAC address and VLAN already exists")
    return made


def _known(call: Call) -> str:
    if call.ids["trustedServerId"] not in _servers_of(call):
        raise not_found("Trusted server")
    return call.ids["trustedServerId"]
