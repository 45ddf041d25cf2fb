"""The place where the Dashboard sees a client: switch and port, or access point and SSID.

Source: Dashboard API, `getOrganizationClientsSearch` (by MAC address: the networks that know it) and
`getNetworkClients` (its place in a network). The search names no device, so the place comes from the second, whose
filters match parts of addresses too. Of an answer the place alone is kept: no name, no description, no user.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypedDict

from piste.engine.converge.errors import Fault, InvalidConfig, Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.moments import stamped, written
from piste.engine.converge.reading import mapped, optional, text
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.transport.subjects import subject
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.neighbours import bare

DAYS = 30
"""Days that are looked back; the Dashboard gives 31 at most [documented]."""
MOST = 5
"""Networks in which a MAC address is looked for, those that saw it last."""
UNKNOWN = 404
"""Answer for a MAC address that no network knows, where it is not an empty list [belief meraki.unknown_client]."""


class Located(TypedDict):
    """A place where a client was seen; None is what the answer does not say."""

    network: str
    serial: str | None
    port: str | None
    ssid: str | None
    vlan: str | None
    online: bool | None
    seen_at: str | None
    mac: str | None
    ip: str | None


def by_mac(dashboard: Dashboard, mac: str) -> list[Located]:
    """Locate a MAC address in the networks that saw it last, the newest first."""
    path = f"/organizations/{dashboard.organization}/clients/search"
    try:
        records = dashboard.pages(path, 5, {"mac": mac}, within="records")
    except Rejected as error:
        if error.status != UNKNOWN:
            raise
        return []
    places: list[Located] = []
    newest = sorted(records, key=lambda record: _moment(record.get("lastSeen")) or "", reverse=True)
    for record in newest[:MOST]:
        network = mapped(record["network"])
        there = _clients(dashboard, text(network["id"]), text(network["name"]), {"mac": mac})
        # A client of more than a month ago has no place any more; the search still knows its network.
        places += [seen for seen in there if seen["mac"] and bare(seen["mac"]) == bare(mac)] or [
            _located({**record, "mac": mac}, text(network["name"]))
        ]
    return _sorted(places)


def by_address(dashboard: Dashboard, address: str, network: str) -> list[Located]:
    """Locate an address in a network, the newest client first. Raises `Missing`, `Ambiguous`."""
    known = dashboard.network(network)
    there = _clients(dashboard, text(known["id"]), network, {"ip": address})
    return _sorted([seen for seen in there if seen["ip"] == address])


def _clients(dashboard: Dashboard, network: str, name: str, wanted: Mapping[str, str]) -> list[Located]:
    query = {**wanted, "timespan": int(timedelta(days=DAYS).total_seconds())}
    return [_located(client, name) for client in dashboard.pages(f"/networks/{network}/clients", 1000, query)]


def _located(client: Mapping[str, Any], network: str) -> Located:
    status = optional(text, client.get("status"))
    return {
        "network": network,
        "serial": optional(text, client.get("recentDeviceSerial")) or None,
        "port": optional(text, client.get("switchport")) or None,
        "ssid": optional(text, client.get("ssid")) or None,
        "vlan": _vlan(client.get("vlan")),
        "online": {"Online": True, "Offline": False}.get(status or ""),
        "seen_at": _moment(client.get("lastSeen")),
        "mac": optional(text, client.get("mac")),
        "ip": optional(text, client.get("ip")),
    }


def _vlan(value: Any) -> str | None:
    """Read a VLAN: a text in the description, a number in some answers, empty for none."""
    return str(value) if type(value) is int else optional(text, value) or None


def _moment(value: Any) -> str | None:
    """Read a moment: ISO 8601, or seconds since 1970 as the search writes it."""
    return written(value) if type(value) in (int, float) else optional(stamped, None if value == "" else value)


def _sorted(places: list[Located]) -> list[Located]:
    return sorted(places, key=lambda seen: seen["seen_at"] or "", reverse=True)


def _asked(dashboard: Dashboard, params: Params) -> dict[str, Any]:
    mac, address, network = (str(params[name] or "") for name in ("mac", "ip", "network"))
    if bool(mac) == bool(address) or bool(address) != bool(network):
        raise InvalidConfig([Fault("mac", "il faut une adresse MAC, ou une adresse IP et son réseau")])
    return {"located": by_mac(dashboard, mac) if mac else by_address(dashboard, address, network)}


MODULES: Mapping[str, Module] = subject(
    "meraki_clients",
    MERAKI,
    _asked,
    Field("mac", "MAC address of the client."),
    Field("ip", "IPv4 address of the client, where its MAC address is not given; with I(network)."),
    Field("network", "Network in which the address is looked for, by its name."),
)
