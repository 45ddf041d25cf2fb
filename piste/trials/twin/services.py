"""Services of the twin: leases by Kea, names by unbound, as they were read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address
from typing import Any

from piste.engine.templates import fill
from piste.trials.twin.layout import TEMPLATES, Daemon, Host
from piste.trials.twin.readings import Item

OUTSIDE_NAME = "203.0.113.80"
"""Address of every name of Internet (RFC 5737)."""
OUTSIDE_RESOLVER = "198.51.100.253"


def kea(host: Host, interfaces: Sequence[str], subnets: Sequence[Mapping[str, Any]], *, relayed: bool) -> None:
    """Run a DHCP server. It opens plain sockets where relays alone speak to it."""
    content = {
        "Dhcp4": {
            "interfaces-config": {"interfaces": list(interfaces), "dhcp-socket-type": "udp" if relayed else "raw"},
            "lease-database": {"type": "memfile", "persist": False},
            "multi-threading": {"enable-multi-threading": False},
            "loggers": [{"name": "kea-dhcp4", "severity": "WARN", "output-options": [{"output": "stderr"}]}],
            "subnet4": list(subnets),
        }
    }
    host.files["kea.json"] = json.dumps(content, ensure_ascii=True, indent=1)
    host.daemons.append(Daemon("kea", ("kea-dhcp4", "-c", "{folder}/kea.json"), 67))


def subnets_of(scopes: Iterable[Item], unsaid: list[str]) -> list[dict[str, Any]]:
    """Write the active scopes of a DHCP server as subnets of Kea; partners are a single server."""
    subnets = []
    for rank, scope in enumerate(scopes, 1):
        if not scope.get("active", True):
            unsaid.append(f"étendue {scope['subnet']} : inactive, donc pas servie")
            continue
        options = scope.get("options") or {}
        others = sorted(options.get("other") or {})
        if others:
            unsaid.append(f"étendue {scope['subnet']} : options {', '.join(map(str, others))}")
        given = (
            ("routers", options.get("routers")),
            ("domain-name-servers", options.get("dns")),
            ("ntp-servers", options.get("ntp")),
            ("domain-name", options.get("domain")),
        )
        subnets.append({
            "id": rank,
            "subnet": str(scope["subnet"]),
            "valid-lifetime": int(scope.get("lease") or 691200),
            "pools": [{"pool": f"{first} - {last}"} for first, last in _pools(scope)],
            "option-data": [
                {"name": name, "data": ", ".join(value) if isinstance(value, list) else str(value)}
                for name, value in given
                if value
            ],
            "reservations": list(_reservations(scope)),
            **({"next-server": options["boot_server"]} if options.get("boot_server") else {}),
            **({"boot-file-name": options["boot_file"]} if options.get("boot_file") else {}),
        })  # fmt: skip
    return subnets


def _pools(scope: Item) -> Iterator[tuple[IPv4Address, IPv4Address]]:
    """Yield the parts of a range that are lent."""
    first, end = int(IPv4Address(str(scope["start"]))), int(IPv4Address(str(scope["end"])))
    for low, high in sorted(_span(exclusion) for exclusion in scope.get("exclusions") or ()):
        if low > first:
            yield IPv4Address(first), IPv4Address(min(low - 1, end))
        first = max(first, high + 1)
    if first <= end:
        yield IPv4Address(first), IPv4Address(end)


def _span(exclusion: Any) -> tuple[int, int]:
    if isinstance(exclusion, Mapping):
        ends = exclusion["start"], exclusion["end"]
    else:
        low, _, high = str(exclusion).partition("-")
        ends = low.strip(), (high or low).strip()
    return int(IPv4Address(str(ends[0]))), int(IPv4Address(str(ends[1])))


def _reservations(scope: Item) -> Iterator[dict[str, str]]:
    listed = scope.get("reservations") or {}
    # The intent lists them; what was read has them by address.
    by_address = listed if isinstance(listed, Mapping) else {item["address"]: item for item in listed}
    for address, item in by_address.items():
        mac = str((item or {}).get("mac") or "").replace("-", ":").lower()
        if mac:
            yield {"hw-address": mac, "ip-address": str(address)}


def unbound(host: Host, lines: Sequence[str]) -> None:
    """Run a resolver on every address of a host, with some lines below `server:`."""
    ahead = [line for line in lines if line.startswith("forward-")]
    own = [line for line in lines if line not in ahead]
    host.files["unbound.conf"] = fill(TEMPLATES / "unbound.conf.j2", own=own, ahead=ahead)
    host.daemons.append(Daemon("unbound", ("unbound", "-d", "-c", "{folder}/unbound.conf"), 53))


def local_data(zones: Iterable[Item], records: Iterable[Item], unsaid: list[str]) -> list[str]:
    """Write the zones and records read as local data; what no record says does not exist."""
    names = dict.fromkeys(str(item.get("name") or item.get("zone")) for item in zones)
    names |= dict.fromkeys(str(record["zone"]) for record in records)
    lines = [f'local-zone: "{_plain(name)}." static' for name in names]
    for record in records:
        zone, name, kind = str(record["zone"]), str(record["name"]), str(record["type"]).upper()
        owner = _plain(zone if name in ("@", "") else f"{name}.{zone}")
        for value in record.get("values") or ():
            data = _data(kind, str(value))
            if data is None:
                unsaid.append(f"enregistrement {kind} {owner}")
                continue
            lines.append(f"local-data: '{owner}. {int(record.get('ttl') or 3600)} IN {kind} {data}'")
    return lines


def _data(kind: str, value: str) -> str | None:
    if kind == "A":
        try:
            return str(IPv4Address(value))
        except ValueError:
            return None
    plain = _plain(value)
    if kind in ("PTR", "CNAME"):
        return f"{plain.rstrip('.')}."
    return f"{plain.rstrip('.')}." if kind in ("SRV", "MX") and plain == value else None


def _plain(text: str) -> str:
    """Keep the signs of a name: a live name never ends its own line."""
    return "".join(sign for sign in text if sign.isalnum() or sign in "._- ")


def outside_names(zones: Iterable[Item]) -> list[str]:
    """Write the resolver of Internet: it answers every name, and knows none of the town."""
    own = dict.fromkeys(str(item.get("name") or item.get("zone")) for item in zones)
    return [
        'local-zone: "." redirect',
        f"local-data: '. 300 IN A {OUTSIDE_NAME}'",
        *(f'local-zone: "{_plain(name)}." always_nxdomain' for name in own),
    ]
