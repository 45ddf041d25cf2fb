"""The closed vocabulary of conditions on an object, and what each word means.

A condition is a mapping of words: all of them must be true. A word is a function of this file, in `WORDS`; its
argument is what the table writes beside it. A value that every object of its class has, and that does not show, makes
the point unknown.

Sources: MS-ADTS 2.2.16 (userAccountControl), 5.1.3.2 (rights), 6.1.1.2.4.1.2 (dSHeuristics), 6.1.6.7 (trusts),
MS-ADA2 and MS-ADA3 (attributes), MS-CRTD (templates), MS-KILE 2.2.7 (msDS-SupportedEncryptionTypes).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from piste.engine.converge.errors import Unreachable
from piste.readings.certificates.facts import facts
from piste.readings.certificates.judgment import WEAK_SIGNATURES
from piste.systems.windows import dn as dns
from piste.systems.windows.authority import SIGNING_IN
from piste.systems.windows.dns.properties import Properties
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo.acl import parse
from piste.systems.windows.moments import of_text, of_ticks
from piste.systems.windows.points.rights import EVERY, granted

if TYPE_CHECKING:
    from piste.systems.windows.points.world import World

_DESCRIPTOR = "nTSecurityDescriptor"
_OFF_SYSVOL = re.compile(r"\\\\[^\\]+\\(?!sysvol\\|netlogon\\)", re.IGNORECASE)
_BUILD = re.compile(r"\d+\.\d+ \((\d+)\)")

type Condition = Mapping[str, Any]


def meets(world: World, entry: Entry, condition: Condition) -> bool:
    """Tell whether an object meets every word of a condition. Raises `Unreachable`."""
    return all(WORDS[word](world, entry, argument) for word, argument in condition.items())


def check(condition: Condition) -> None:
    """Raise ValueError for a word that is not of the vocabulary."""
    if unknown := sorted({*condition} - {*WORDS}):
        raise ValueError(f"no word {', '.join(unknown)}")
    for word, argument in condition.items():
        inner = argument if word in ("any", "all") else [argument] if word == "not" else []
        inner = [*argument.values()] if word == "refers" else inner
        for part in inner:
            check(part)
        if word == "grants" and (strange := {*argument} - EVERY):
            raise ValueError(f"no right {', '.join(sorted(strange))}")


def rights(condition: Condition) -> list[str]:
    """List the rights that a condition looks for."""
    inner = [part for word in ("any", "all") for part in condition.get(word, ())]
    return [*condition.get("grants", ()), *(right for part in inner for right in rights(part))]


# logic


def _any(world: World, entry: Entry, conditions: Sequence[Condition]) -> bool:
    return any(meets(world, entry, condition) for condition in conditions)


def _all(world: World, entry: Entry, conditions: Sequence[Condition]) -> bool:
    return all(meets(world, entry, condition) for condition in conditions)


def _not(world: World, entry: Entry, condition: Condition) -> bool:
    return not meets(world, entry, condition)


# values


def _present(world: World, entry: Entry, name: str) -> bool:
    return bool(entry.raw(name))


def _absent(world: World, entry: Entry, name: str) -> bool:
    return not entry.raw(name)


def _bits(world: World, entry: Entry, masks: Mapping[str, int]) -> bool:
    return any(_number(entry, name) & mask for name, mask in masks.items())


def _lacks(world: World, entry: Entry, masks: Mapping[str, int]) -> bool:
    return not _bits(world, entry, masks)


_ALWAYS = frozenset(
    {"userAccountControl", "pwdLastSet", "primaryGroupID", "trustAttributes", "pwdProperties", "maxPwdAge"}
)
"""Numbers that every object of their class has; others are absent where they were never set, and are zero."""


def _number(entry: Entry, name: str) -> int:
    """Read a number. Raises `Unreachable` for one that is always there and does not show."""
    return entry.read(name, int) if name in _ALWAYS else entry.number(name)


def _under(world: World, entry: Entry, limits: Mapping[str, int]) -> bool:
    return any(entry.read(name, int) < limit for name, limit in limits.items())


def _over(world: World, entry: Entry, limits: Mapping[str, int]) -> bool:
    return any(entry.read(name, int) > limit for name, limit in limits.items())


def _equal(world: World, entry: Entry, wanted: Mapping[str, Any]) -> bool:
    """Tell whether a value is that, or in that list; a number that is absent is zero."""
    for name, value in wanted.items():
        values = value if isinstance(value, list) else [value]
        if all(isinstance(item, int) for item in values):
            if _number(entry, name) not in values:
                return False
        elif not {str(item).casefold() for item in values} & {text.casefold() for text in entry.shown(name)}:
            return False
    return True


def _text(world: World, entry: Entry, parts: Mapping[str, str]) -> bool:
    return all(any(part.casefold() in text.casefold() for text in entry.shown(name)) for name, part in parts.items())


def _build_under(world: World, entry: Entry, limits: Mapping[str, int]) -> bool:
    """Compare the build of a version of Windows. Raises `Unreachable` for another version."""

    def build(raw: bytes) -> int:
        if not (read := _BUILD.search(raw.decode(errors="replace"))):
            raise ValueError("ce n’est pas une version de Windows")
        return int(read[1])

    return any(entry.read(name, build) < limit for name, limit in limits.items())


def _digit(world: World, entry: Entry, digit: Mapping[str, Any]) -> bool:
    """Compare a character of dSHeuristics; it is zero where the text is shorter."""
    text = "".join(entry.shown("dSHeuristics")[:1])
    read = text[digit["at"] - 1 : digit["at"]] or "0"
    return bool(read == digit["is"] if "is" in digit else read != digit["not"])


# time


def _older(world: World, entry: Entry, days: Mapping[str, int]) -> bool:
    """Tell whether a moment is past by more days; what never was is not old."""
    moments = {name: of_ticks(_number(entry, name)) for name in days}
    return any(at is not None and world.now - at > timedelta(days=days[name]) for name, at in moments.items())


def _created(world: World, entry: Entry, days: int) -> bool:
    """Tell whether an object was made more days ago."""
    return world.now - entry.read("whenCreated", of_text) > timedelta(days=days)


def _lapsed(world: World, entry: Entry, lapsed: Mapping[str, Any]) -> bool:
    """Tell whether no attribute has an end to come, or past by few days."""
    ends = [of_ticks(entry.number(name)) for name in lapsed["attributes"]]
    return not any(end and world.now - end < timedelta(days=lapsed["days"]) for end in ends)


# principals


def _class(world: World, entry: Entry, name: str) -> bool:
    return name.casefold() in map(str.casefold, entry.shown("objectClass"))


def _kind(world: World, entry: Entry, kinds: Sequence[str]) -> bool:
    return world.kind(entry) in kinds


def _enabled(world: World, entry: Entry, wanted: bool) -> bool:
    return bool(entry.read("userAccountControl", int) & 0x2) != wanted


def _controller(world: World, entry: Entry, wanted: bool) -> bool:
    return world.controller(entry) == wanted


def _rodc(world: World, entry: Entry, wanted: bool) -> bool:
    return bool(entry.number("userAccountControl") & 0x4000000) == wanted


def _privileged(world: World, entry: Entry, wanted: bool) -> bool:
    return world.privileged(entry) == wanted


def _nested(world: World, entry: Entry, wanted: bool) -> bool:
    return world.nested(entry) == wanted


def _loop(world: World, entry: Entry, wanted: bool) -> bool:
    return (dns.normal(entry.dn) in world.above(entry.dn)) == wanted


def _builtin(world: World, entry: Entry, wanted: bool) -> bool:
    return (world.rid(entry) < 1000) == wanted


def _rid(world: World, entry: Entry, numbers: Sequence[int]) -> bool:
    return world.own(entry) and world.rid(entry) in numbers


def _sid(world: World, entry: Entry, sids: Sequence[str]) -> bool:
    return world.sid(entry) in sids


def _member(world: World, entry: Entry, numbers: Sequence[int]) -> bool:
    return any(group in world.above(entry.dn) for group in map(world.dn_of, numbers) if group)


def _sids(world: World, entry: Entry, limits: Mapping[str, int]) -> bool:
    """Tell whether a SID of an attribute is well known, or has a low number in a domain."""
    texts = [dns.sid_text(raw) for name in limits for raw in entry.raw(name)]
    limit = min(limits.values())
    return any(not sid.startswith("S-1-5-21-") or int(sid.rpartition("-")[2]) < limit for sid in texts)


def _unseen(world: World, entry: Entry, numbers: Sequence[int]) -> bool:
    return not all(map(world.dn_of, numbers))


def _refers(world: World, entry: Entry, wanted: Mapping[str, Condition]) -> bool:
    """Tell whether an attribute names a principal, or a silo, that meets a condition.

    Raises `Unreachable` where none does, and some do not show.
    """
    for name, condition in wanted.items():
        others = {dn: world.referred(dn) for dn in map(_plain, entry.shown(name))}
        if any(other and meets(world, other, condition) for other in others.values()):
            return True
        if hidden := [dn for dn, other in others.items() if not other]:
            raise Unreachable(f"{hidden[0]} ne se montre pas à ce compte", where=entry.dn)
    return False


def _unlisted(world: World, entry: Entry, wanted: Mapping[str, Sequence[int]]) -> bool:
    """Tell whether an attribute lacks a principal that it must name."""
    for name, numbers in wanted.items():
        listed = {dns.normal(_plain(dn)) for dn in entry.shown(name)}
        if any(world.dn_of(number) not in listed for number in numbers):
            return True
    return False


def _plain(dn: str) -> str:
    """Give the DN of a value, without its data (`B:8:01020304:CN=…`, MS-ADTS 3.1.1.1.6)."""
    return dn.split(":", 3)[3] if dn.startswith("B:") and dn.count(":") >= 3 else dn


def _childless(world: World, entry: Entry, search: str) -> bool:
    return dns.normal(entry.dn) not in world.parents(search)


# services


def _spn(world: World, entry: Entry, service: str) -> bool:
    return any(name.partition("/")[0].casefold() == service.casefold() for name in entry.shown("servicePrincipalName"))


def _delegates(world: World, entry: Entry, name: str) -> bool:
    """Tell whether an attribute names a service of a controller, or krbtgt."""
    return any(world.critical(service) for service in entry.shown(name))


def _open_zone(world: World, entry: Entry, which: str) -> bool:
    name = "".join(entry.shown("name")[:1]).casefold()
    if which == "ours" and not world.has_zone:
        raise Unreachable("la zone du domaine ne se montre pas à ce compte", where=entry.dn)
    if which == "ours" and name not in (world.domain, f"_msdcs.{world.domain}"):
        return False
    try:
        return Properties(entry.raw("dNSProperty")).updates == "any"
    except ValueError as error:
        raise Unreachable("ses réglages sont illisibles", where=entry.dn, why=str(error)) from error


def _off_sysvol(world: World, entry: Entry, names: Sequence[str]) -> bool:
    return any(_OFF_SYSVOL.search(text) for name in names for text in entry.shown(name))


def _certificate(world: World, entry: Entry, wanted: str) -> bool:
    """Tell whether a certificate of an authority is `broken`, `unreadable` or `weak`."""
    return any(_strength(raw) == wanted for raw in entry.raw("cACertificate") if len(raw) > 1)


def _strength(raw: bytes) -> str:
    try:
        read = facts(raw)
    except ValueError:
        return "unreadable"
    bits = read["key_bits"] if read["key_kind"] == "RSA" else 2048
    if read["key_kind"] == "DSA" or bits < 1024:
        return "broken"
    return "weak" if bits < 2048 or read["signature"] in WEAK_SIGNATURES else ""


def _owned(world: World, entry: Entry, wanted: bool) -> bool:
    return world.owner(entry) == wanted


def _published(world: World, entry: Entry, wanted: bool) -> bool:
    return bool({*entry.shown("cn")} & world.templates) == wanted


def _signs_in(world: World, entry: Entry, wanted: bool) -> bool:
    uses = entry.shown("pKIExtendedKeyUsage")
    return (not uses or any(use in SIGNING_IN for use in uses)) == wanted


# rights


def _grants(world: World, entry: Entry, wanted: Sequence[str]) -> bool:
    """Tell whether who administers nothing has a right on the object, whatever is denied."""
    return any(world.weak(sid) for sid in granted(entry.read(_DESCRIPTOR, parse), wanted))


WORDS: Mapping[str, Callable[[World, Entry, Any], bool]] = {
    "absent": _absent,
    "all": _all,
    "any": _any,
    "bits": _bits,
    "certificate": _certificate,
    "build_under": _build_under,
    "builtin": _builtin,
    "childless": _childless,
    "class": _class,
    "controller": _controller,
    "created": _created,
    "delegates": _delegates,
    "digit": _digit,
    "enabled": _enabled,
    "equal": _equal,
    "grants": _grants,
    "kind": _kind,
    "lacks": _lacks,
    "lapsed": _lapsed,
    "loop": _loop,
    "member": _member,
    "nested": _nested,
    "not": _not,
    "off_sysvol": _off_sysvol,
    "older": _older,
    "open_zone": _open_zone,
    "over": _over,
    "owned": _owned,
    "present": _present,
    "privileged": _privileged,
    "published": _published,
    "refers": _refers,
    "rid": _rid,
    "rodc": _rodc,
    "sid": _sid,
    "sids": _sids,
    "signs_in": _signs_in,
    "spn": _spn,
    "text": _text,
    "under": _under,
    "unlisted": _unlisted,
    "unseen": _unseen,
}
