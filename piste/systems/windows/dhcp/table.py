"""Table of DHCP scopes, and its conversions from and to what the snippets read and write.

Options by their number: RFC 2132 (3 routers, 6 domain name servers, 15 domain name, 42 NTP servers, 66 and 67 boot
server and file).
Believed: [belief windows.dhcp_options].
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.values import settle, stable
from piste.systems.windows.dhcp.server import Scope

LISTS: Mapping[str, int] = {"routers": 3, "dns": 6, "ntp": 42}
TEXTS: Mapping[str, int] = {"domain": 15, "boot_server": 66, "boot_file": 67}
NUMBERS: Mapping[str, int] = {**LISTS, **TEXTS}
DERIVED = frozenset({51, 81})
"""Options that the server derives from other settings: the lease, the names that it registers."""
UNREPLICATED = "unreplicated"
"""What a live scope lacks to be whole: the partners that do not have it as it is."""
LEASE = 691_200
"""Seconds of a lease of a new scope: eight days, as the console proposes."""


def subnet(text: str) -> str:
    """Spell a prefix. Raises ValueError."""
    return str(IPv4Network(text))


def address(text: str) -> str:
    """Spell an address. Raises ValueError."""
    return str(IPv4Address(text))


def client(text: str) -> str:
    """Spell a client's identifier as a MAC address: `f0:de:f1:7a:00:5e`. Raises ValueError."""
    digits = re.sub(r"[-:.]", "", text).lower()
    if not re.fullmatch(r"([0-9a-f]{2})+", digits):
        raise ValueError(text)
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def number(text: str) -> str:
    """Spell the number of an option that has no name of its own here. Raises ValueError."""
    if int(text) in {*NUMBERS.values(), *DERIVED} or not 0 < int(text) < 255:
        raise ValueError(text)
    return str(int(text))


def _addresses(name: str, doc: str, guard: str = "") -> Field:
    return Field(name, doc, type="list", normalise=address, default=[], guard=guard)


EXCLUSIONS = Field(
    "exclusions",
    "Parts of the range that are not lent.",
    type="list",
    unordered=True,
    default=[],
    identity=("start", "end"),
    of=(
        Field("start", "First address.", required=True, normalise=address),
        Field("end", "Last address.", required=True, normalise=address),
    ),
)
CLIENT_OPTIONS = (
    _addresses("routers", "Gateways."),
    _addresses("dns", "Name servers."),
    _addresses("ntp", "Time servers."),
    Field("domain", "DNS domain.", nullable=True, default=None),
    Field("boot_server", "Server of the boot file.", nullable=True, default=None),
    Field("boot_file", "Boot file.", nullable=True, default=None),
    Field(
        "other",
        "Other options, by number, as texts: decimal or hexadecimal numbers, addresses.",
        type="map",
        normalise_key=number,
        of=(Field("values", "Values.", type="list", required=True),),
    ),
)
SCOPES = Resource(
    system="dhcp",
    name="dhcp_scope",
    doc="Étendue DHCP",
    key=("subnet",),
    repairs=UNREPLICATED,
    together=("start", "end"),
    fields=(
        Field("subnet", "Prefix of the scope; its identity.", required=True, normalise=subnet),
        Field("name", "Name, as the console shows it.", minimum=1, maximum=255),
        Field("description", "Description for people.", default="", maximum=255),
        Field("start", "First address of the range.", normalise=address),
        Field("end", "Last address of the range.", normalise=address),
        EXCLUSIONS,
        Field("lease", "Seconds of a lease.", type="int", minimum=60, default=LEASE),
        Field("active", "False while the scope lends nothing.", type="bool", default=True),
        Field(
            "options",
            "What a client gets with its address; the server's own options hold for what is absent.",
            type="dict",
            of=CLIENT_OPTIONS,
        ),
        Field(
            "reservations",
            "Reserved addresses; null removes a reservation.",
            type="map",
            normalise_key=address,
            of=(
                Field("name", "Name of the reservation.", required=True, minimum=1, maximum=255),
                Field("mac", "MAC address, or another identifier in hexadecimal.", required=True, normalise=client),
            ),
        ),
    ),
)


def item(scope: Scope, names: Mapping[str, str]) -> Item:
    """Return a live scope in normal form.

    `names` are the declared names of its reservations, by address.
    """
    plain = {name: scope[name] for name in ("subnet", "name", "description", "start", "end", "lease", "active")}
    options: dict[str, Any] = {}
    reservations: dict[str, Any] = {}
    for entry in scope["entries"]:
        if "address" in entry:
            at = address(entry["address"])
            reservations[at] = {"name": _name(entry, names.get(at, "")), "mac": client(entry["client"])}
        else:
            add_option(options, entry["option"], entry["values"])
    exclusions = settle(EXCLUSIONS, [dict(span) for span in scope["exclusions"]])
    return {**plain, "exclusions": exclusions, "options": options, "reservations": reservations}


def _name(entry: Mapping[str, Any], declared: str) -> str:
    """Return the name of a reservation.

    The server writes its client's own name over it when it lends the address [memory]: Piste also puts the name into
    the description, which stays.
    """
    said = str(entry["description"] or entry["name"])
    known = {said, entry["name"], str(entry["name"]).partition(".")[0]}
    return declared if declared in known else said


def add_option(options: dict[str, Any], which: int, values: list[str]) -> None:
    """Add a live option to others in normal form, except what the server derives by itself."""
    if which in DERIVED:
        return
    by_number = {number: name for name, number in NUMBERS.items()}
    name = by_number.get(which)
    if name is None:
        options.setdefault("other", {})[str(which)] = {"values": list(values)}
    elif name in LISTS:
        options[name] = [address(value) for value in values]
    else:
        (options[name],) = values


def change(operation: Operation) -> dict[str, Any]:
    """Return a creation or a change as the snippet takes it: null for what stays."""
    before, after = operation.before or {}, operation.after or {}
    new = operation.before is None
    network = IPv4Network(operation.key)

    def changed(name: str) -> Any:
        return after[name] if name in after and (new or after[name] != before.get(name)) else None

    span = changed("start") is not None or changed("end") is not None
    active = after.get("active", True) if new else changed("active")
    return {
        "subnet": str(network.network_address),
        "mask": str(network.netmask) if new else None,
        "name": changed("name"),
        "description": changed("description"),
        "lease": changed("lease"),
        "start": after.get("start", before.get("start")) if span else None,
        "end": after.get("end", before.get("end")) if span else None,
        "state": None if active is None or (new and not active) else "Active" if active else "InActive",
        "included": _without(before.get("exclusions"), after.get("exclusions", before.get("exclusions"))),
        "excluded": _without(after.get("exclusions"), before.get("exclusions")),
        **change_of_options(before.get("options") or {}, after.get("options") or {}),
        **_reservations(before.get("reservations") or {}, after.get("reservations") or {}),
    }


def _without(spans: Iterable[Any] | None, others: Iterable[Any] | None) -> list[Any]:
    known = {stable(span) for span in others or ()}
    return [span for span in spans or () if stable(span) not in known]


def _by_number(options: Mapping[str, Any]) -> dict[int, list[str]]:
    """Return the values of options by number; an empty option is none."""
    named = {NUMBERS[name]: value for name, value in options.items() if name in NUMBERS}
    values = {which: value if isinstance(value, list) else [value] for which, value in named.items() if value}
    return values | {int(which): entry["values"] for which, entry in (options.get("other") or {}).items()}


def change_of_options(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options to set, and the numbers of those to remove."""
    old, new = _by_number(before), _by_number(after)
    kept = {which for which in old if which not in new}
    return {
        "options": [{"id": which, "values": values} for which, values in new.items() if values != old.get(which)],
        "cleared": sorted(kept),
    }


def _reservations(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    def wire(at: str) -> dict[str, str]:
        return {"address": at, "client": after[at]["mac"].replace(":", "-"), "name": after[at]["name"]}

    clients = {entry["mac"]: at for at, entry in before.items()}
    moved = [at for at in after if at in before and after[at] != before[at]]
    # A client has a single reservation: an address whose new client still has another is released, then reserved again.
    freed = {at for at in moved if clients.get(after[at]["mac"], at) != at}
    return {
        "released": [at for at in before if at not in after or at in freed],
        "moved": [wire(at) for at in moved if at not in freed],
        "reserved": [wire(at) for at in after if at not in before or at in freed],
    }
