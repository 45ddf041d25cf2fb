"""Layer 3 of a switch or a stack: routed interfaces, their DHCP, static routes."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_address, ip_network
from typing import Any

from lab.meraki import stacks
from lab.meraki.call import Call, Handler
from lab.meraki.errors import not_found, refused
from lab.meraki.world import Json, merge

LIMITS = {
    **dict.fromkeys(("MS210", "MS225"), (16, 16, False)),
    **dict.fromkeys(("MS250", "MS350", "MS355", "MS390", "MS410", "MS425", "MS450", "C9300"), (256, 256, True)),
}
"""Interfaces, static routes and DHCP server of the models that route; the refusal of another is [inferred].

Source: documentation.meraki.com, *MS Layer 3 Switching and Routing*.
"""
IOS_XE = "C9"
SET_ONCE = "Parameter 'defaultGateway' to be set once and is already configured with a different layer 3 interface."
DEFAULTS: Json = {
    "mode": "vlan",
    "multicastRouting": "disabled",
    "ospfSettings": {"area": "disabled", "cost": 1, "isPassiveEnabled": False},
}
DHCP_FIELDS = {
    "dhcpDisabled": (),
    "dhcpRelay": ("dhcpRelayServerIps",),
    "dhcpServer": (
        "dhcpLeaseTime", "dnsNameserversOption", "dnsCustomNameservers", "bootOptionsEnabled", "bootNextServer",
        "bootFileName", "dhcpOptions", "reservedIpRanges", "fixedIpAssignments",
    ),
}  # fmt: skip
"""Fields that the DHCP document shows in each mode [inferred from the vendor's sample answers]."""
SERVER: Json = {
    "dhcpLeaseTime": "1 day",
    "dnsNameserversOption": "googlePublicDns",
    "bootOptionsEnabled": False,
    "dhcpOptions": [],
    "reservedIpRanges": [],
    "fixedIpAssignments": [],
}


def _routing(call: Call) -> Json:
    """Return the layer 3 of the switch or stack of a call. Raises ApiError."""
    if "switchStackId" in call.ids:
        holder = stacks.stack_of(call)
    else:
        holder = call.device
        network = call.world.network(holder["networkId"])
        if holder["kind"] != "switch":
            raise refused("This endpoint only supports switches")
        # [inferred] The routing of a member is that of its stack.
        if any(holder["serial"] in stack["serials"] for stack in stacks.stacks_of(call, network).values()):
            raise refused("This switch is a member of a stack: use the stack's routing")
    empty: Json = {"interfaces": {}, "routes": {}, "gateway": ""}
    return holder.setdefault("routing", empty)  # type: ignore[no-any-return]


def _members(call: Call) -> list[Json]:
    if "switchStackId" in call.ids:
        return [call.world.devices[serial] for serial in stacks.stack_of(call)["serials"]]
    return [call.device]


# interfaces


def interfaces(call: Call) -> list[Json]:
    routing = _routing(call)
    wanted = call.value("mode")
    shown = [_shown(call, routing, known) for known in routing["interfaces"]]
    return [interface for interface in shown if wanted in (None, interface["mode"])]


def interface(call: Call) -> Json:
    return _shown(call, _routing(call), _interface_id(call))


def _limits(call: Call) -> tuple[int, int, bool]:
    """Give what the switches of a call carry together. Raises ApiError."""
    known = {
        device["model"]: next((limit for start, limit in LIMITS.items() if device["model"].startswith(start)), None)
        for device in _members(call)
    }
    if unable := sorted(model for model, limit in known.items() if limit is None):
        raise refused(f"Layer 3 routing is not supported on {', '.join(unable)}")
    return min(limit for limit in known.values() if limit)


def create_interface(call: Call) -> Json:
    routing = _routing(call)
    most, _, _ = _limits(call)
    made = merge(DEFAULTS, call.body)
    errors = _faults(call, routing, made, "")
    first = not routing["interfaces"]
    if first and not made.get("defaultGateway"):
        errors.append("'defaultGateway' is required for the first interface")
    if first and not made.get("uplinkV4") and any(known["model"].startswith(IOS_XE) for known in _members(call)):
        errors.append("'uplinkV4' is required for the first interface")  # [inferred]
    if len(routing["interfaces"]) >= most:
        errors.append(f"This switch supports a maximum of {most} layer 3 interfaces")  # [inferred]
    if made.get("defaultGateway") and routing["gateway"]:
        errors.append(SET_ONCE)
    if errors:
        raise refused(*errors)
    interface_id = call.world.new_id()
    return _kept(call, routing, interface_id, made)


def update_interface(call: Call) -> Json:
    routing, interface_id = _routing(call), _interface_id(call)
    changed = merge(routing["interfaces"][interface_id], call.body)
    errors = _faults(call, routing, changed, interface_id)
    if changed.get("defaultGateway") and routing["gateway"] and _uplink(call, routing) != interface_id:
        errors.append(SET_ONCE)
    if errors:
        raise refused(*errors)
    return _kept(call, routing, interface_id, changed)


def delete_interface(call: Call) -> None:
    routing, interface_id = _routing(call), _interface_id(call)
    gone = routing["interfaces"][interface_id]
    left = [known for other, known in routing["interfaces"].items() if other != interface_id]
    errors = []
    if left and _uplink(call, routing) == interface_id:
        errors.append("The interface of the default gateway can not be deleted while others exist")
    hops = [route for route in routing["routes"].values() if ip_address(route["nextHopIp"]) in _subnet(gone)]
    if hops:
        errors.append(f"The interface reaches the next hop of {len(hops)} static route(s)")
    if errors:
        raise refused(*errors)
    if not left and any(device["wan"].get("usingStaticIp") for device in _members(call)):
        return  # The real one answers so, and keeps it (netascode.cisco.com).
    del routing["interfaces"][interface_id]
    if not left:
        routing["gateway"] = ""


def _kept(call: Call, routing: Json, interface_id: str, made: Json) -> Json:
    made.pop("uplinkV4", None)
    if gateway := made.pop("defaultGateway", ""):
        routing |= {"gateway": gateway, "uplink": interface_id}
    routing["interfaces"][interface_id] = {"dhcp": {"dhcpMode": "dhcpDisabled"}, **made}
    return _shown(call, routing, interface_id)


def _faults(call: Call, routing: Json, made: Json, interface_id: str) -> list[str]:
    errors = []
    if made["mode"] != "vlan":
        return ["'mode' must be 'vlan' on this firmware"]
    others = {known: other for known, other in routing["interfaces"].items() if known != interface_id}
    if not made.get("name"):
        errors.append("'name' must not be empty")
    if made.get("vlanId") is None:
        errors.append("'vlanId' is required")
    elif any(other["vlanId"] == made["vlanId"] for other in others.values()):
        errors.append(f"An interface already exists for VLAN {made['vlanId']}")
    subnet, address = _network(made.get("subnet")), _address(made.get("interfaceIp"))
    if subnet is None:
        errors.append("'subnet' must be a subnet such as 192.168.1.0/24")
    if address is None:
        errors.append("'interfaceIp' must be an IPv4 address")
    if subnet is None or address is None:
        return errors
    if address not in subnet or address in (subnet[0], subnet[-1]):
        errors.append("'interfaceIp' must be a host address of 'subnet'")
    if any(subnet.overlaps(_subnet(other)) for other in others.values()):
        errors.append(f"Subnet {subnet} overlaps with another interface")
    if any(made["interfaceIp"] == device["wan"].get("staticIp") for device in _members(call)):
        errors.append("'interfaceIp' must differ from the management IP")
    gateway = made.get("defaultGateway")
    if gateway:
        known = [subnet, *map(_subnet, others.values())]
        given = _address(gateway)
        if given is None or not any(given in network for network in known):
            errors.append("'defaultGateway' must be in the subnet of an interface")
        elif gateway == made["interfaceIp"]:
            errors.append("'defaultGateway' must differ from 'interfaceIp'")
    return errors


def _shown(call: Call, routing: Json, interface_id: str) -> Json:
    known = routing["interfaces"][interface_id]
    shown = {key: value for key, value in known.items() if key not in ("dhcp", "loopback")}
    shown |= {"interfaceId": interface_id, "serial": _members(call)[0]["serial"]}
    uplink = _uplink(call, routing) == interface_id
    if uplink:
        shown["defaultGateway"] = routing["gateway"]
    return {**shown, "uplinkV4": uplink, "uplinkV6": False}


def _uplink(call: Call, routing: Json) -> str:
    """Give the interface that holds the default gateway; empty where there is none."""
    if not routing["gateway"]:
        return ""
    if call.behaviour.uplink == "first" and routing.get("uplink") in routing["interfaces"]:
        return str(routing["uplink"])
    gateway = ip_address(routing["gateway"])
    return next((known for known, face in routing["interfaces"].items() if gateway in _subnet(face)), "")


def _interface_id(call: Call) -> str:
    if call.ids["interfaceId"] not in _routing(call)["interfaces"]:
        raise not_found("Interface")
    return call.ids["interfaceId"]


# DHCP of an interface


def dhcp(call: Call) -> Json:
    known: Json = _routing(call)["interfaces"][_interface_id(call)]["dhcp"]
    return {key: known[key] for key in ("dhcpMode", *DHCP_FIELDS[known["dhcpMode"]]) if key in known}


def update_dhcp(call: Call) -> Json:
    interface = _routing(call)["interfaces"][_interface_id(call)]
    mode = call.body.get("dhcpMode", interface["dhcp"]["dhcpMode"])
    kept = {key: value for key, value in interface["dhcp"].items() if key in DHCP_FIELDS[mode]}
    changed: Json = {**(SERVER if mode == "dhcpServer" else {}), **kept, **call.body, "dhcpMode": mode}
    allowed = ("dhcpMode", *DHCP_FIELDS[mode])
    errors = [f"'{key}' is not allowed with mode {mode}" for key in changed if key not in allowed]
    if mode == "dhcpServer" and not _limits(call)[2]:
        errors.append("'dhcpMode' dhcpServer is not supported on this switch")  # [inferred]
    if mode == "dhcpRelay" and not changed.get("dhcpRelayServerIps"):
        errors.append("'dhcpRelayServerIps' is required with mode dhcpRelay")
    if mode == "dhcpServer":
        errors += _server_faults(_subnet(interface), changed)
    if errors:
        raise refused(*errors)
    interface["dhcp"] = changed
    return dhcp(call)


def _server_faults(subnet: IPv4Network, given: Json) -> list[str]:
    errors = []
    if given["dnsNameserversOption"] == "custom" and not given.get("dnsCustomNameservers"):
        errors.append("'dnsCustomNameservers' is required with dnsNameserversOption 'custom'")
    if given["bootOptionsEnabled"] and not given.get("bootNextServer"):
        errors.append("'bootNextServer' is required with boot options")
    for option in given["dhcpOptions"]:
        if not (option["code"].isdecimal() and 2 <= int(option["code"]) <= 254):
            errors.append("'dhcpOptions.code' must be between 2 and 254")
    inside = [entry[edge] for entry in given["reservedIpRanges"] for edge in ("start", "end")]
    inside += [entry["ip"] for entry in given["fixedIpAssignments"]]
    outside = [text for text in inside if (_address(text) or subnet[-1] + 1) not in subnet]
    return errors + [f"{text} is not in {subnet}" for text in outside]


# static routes


def routes(call: Call) -> list[Json]:
    """List the routes, after that of the default gateway where the system shows it."""
    routing = _routing(call)
    listed = [{"staticRouteId": known, **route} for known, route in routing["routes"].items()]
    if routing["gateway"] and call.behaviour.default_route_listed:
        listed.insert(0, _default(routing))
    return listed


def route(call: Call) -> Json:
    known = _route_id(call)
    return {"staticRouteId": known, **_routing(call)["routes"][known]}


def create_route(call: Call) -> Json:
    routing = _routing(call)
    made: Json = {"name": "", "advertiseViaOspfEnabled": False, "preferOverOspfRoutesEnabled": False, **call.body}
    _check_route(routing, made, "")
    if len(routing["routes"]) >= (most := _limits(call)[1]):
        raise refused(f"This switch supports a maximum of {most} static routes")  # [inferred]
    known = call.world.new_id()
    routing["routes"][known] = made
    return {"staticRouteId": known, **made}


def update_route(call: Call) -> Json:
    routing, known = _routing(call), _route_id(call)
    changed = merge(routing["routes"][known], call.body)
    _check_route(routing, changed, known)
    routing["routes"][known] = changed
    return {"staticRouteId": known, **changed}


def delete_route(call: Call) -> None:
    del _routing(call)["routes"][_route_id(call)]


def handlers(holder: str) -> dict[str, Handler]:
    """Return the handlers of the layer 3 of a switch or of a stack, by operation."""
    return {
        f"get{holder}RoutingInterfaces": interfaces,
        f"get{holder}RoutingInterface": interface,
        f"create{holder}RoutingInterface": create_interface,
        f"update{holder}RoutingInterface": update_interface,
        f"delete{holder}RoutingInterface": delete_interface,
        f"get{holder}RoutingInterfaceDhcp": dhcp,
        f"update{holder}RoutingInterfaceDhcp": update_dhcp,
        f"get{holder}RoutingStaticRoutes": routes,
        f"get{holder}RoutingStaticRoute": route,
        f"create{holder}RoutingStaticRoute": create_route,
        f"update{holder}RoutingStaticRoute": update_route,
        f"delete{holder}RoutingStaticRoute": delete_route,
    }


def _default(routing: Json) -> Json:
    more = {"advertiseViaOspfEnabled": False, "preferOverOspfRoutesEnabled": False}
    return {
        "staticRouteId": "0", "name": "Default route", "subnet": "0.0.0.0/0", "nextHopIp": routing["gateway"], **more,
    }  # fmt: skip


def _check_route(routing: Json, made: Json, route_id: str) -> None:
    errors = []
    subnet, hop = _network(made["subnet"]), _address(made["nextHopIp"])
    others = [other for known, other in routing["routes"].items() if known != route_id]
    if subnet is None:
        errors.append("'subnet' must be a subnet such as 192.168.1.0/24")
    elif any(_subnet(known) == subnet for known in routing["interfaces"].values()):
        errors.append(f"{subnet} is the subnet of an interface")
    elif any(other["subnet"] == made["subnet"] for other in others):
        # [inferred] One route a destination.
        errors.append(f"A static route to {subnet} already exists")
    if hop is None or not any(hop in _subnet(known) for known in routing["interfaces"].values()):
        errors.append("'nextHopIp' must be in the subnet of an interface")
    elif any(known["interfaceIp"] == made["nextHopIp"] for known in routing["interfaces"].values()):
        errors.append("'nextHopIp' must not be an address of this switch")
    if errors:
        raise refused(*errors)


def _route_id(call: Call) -> str:
    if call.ids["staticRouteId"] not in _routing(call)["routes"]:
        raise not_found("Static route")
    return call.ids["staticRouteId"]


def _subnet(interface: Json) -> IPv4Network:
    return ip_network(interface["subnet"])  # type: ignore[return-value]


def _network(text: Any) -> IPv4Network | None:
    try:
        network = ip_network(text) if isinstance(text, str) and "/" in text else None
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None


def _address(text: Any) -> Any:
    try:
        return ip_address(text) if isinstance(text, str) else None
    except ValueError:
        return None
