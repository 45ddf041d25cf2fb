"""The masks of a directory: names, identifiers, descriptors, records of the DNS.

The structure stays, so that what was related is: a SID keeps its last number, a name its places, a record its type.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from functools import cache
from ipaddress import ip_interface
from typing import Any

from piste.engine.transport.contents import BASE64, content_of, written
from piste.exports.capture.masks import Masks
from piste.exports.capture.vocabulary import words
from piste.systems.windows import dn as names
from piste.systems.windows.dns import record
from piste.systems.windows.gpo import acl
from piste.systems.windows.well_known import OF_DOMAIN, WELL_KNOWN

Note = Callable[[str, str, Any], None]

_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
_PLAIN = re.compile(r"(?i)\*|true|false|(?:\.\.)?(?:TrustAnchors|RootDNSServers)")
_NUMBER = re.compile(r"-?[0-9.]+Z?")
_SID = re.compile(r"S-1-[\d-]+")
_TYPES = re.compile(r"(?i)cn|ou|dc|o|l|c|st|street|uid")
"""The types of the steps of a name (RFC 4514, 3)."""
_MARKED = re.compile(r"B:(\d+):([0-9A-Fa-f]*):(.*)", re.DOTALL)
"""A name behind bytes (MS-ADTS 3.1.1.1.6)."""
_LANGUAGE = re.compile(r"[0-9A-Fa-f]{3,4}")
"""The number of a language (MS-LCID), as it names the folder of its menus."""
_SERVICE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_TERM = re.compile(r"\(([\w.;-]+)(:[\d.]+:)?([~<>]?=)((?:\\[0-9A-Fa-f]{2}|[^()\\])*)\)")
_OF_CLASSES = frozenset({"objectclass", "objectcategory"})
_COUNTED = frozenset({"admincount"})
"""Attributes that are numbers, and are looked for."""
_EXTENSIONS = re.compile(r"(?:\[(?:\{[0-9A-Fa-f-]{36}\})+\])*")
_LINK = re.compile(r"(?P<start>\[(?i:LDAP://)?)(?P<where>[^;\]]*)")
_LINKS = re.compile(r"(?:\[(?:LDAP://)?[^;\]]*(?:;\{[0-9A-Fa-f-]{36}\})?;\d+\])+", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:|%\w{1,30}%|")
_URL = re.compile(r"(?P<scheme>https?://)(?P<host>[\w.-]+)(?P<port>(?::\d+)?)(?P<rest>(?:/.*)?)")
_REVERSE = ".in-addr.arpa"
_EVERYWHERE = frozenset({
    "ActiveDirectoryUpdate", "AuthN Policies", "AuthN Policy Configuration", "AuthN Silos", "DFSR-GlobalSettings",
    "DHCP Users", "Directory Service", "DnsAdmins", "DnsUpdateProxy", "Domain System Volume",
    "File Replication Service", "Group Key Distribution Service", "Master Root Keys", "NPS", "Other Organization",
    "Proxy", "WellKnown Security Principals",
})  # fmt: skip
"""Names that every domain has, besides those of its principals and the words of its places."""
_HEAD = 24
"""Bytes of a record of the DNS before its content."""


@cache
def _known() -> frozenset[str]:
    """List the names that every domain has, in English."""
    every = (*(name.rpartition("\\")[2] for name in WELL_KNOWN.values()), *OF_DOMAIN.values(), *_EVERYWHERE)
    return frozenset(name.casefold() for name in every)


def name(masks: Masks, value: str) -> str:
    """Mask the name of an object, but for what every directory has."""
    plain = value.casefold().rstrip("$")
    if not plain or _GUID.fullmatch(value) or _PLAIN.fullmatch(value) or plain in _known():
        return value
    if _SID.fullmatch(value) or all(word in words("places") for word in plain.split()):
        return masks.text(value)
    stem = value.rstrip("$")
    return masks.name(stem if masks.known(stem) else stem.casefold()) + value[len(stem) :]


def principal(masks: Masks, value: str) -> str:
    """Mask the name of an account, whose domain may be before it."""
    domain, slash, account = value.rpartition("\\")
    return name(masks, value) if "\\" in domain else f"{domain}{slash}{name(masks, account)}"


def place(value: Any, masks: Masks, note: Note) -> str:
    """Mask a distinguished name; the languages of menus are those of every domain."""
    text = str(value)
    if marked := _MARKED.fullmatch(text):
        return f"B:{marked[1]}:{'0' * len(marked[2])}:{place(marked[3], masks, note)}"
    try:
        steps = names.split(text)
    except ValueError:
        return masks.sized(text)
    lower = [(attribute.upper(), step.casefold()) for attribute, step in steps]
    top = max((at for at, (attribute, _) in enumerate(lower) if attribute != "DC"), default=-1) + 1
    zones = next((at for at, step in enumerate(lower) if step == ("CN", "microsoftdns")), 0)
    labels = _labels(masks, [step for _, step in steps[top:]])
    of_schema = lower[1:top] == [("CN", "schema"), ("CN", "configuration")]
    of_menus = lower[max(top - 2, 0) : top] == [("CN", "displayspecifiers"), ("CN", "configuration")]
    shown = []
    for at, (attribute, step) in enumerate(steps):
        if at >= top:
            masked = labels[at - top]
        elif of_schema and at == 0:
            masked = classed(step, masks, note)
        elif of_menus and at == top - 3 and _LANGUAGE.fullmatch(step):
            masked = step
        elif zones and at < zones:
            masked = host(masks, step, "" if at == zones - 1 else steps[zones - 1][1])
        else:
            masked = name(masks, step)
        shown.append((attribute if _TYPES.fullmatch(attribute) else masks.sized(attribute), masked))
    return names.join(shown)


def classed(value: Any, masks: Masks, note: Note) -> str:
    """Mask the name of a class that somebody added to the schema.

    LDAP does not write the hyphens of the name in the directory.
    """
    text = str(value)
    return text if text.casefold().replace("-", "") in words("classes") else masks.name(text)


def host(masks: Masks, value: str, above: str = "") -> str:
    """Mask the name of a host, a zone, or a node in the zone above: labels, or an address."""
    octets = _octets(f"{value}.{above}") if above else _octets(value)
    if octets is not None:
        within = len(_octets(above) or ()) if above else 0
        return _reversed(masks, octets, within) + ("" if above else _REVERSE)
    if value in ("@", "") or masks.known(value) or _is_address(value):
        return masks.text(value)
    return ".".join(_labels(masks, value.split(".")))


def _labels(masks: Masks, labels: Sequence[str]) -> list[str]:
    """Mask the labels of a name of the DNS, but for the end that is a declared domain."""
    ends = (at for at in range(len(labels)) if masks.known(".".join(labels[at:]).casefold().rstrip(".")))
    own = next(ends, len(labels))
    return [*(name(masks, label).replace(" ", "-") for label in labels[:own]), *labels[own:]]


def _is_address(value: str) -> bool:
    try:
        ip_interface(value)
    except ValueError:
        return False
    return True


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
    if _is_address(str(value)):
        return masks.text(str(value))
    if not slash:
        return _machine(masks, service)
    places = "/".join(_machine(masks, part) for part in where.split("/"))
    return f"{service if _SERVICE.fullmatch(service) else masks.name(service)}/{places}"


def _machine(masks: Masks, value: str) -> str:
    """Mask the name of a machine; behind it a port stays, and no name of an instance."""
    where, colon, instance = value.partition(":")
    shown = instance if _NUMBER.fullmatch(instance) else name(masks, instance)
    return f"{host(masks, where)}{colon}{shown}"


def address(value: Any, masks: Masks, note: Note) -> str:
    """Mask an address of the Web: its host, and what follows it."""
    match = _URL.fullmatch(str(value))
    if match is None:
        return masks.name(str(value))
    rest = match["rest"].removeprefix("/")
    shown = masks.name(rest).replace(" ", "-")
    return f"{match['scheme']}{host(masks, match['host'])}{match['port']}{'/' if match['rest'] else ''}{shown}"


def path(value: Any, masks: Masks, note: Note) -> str:
    """Mask each step of a path of Windows."""
    return "\\".join(f"{step}" if _DRIVE.fullmatch(step) else host(masks, step) for step in str(value).split("\\"))


def menu(value: Any, masks: Masks, note: Note) -> str:
    """Mask an entry of a menu: a rank, then an identifier, or a title and a program."""
    parts = str(value).split(",")
    return ",".join(path(part, masks, note) if "\\" in part else plain(part, masks, note) for part in parts)


def links(value: Any, masks: Masks, note: Note) -> str:
    """Mask the domains in the links of policies and to filters (MS-GPOL 2.2.2 and 2.2.3)."""
    text = str(value)
    if masks.keep_names:
        return masks.text(text)
    if text.strip() and not _LINKS.fullmatch(text):
        return masks.name(text)

    def masked(match: re.Match[str]) -> str:
        where = match["where"]
        return match["start"] + (place(where, masks, note) if "=" in where else host(masks, where))

    return _LINK.sub(masked, text)


def plain(value: Any, masks: Masks, note: Note) -> str:
    """Keep a number, a truth, a moment or a GUID; any other text is a name."""
    text = str(value)
    kept = any(form.fullmatch(text) for form in (_NUMBER, _GUID, _PLAIN, _EXTENSIONS))
    return masks.text(text) if kept else masks.name(text)


def system(value: Any, masks: Masks, note: Note) -> str:
    """Keep the name or the version of a system that its vendor gives."""
    every = words("systems")
    kept = all(_NUMBER.fullmatch(word) or word in every for word in re.findall(r"[^\s()]+", str(value).casefold()))
    return str(value) if kept else masks.name(str(value))


def as_drawn(value: Any, masks: Masks, note: Note) -> str:
    """Keep what a system drew."""
    return str(value)


def sid(value: Any, masks: Masks, note: Note) -> str:
    return binary(value, masks, lambda raw: acl.sid_bytes(masks.text(names.sid_text(raw))))


def descriptor(value: Any, masks: Masks, note: Note) -> str:
    """Mask the principals of a security descriptor; an entry of an unknown kind is left out."""

    def masked(raw: bytes) -> bytes:
        read = acl.parse(raw)
        aces = tuple(ace._replace(sid=masks.text(ace.sid)) for ace in read.dacl if ace.sid)
        return acl.build(acl.Descriptor(read.control, aces, masks.text(read.owner), masks.text(read.group)))

    return binary(value, masks, masked)


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

    return binary(value, masks, masked)


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

    return binary(value, masks, masked)


def binary(value: Any, masks: Masks, mask: Callable[[bytes], bytes]) -> str:
    """Mask bytes that are written as a text; what does not read keeps its size."""
    try:
        return written(mask(content_of(str(value))), binary=True)
    except (ValueError, IndexError, struct.error):
        return BASE64 + written(bytes(len(str(value))), binary=True).removeprefix(BASE64)


def sought(masks: Masks, query: str) -> str:
    """Mask what a filter of LDAP looks for."""

    def term(match: re.Match[str]) -> str:
        attribute, rule, sign, value = match[1], match[2] or "", match[3], match[4]
        counted = rule or sign in (">=", "<=") or attribute.casefold() in _COUNTED
        if attribute.casefold() in _OF_CLASSES or (counted and _NUMBER.fullmatch(value)):
            return match[0]
        if attribute.casefold() == "serviceprincipalname" and value == "HOST/*":
            return match[0]
        plain = re.sub(r"\\([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), value)
        if attribute.casefold().endswith(("sid", "guid")):
            return f"({attribute}{sign}{'*' if value == '*' else _bytes_sought(masks, plain)})"
        parts = [place(part, masks, lambda *_: None) if "=" in part and "," in part
                 else name(masks, part) if re.search(r"\w", part) else part
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
