"""The masks of a directory: names, identifiers, descriptors, records of the DNS.

The structure stays, so that what was related is: a SID keeps its last number, a name its places, a record its type.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

from piste.engine.transport.contents import BASE64, content_of, written
from piste.exports.capture.masks import Masks
from piste.exports.capture.vocabulary import words
from piste.systems.windows import dn as names
from piste.systems.windows.dns import record
from piste.systems.windows.gpo import acl
from piste.systems.windows.well_known import OF_DOMAIN, WELL_KNOWN

Note = Callable[[str, str, Any], None]

_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?(?:@.*)?")
_PLAIN = re.compile(r"(?i)\*|true|false|(?:\.\.)?(?:TrustAnchors|RootDNSServers)")
_NUMBER = re.compile(r"-?[0-9.]+Z?")
_TYPES = re.compile(r"(?i)cn|ou|dc|o|l|c|st|street|uid")
"""The types of the steps of a name (RFC 4514, 3)."""
_SERVICE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_TERM = re.compile(r"\(([\w.;-]+)(:[\d.]+:)?([~<>]?=)((?:\\[0-9A-Fa-f]{2}|[^()\\])*)\)")
_OF_CLASSES = frozenset({"objectclass", "objectcategory"})
_REVERSE = ".in-addr.arpa"
_HEAD = 24
"""Bytes of a record of the DNS before its content."""


@cache
def _known() -> frozenset[str]:
    """List the names of principals that every domain has, in English."""
    every = (*(name.rpartition("\\")[2] for name in WELL_KNOWN.values()), *OF_DOMAIN.values())
    return frozenset(name.casefold() for name in (*every, "DnsAdmins", "DnsUpdateProxy", "DHCP Users", "NPS"))


def name(masks: Masks, value: str) -> str:
    """Mask the name of an object, but for what every directory has."""
    plain = value.casefold().rstrip("$")
    if not plain or _GUID.fullmatch(value) or _PLAIN.fullmatch(value) or plain in _known():
        return value
    if value.startswith("S-1-") or all(word in words("places") for word in plain.split()):
        return masks.text(value)
    stem = value.rstrip("$")
    return masks.name(stem if masks.known(stem) else stem.casefold()) + value[len(stem) :]


def principal(masks: Masks, value: str) -> str:
    """Mask the name of an account, whose domain may be before it."""
    domain, slash, account = value.rpartition("\\")
    return name(masks, value) if "\\" in domain else f"{domain}{slash}{name(masks, account)}"


def place(value: Any, masks: Masks, note: Note) -> str:
    """Mask a distinguished name; the classes of a schema are those of every domain."""
    text = str(value)
    try:
        steps = names.split(text)
    except ValueError:
        return masks.sized(text)
    lower = [(attribute.upper(), step.casefold()) for attribute, step in steps]
    if ("CN", "schema") in lower:
        return text
    last = max((at for at, (attribute, _) in enumerate(lower) if attribute != "DC"), default=-1)
    zones = next((at for at, step in enumerate(lower) if step == ("CN", "microsoftdns")), 0)
    shown = []
    for at, (attribute, step) in enumerate(steps):
        if attribute.upper() == "DC" and (at > last or at > zones):
            masked = step
        elif zones and at < zones:
            masked = zone(masks, step) if at == zones - 1 else host(masks, step, steps[zones - 1][1])
        else:
            masked = name(masks, step)
        shown.append((attribute if _TYPES.fullmatch(attribute) else masks.sized(attribute), masked))
    return names.join(shown)


def zone(masks: Masks, value: str) -> str:
    """Mask the name of a zone: that of a reverse zone writes an address."""
    octets = _octets(value)
    return masks.text(value) if octets is None else _reversed(masks, octets, 0) + _REVERSE


def host(masks: Masks, value: str, above: str = "") -> str:
    """Mask the name of a host or of a node: its first label, or the end of an address."""
    octets = _octets(f"{value}.{above}") if above else _octets(value)
    if octets is not None:
        within = len(_octets(above) or ()) if above else 0
        return _reversed(masks, octets, within) + ("" if above else _REVERSE)
    label, dot, domain = value.partition(".")
    if masks.known(value) or label in ("@", ""):
        return masks.text(value)
    return f"{name(masks, label).replace(' ', '-')}{dot}{domain}"


def _octets(value: str) -> list[str] | None:
    """Read the octets of an address that a reverse name writes, the first of the address first."""
    lower = value.casefold().rstrip(".")
    octets = lower.removesuffix(_REVERSE).split(".")[::-1]
    written_so = lower.endswith(_REVERSE) and len(octets) <= 4 and all(octet.isdigit() for octet in octets)
    return octets if written_so else None


def _reversed(masks: Masks, octets: list[str], within: int) -> str:
    shown = masks.text(".".join([*octets, *["0"] * (4 - len(octets))])).split(".")
    return ".".join(shown[within : len(octets)][::-1])


def named(value: Any, masks: Masks, note: Note) -> str:
    """Mask the value of an attribute that is a name, or a path with a name of DHCP."""
    return name(masks, str(value))


def hosted(value: Any, masks: Masks, note: Note) -> str:
    """Mask the name of a host, or of a service on a host."""
    service, slash, where = str(value).partition("/")
    if not slash:
        return _machine(masks, service)
    places = "/".join(_machine(masks, part) for part in where.split("/"))
    return f"{service if _SERVICE.fullmatch(service) else masks.name(service)}/{places}"


def _machine(masks: Masks, value: str) -> str:
    """Mask the name of a machine; behind it a port stays, and no name of an instance."""
    where, colon, instance = value.partition(":")
    shown = instance if _NUMBER.fullmatch(instance) else name(masks, instance)
    return f"{host(masks, where)}{colon}{shown}"


def as_drawn(value: Any, masks: Masks, note: Note) -> str:
    """Keep what a system drew, and the certificates that anybody may read."""
    return str(value)


def sid(value: Any, masks: Masks, note: Note) -> str:
    return _binary(value, masks, lambda raw: acl.sid_bytes(masks.text(names.sid_text(raw))))


def descriptor(value: Any, masks: Masks, note: Note) -> str:
    """Mask the principals of a security descriptor; an entry of an unknown kind is left out."""

    def masked(raw: bytes) -> bytes:
        read = acl.parse(raw)
        aces = tuple(ace._replace(sid=masks.text(ace.sid)) for ace in read.dacl if ace.sid)
        return acl.build(acl.Descriptor(read.control, aces, masks.text(read.owner), masks.text(read.group)))

    return _binary(value, masks, masked)


def dns_record(value: Any, masks: Masks, note: Note) -> str:
    """Mask the content of a record; of a type that Piste does not write, the size stays."""

    def masked(raw: bytes) -> bytes:
        read = record.read(raw)
        if read.type == 0:  # a tombstone, whose content is a moment
            return raw if len(raw) == _HEAD + 8 else raw[:_HEAD] + bytes(len(raw) - _HEAD)
        if read.type in record.TYPES.values() and read.type not in record.NAMED:
            mask = masks.free if read.type == record.TXT else masks.text
            content = record.write(read.type, mask(read.value), 0, 0)[_HEAD:]
            return struct.pack("<H", len(content)) + raw[2:_HEAD] + content
        try:
            return record.renamed(raw, lambda known, rank: (_mailbox if rank else host)(masks, known))
        except ValueError:
            return raw[:_HEAD] + bytes(len(raw) - _HEAD)

    return _binary(value, masks, masked)


def _mailbox(masks: Masks, value: str) -> str:
    """Mask the mailbox of a zone, whose part before the domain may have several labels."""
    shown = name(masks, value.partition(".")[0]).replace(" ", "-")
    return value if masks.known(value) else f"{shown}.exemple.invalid"


def dns_property(value: Any, masks: Masks, note: Note) -> str:
    """Mask a setting of a zone: a number stays, any other value keeps its size."""

    def masked(raw: bytes) -> bytes:
        (size,) = struct.unpack_from("<I", raw)
        if len(raw) < 20 + size:
            raise ValueError("not a property of a zone")
        return raw if size <= 8 else raw[:20] + bytes(size) + raw[20 + size :]

    return _binary(value, masks, masked)


def _binary(value: Any, masks: Masks, mask: Callable[[bytes], bytes]) -> str:
    """Mask bytes that are written as a text; what does not read keeps its size."""
    try:
        return written(mask(content_of(str(value))), binary=True)
    except (ValueError, IndexError, struct.error):
        return BASE64 + written(bytes(len(str(value))), binary=True).removeprefix(BASE64)


def sought(masks: Masks, query: str) -> str:
    """Mask what a filter of LDAP looks for."""

    def term(match: re.Match[str]) -> str:
        attribute, rule, sign, value = match[1], match[2] or "", match[3], match[4]
        if attribute.casefold() in _OF_CLASSES or ((rule or sign in (">=", "<=")) and _NUMBER.fullmatch(value)):
            return match[0]
        if attribute.casefold() == "serviceprincipalname" and value == "HOST/*":
            return match[0]
        plain = re.sub(r"\\([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), value)
        if attribute.casefold().endswith(("sid", "guid")):
            return f"({attribute}{sign}{'*' if value == '*' else _bytes_sought(masks, plain)})"
        parts = [place(part, masks, lambda *_: None) if "=" in part and "," in part else name(masks, part)
                 for part in plain.split("*")]  # fmt: skip
        return f"({attribute}{rule}{sign}{'*'.join(_escaped(part) for part in parts)})"

    return _TERM.sub(term, query)


def _bytes_sought(masks: Masks, plain: str) -> str:
    if plain.startswith("S-1-"):
        return masks.text(plain)
    raw = plain.encode("latin-1", "replace")
    try:
        raw = acl.sid_bytes(masks.text(names.sid_text(raw))) if raw[:1] == b"\1" else raw
    except (ValueError, IndexError, struct.error):
        raw = bytes(len(raw))
    return "".join(f"\\{byte:02x}" for byte in raw)


def _escaped(text: str) -> str:
    return re.sub(r"[()\\\0*]", lambda match: f"\\{ord(match[0]):02x}", text)
