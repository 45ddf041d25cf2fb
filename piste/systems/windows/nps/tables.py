"""The tables of the kinds of NPS, and the further options of their modules.

Sources: the documents that `Export-NpsConfiguration` writes; `netsh nps` reference (conditions and settings by
number); RFC 2865 (attributes), RFC 2868 (tunnels), RFC 3580 (VLAN of a port).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from piste.engine.converge.resource import Field, Resource

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
"""Days, in the order of their numbers in a condition."""
PORT_TYPES: Mapping[str, int] = {"async": 0, "isdn": 2, "virtual": 5, "wired": 15, "wireless": 19}
"""NAS-Port-Type (RFC 2865 5.41) by its usual name."""
VENDORS: Mapping[str, int] = {"RADIUS Standard": 0, "Cisco": 9, "Cabletron Systems": 52, "Microsoft": 311}
"""Manufacturers of RADIUS clients with a name in NPS; the others have only a number."""
METHODS: Mapping[str, int] = {
    "unauthenticated": 7,
    "pap": 1,
    "chap": 2,
    "mschap": 3,
    "mschap_change": 9,
    "mschapv2": 4,
    "mschapv2_change": 10,
}
"""Authentication methods without EAP, in the order of NPS."""
EAP_TYPES: Mapping[str, int] = {"tls": 13, "peap": 25, "mschapv2": 26, "md5": 4}
PROVIDERS: Mapping[str, int] = {"accept": 0, "local": 1, "forward": 2}
"""Authentication provider (`msAuthProviderType`): none, the request is accepted; this server; a server group."""
TEXT = 256
"""Most characters of the text of a condition."""
_TIMES = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(?:([01]\d|2[0-3]):[0-5]\d|24:00)")


def vendor(name: str) -> str:
    """Return a manufacturer as NPS spells it, or its number. Raises ValueError for another text."""
    known = {spelling.casefold(): spelling for spelling in VENDORS}
    if name.isdecimal():
        return next((spelling for spelling, number in VENDORS.items() if number == int(name)), str(int(name)))
    if name.casefold() not in known:
        raise ValueError(name)
    return known[name.casefold()]


def address(text: str) -> str:
    """Normalise an address, a range in CIDR form, or a DNS name.

    Raises ValueError for another text.
    """
    try:
        return str(ipaddress.ip_network(text)) if "/" in text else str(ipaddress.ip_address(text))
    except ValueError:
        labels = text.rstrip(".").split(".")
        letters = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
        if not all(letters.fullmatch(label) for label in labels) or labels[-1].isdecimal():
            raise
        return text.rstrip(".").lower()


def times(text: str) -> str:
    """Return hours such as `07:30-19:00`.

    Raises ValueError for another form, or an end before the start.
    """
    if not _TIMES.fullmatch(text) or text[:5] >= text[6:]:
        raise ValueError(text)
    return text


def thumbprint(text: str) -> str:
    """Normalise a SHA-1 to 40 upper-case digits. Raises ValueError for another text."""
    bare = text.replace(" ", "").replace(":", "").upper()
    if not re.fullmatch(r"[0-9A-F]{40}", bare):
        raise ValueError(text)
    return bare


def method(name: str) -> str:
    """Return an EAP method's name, or its number where it has no name here.

    Raises ValueError for another text.
    """
    numbers = {str(number): spelling for spelling, number in EAP_TYPES.items()}
    if name in EAP_TYPES:
        return name
    if name.isdecimal() and 0 < int(name) < 255:
        return numbers.get(str(int(name)), str(int(name)))
    raise ValueError(name)


SERVER = Field("server", "The only server of the item; without it, each of the task's C(servers) has the item.")


def _named(what: str) -> tuple[Field, ...]:
    return (
        SERVER,
        Field("name", f"Name of the {what}, its identity; case does not count.", required=True, maximum=255),
        Field("enabled", "True if it is in use.", type="bool", default=True),
    )


_ORDER = Field(
    "order",
    "Processing order: the lowest is tried first, the first that matches decides. Two policies of a server never have "
    "the same order. A new policy needs it.",
    type="int",
    minimum=1,
    maximum=2**31 - 1,
)


def _text(name: str, what: str) -> Field:
    return Field(name, f"Regular expression that {what} matches.", nullable=True, default=None, minimum=1, maximum=TEXT)


MATCHES: Mapping[str, str] = {
    "client_name": "Client-Friendly-Name",
    "client_address": "Client-IP-Address",
    "user_name": "User-Name",
    "calling_station": "Calling-Station-Id",
    "called_station": "Called-Station-Id",
    "nas_address": "NAS-IP-Address",
    "nas_identifier": "NAS-Identifier",
}
"""Attribute of a request that each field of a condition is about."""
GROUPS: Mapping[str, str] = {
    "windows_groups": "NTGROUPS",
    "machine_groups": "MACHINENTGROUPS",
    "user_groups": "USERNTGROUPS",
}

_OF_REQUEST = (
    Field(
        "nas_port_type",
        "Kinds of port from which it comes.",
        type="list",
        unordered=True,
        choices=tuple(PORT_TYPES),
        default=[],
    ),
    _text("client_name", "the name of the RADIUS client"),
    _text("client_address", "the address of the RADIUS client"),
    _text("user_name", "the user's name"),
    _text("calling_station", "the caller's address (Calling-Station-Id, the MAC address of the equipment)"),
    _text("called_station", "the called address (Called-Station-Id, on Wi-Fi it ends with the SSID)"),
    _text("nas_address", "the address that the equipment gives itself (NAS-IP-Address), even behind a proxy"),
    _text("nas_identifier", "the name that the equipment gives itself (NAS-Identifier)"),
    Field(
        "hours",
        "Hours in which it applies, by day, as C(07:30-19:00); a day without hours is closed. Without it, always.",
        type="dict",
        nullable=True,
        default=None,
        of=tuple(
            Field(day, f"Hours on {day}.", type="list", normalise=times, default=[]) for day in (*DAYS[1:], DAYS[0])
        ),
    ),
)
_VERBATIM = Field(
    "verbatim",
    "Conditions of a kind that Piste does not read, as NPS writes them.",
    type="list",
    unordered=True,
    default=[],
)
_OF_GROUPS = tuple(
    Field(
        name,
        f"{who} is in any of these groups of the directory, by name.",
        type="list",
        unordered=True,
        default=[],
    )
    for name, who in (
        ("windows_groups", "The user or the computer"),
        ("machine_groups", "The computer"),
        ("user_groups", "The user"),
    )
)


def _conditions(fields: tuple[Field, ...]) -> Field:
    return Field(
        "conditions",
        "Conditions that a request must all fulfil. A field that is not given is no condition, in any state.",
        type="dict",
        exact=True,
        of=(*fields, _VERBATIM),
    )


CERTIFICATE = Field(
    "certificate",
    "Certificate that the server presents, looked up on each server: of the certificates of a template, or of a "
    "subject, the last to expire. Without it, the server chooses.",
    type="dict",
    of=(
        Field("template", "Name of its certificate template.", minimum=1),
        Field("subject", "Its subject, or the common name in it.", minimum=1),
        Field(
            "thumbprint",
            "Its SHA-1, where nothing else designates it. It changes at each renewal.",
            normalise=thumbprint,
        ),
    ),
)

VLAN = Field(
    "vlan",
    "VLAN into which the port is put (Tunnel-Type, Tunnel-Medium-Type, Tunnel-Private-Group-Id).",
    type="int",
    minimum=1,
    maximum=4094,
    nullable=True,
    default=None,
)
VENDOR_ATTRIBUTES = Field(
    "vendor_attributes",
    "Attributes of a manufacturer in the answer; an attribute may occur several times.",
    type="list",
    identity=("vendor", "type", "value"),
    default=[],
    of=(
        Field("vendor", "Number of the manufacturer.", type="int", required=True, minimum=1, maximum=0xFFFFFF),
        Field("type", "Number of the attribute.", type="int", required=True, minimum=1, maximum=255),
        Field("value", "Its text.", required=True, minimum=1, maximum=247),
    ),
)

RADIUS_CLIENTS = Resource(
    system="nps",
    name="radius_client",
    doc="Client RADIUS",
    key=("server", "name"),
    needs_secret=("enabled",),
    off={"enabled": False},
    fields=(
        *_named("client"),
        Field(
            "address",
            "Its address, a range of them (CIDR), or its DNS name. A new client needs it.",
            normalise=address,
        ),
        Field("secret", "Secret that it shares with the server.", secret="radius/{owner}"),
        Field("vendor", "Its manufacturer, by name or number.", default="RADIUS Standard", normalise=vendor),
        Field(
            "require_message_authenticator",
            "True to require signed requests (Message-Authenticator). Otherwise anybody on the way can forge an answer "
            "(CVE-2024-3596): new clients have true.",
            type="bool",
            default=True,
        ),
    ),
)

CONNECTION_REQUEST_POLICIES = Resource(
    system="nps",
    name="connection_request_policy",
    doc="Stratégie de demande de connexion",
    key=("server", "name"),
    fields=(
        *_named("policy"),
        _ORDER,
        _conditions(_OF_REQUEST),
        Field(
            "authentication",
            "Authentication: C(local), by this server, against the directory; C(forward), by a group of RADIUS "
            "servers; C(accept), none, the request is accepted.",
            choices=tuple(PROVIDERS),
            default="local",
        ),
        Field("server_group", "Group of RADIUS servers to which C(forward) sends.", nullable=True, default=None),
        VLAN,
        VENDOR_ATTRIBUTES,
    ),
)

NETWORK_POLICIES = Resource(
    system="nps",
    name="network_policy",
    doc="Stratégie réseau",
    key=("server", "name"),
    fields=(
        *_named("policy"),
        _ORDER,
        Field("access", "Its answer.", choices=("grant", "deny"), default="grant"),
        Field(
            "ignore_dial_in",
            "True to ignore the dial-in properties of the user's account.",
            type="bool",
            default=False,
        ),
        _conditions((*_OF_REQUEST, *_OF_GROUPS)),
        Field(
            "authentication",
            "Authentication methods without EAP that it accepts; MAC bypass uses C(pap).",
            type="list",
            unordered=True,
            choices=tuple(METHODS),
            default=[],
        ),
        Field(
            "eap",
            "EAP methods that it accepts, the preferred method first.",
            type="list",
            identity=("method",),
            default=[],
            of=(
                Field(
                    "method",
                    "C(tls), certificates on both sides; C(peap), a tunnel with MSCHAPv2; C(mschapv2); C(md5); or the "
                    "number of another method.",
                    required=True,
                    normalise=method,
                ),
                Field(
                    "fast_reconnect",
                    "True if C(peap) may resume a session, where it has a certificate; true by default.",
                    type="bool",
                ),
                CERTIFICATE,
                Field(
                    "verbatim",
                    "Its configuration as NPS writes it, in hex, where Piste does not read it.",
                    normalise=lambda text: bytes.fromhex(text).hex(),
                ),
            ),
        ),
        VLAN,
        Field(
            "filter_id",
            "Name of the group policy that the equipment applies (Filter-Id).",
            nullable=True,
            default=None,
            minimum=1,
        ),
        Field(
            "session_timeout",
            "Seconds after which the equipment must ask again (Session-Timeout).",
            type="int",
            minimum=60,
            nullable=True,
            default=None,
        ),
        Field(
            "idle_timeout",
            "Seconds of silence after which the session ends (Idle-Timeout).",
            type="int",
            minimum=60,
            nullable=True,
            default=None,
        ),
        VENDOR_ATTRIBUTES,
    ),
)

PREFIX = Field(
    "prefix",
    "Beginnings of the owner's names: C(overridden) only removes undeclared items with such a name.",
    type="list",
    default=[],
)
OWNERS = Field(
    "owners",
    "Beginnings of the names of each owner's clients, by owner: the secret of a client that has none of the known "
    "values is named after its owner.",
    type="dict",
    default={},
)
SERVERS = Field(
    "servers",
    "Identical servers, in the order of writes: a server is written once the server before it is verified.",
    type="list",
    required=True,
)
