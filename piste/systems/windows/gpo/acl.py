"""Security descriptors of GPOs: bytes, and the filtering that people declare.

Two descriptors guard a GPO: that of its object in the directory, and that of its folder in SYSVOL. The folder's follows
from the object's. People declare the *filtering* of the object: who applies the GPO, and who is exempt.

Sources: MS-DTYP 2.4.4 to 2.4.6 (ACE, ACL, descriptor), MS-ADTS 5.1.3.2 (rights of the directory), MS-GPOL 3.2.5.1
(Apply Group Policy), MS16-072 (computers read a GPO before its users apply it).
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from piste.systems.windows.dn import sid_text

AUTHENTICATED_USERS = "S-1-5-11"
_CREATOR_OWNER = "S-1-3-0"
_PRE_WINDOWS_2000 = "S-1-5-32-554"
APPLY = uuid.UUID("edacfd8f-ffb3-11d1-b41d-00a0c968f939")
"""Extended right *Apply Group Policy*."""

ALLOW, DENY, ALLOW_OBJECT, DENY_OBJECT = 0, 1, 5, 6
_OBJECTS = (ALLOW_OBJECT, DENY_OBJECT)
OBJECT_INHERIT, CONTAINER_INHERIT, INHERIT_ONLY, INHERITED = 1, 2, 8, 16
_PROTECTED, _DACL_PRESENT, _AUTO_INHERITED, _SELF_RELATIVE = 0x1000, 0x0004, 0x0400, 0x8000

_CONTROL_ACCESS = 0x100
_READ = 0x20094
"""What the console grants as *Read*: list contents and object, read properties and permissions."""
_SEE = 0x14
"""List contents and read properties: a client without both does not see the GPO."""


class Ace(NamedTuple):
    """One entry of an access list.

    `right` and `heir` are the GUIDs of an object entry. `rest` is the bytes after the SID (conditions); for an unknown
    kind it is the whole body, and `sid` is empty.
    """

    kind: int
    flags: int
    mask: int
    sid: str
    right: uuid.UUID | None = None
    heir: uuid.UUID | None = None
    rest: bytes = b""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A security descriptor without its audit list; owner and group may be unread (empty)."""

    control: int
    dacl: tuple[Ace, ...]
    owner: str = ""
    group: str = ""


def parse(raw: bytes) -> Descriptor:
    """Read a self-relative descriptor. Raises ValueError for other bytes."""
    try:
        _, _, control, owner, group, _, dacl = struct.unpack_from("<BBHIIII", raw)
        return Descriptor(control, _aces(raw, dacl) if dacl else (), _sid(raw, owner), _sid(raw, group))
    except (struct.error, IndexError, ValueError) as error:
        raise ValueError("not a security descriptor") from error


def _sid(raw: bytes, at: int) -> str:
    return sid_text(raw[at:]) if at else ""


def _aces(raw: bytes, at: int) -> tuple[Ace, ...]:
    count = struct.unpack_from("<BBHHH", raw, at)[3]
    at += 8
    aces = []
    for _ in range(count):
        kind, flags, size = struct.unpack_from("<BBH", raw, at)
        if size < 8:
            raise ValueError("an entry without a body")
        aces.append(_ace(kind, flags, raw[at + 4 : at + size]))
        at += size
    return tuple(aces)


def _ace(kind: int, flags: int, body: bytes) -> Ace:
    if kind not in (ALLOW, DENY, *_OBJECTS):
        return Ace(kind, flags, 0, "", rest=body)
    (mask,) = struct.unpack_from("<I", body)
    at, right, heir = 4, None, None
    if kind in _OBJECTS:
        (present,) = struct.unpack_from("<I", body, at)
        at += 4
        if present & 1:
            right, at = uuid.UUID(bytes_le=body[at : at + 16]), at + 16
        if present & 2:
            heir, at = uuid.UUID(bytes_le=body[at : at + 16]), at + 16
    end = at + 8 + 4 * body[at + 1]
    return Ace(kind, flags, mask, sid_text(body[at:end]), right, heir, body[end:])


def sid_bytes(sid: str) -> bytes:
    """Binary form of `S-1-5-…` (MS-DTYP 2.4.2.2)."""
    revision, authority, *parts = (int(part) for part in sid.split("-")[1:])
    return bytes([revision, len(parts)]) + authority.to_bytes(6, "big") + struct.pack(f"<{len(parts)}I", *parts)


def build(descriptor: Descriptor) -> bytes:
    """Self-relative bytes of a descriptor."""
    body = b"".join(map(_ace_bytes, descriptor.dacl))
    revision = 4 if any(ace.kind in _OBJECTS for ace in descriptor.dacl) else 2
    acl = struct.pack("<BBHHH", revision, 0, len(body) + 8, len(descriptor.dacl), 0) + body
    owner, group = (sid_bytes(sid) if sid else b"" for sid in (descriptor.owner, descriptor.group))
    after_owner, after_group = 20 + len(owner), 20 + len(owner) + len(group)
    header = struct.pack(
        "<BBHIIII",
        1,
        0,
        descriptor.control | _SELF_RELATIVE | _DACL_PRESENT,
        20 if owner else 0,
        after_owner if group else 0,
        0,
        after_group,
    )
    return header + owner + group + acl


def _ace_bytes(ace: Ace) -> bytes:
    if ace.sid:
        body = struct.pack("<I", ace.mask)
        if ace.kind in _OBJECTS:
            body += struct.pack("<I", (1 if ace.right else 0) | (2 if ace.heir else 0))
            body += b"".join(guid.bytes_le for guid in (ace.right, ace.heir) if guid)
        body += sid_bytes(ace.sid) + ace.rest
    else:
        body = ace.rest
    return struct.pack("<BBH", ace.kind, ace.flags, len(body) + 4) + body


# what people declare


def _applies(ace: Ace, kind: int) -> bool:
    return ace.kind == kind and ace.right == APPLY and bool(ace.mask & _CONTROL_ACCESS)


def _sees(ace: Ace, sid: str) -> bool:
    return ace.kind == ALLOW and ace.sid == sid and ace.mask & _SEE == _SEE and not ace.flags & INHERIT_ONLY


def filtering(dacl: Iterable[Ace]) -> list[str]:
    """SIDs that apply the GPO."""
    return list(dict.fromkeys(ace.sid for ace in dacl if _applies(ace, ALLOW_OBJECT)))


def exempt(dacl: Iterable[Ace]) -> list[str]:
    """SIDs that never apply the GPO, whatever their groups."""
    return list(dict.fromkeys(ace.sid for ace in dacl if _applies(ace, DENY_OBJECT)))


def readable(dacl: Sequence[Ace], domain_sid: str) -> bool:
    """True where every computer may read the GPO.

    A computer that cannot read a GPO does not apply it to its users either (MS16-072).
    """
    return any(_sees(ace, sid) for ace in dacl for sid in (AUTHENTICATED_USERS, f"{domain_sid}-515"))


def filtered(dacl: Sequence[Ace], who: Iterable[str] | None, spared: Iterable[str] | None) -> tuple[Ace, ...]:
    """Set who applies the GPO and who is exempt; None keeps the present SIDs.

    A SID that no longer applies the GPO loses the plain *Read* that came with it; authenticated users
    always keep theirs. Every other entry stays, in order. Refusals go first, in the order of evaluation.
    """
    desired = filtering(dacl) if who is None else list(dict.fromkeys(who))
    denied = exempt(dacl) if spared is None else list(dict.fromkeys(spared))
    gone = {sid for sid in filtering(dacl) if sid not in desired} - {AUTHENTICATED_USERS}
    kept = [
        ace
        for ace in dacl
        if not (_applies(ace, ALLOW_OBJECT) and ace.sid not in desired)
        and not (_applies(ace, DENY_OBJECT) and ace.sid not in denied)
        and not (ace.kind == ALLOW and ace.sid in gone and ace.mask == _READ)
    ]
    refusals = [
        Ace(DENY_OBJECT, CONTAINER_INHERIT, _CONTROL_ACCESS, sid, APPLY) for sid in denied if sid not in exempt(kept)
    ]
    grants = []
    for sid in dict.fromkeys((AUTHENTICATED_USERS, *desired)):
        if not any(_sees(ace, sid) for ace in kept):
            grants.append(Ace(ALLOW, CONTAINER_INHERIT, _READ, sid))
        if sid in desired and sid not in filtering(kept):
            grants.append(Ace(ALLOW_OBJECT, CONTAINER_INHERIT, _CONTROL_ACCESS, sid, APPLY))
    own = [ace for ace in kept if not ace.flags & INHERITED]
    return (*refusals, *own, *grants, *(ace for ace in kept if ace.flags & INHERITED))


# from the directory to SYSVOL

_TO_FILES = (
    (0x14, 0x1000A9 | 0x01),  # list contents and read properties → read, list, traverse
    (0x20, 0x100116),  # write properties → write, append, attributes
    (0x01, 0x06),  # create child → add files and folders
    (0x02, 0x40),  # delete child
)
_STANDARD = 0x1F0000


def _file_mask(mask: int) -> int:
    result = mask & _STANDARD
    for needed, given in _TO_FILES:
        if mask & needed == needed:
            result |= given
    return result


def of_folder(descriptor: Descriptor) -> Descriptor:
    """Derive the descriptor of a GPO's folder from its object's.

    The result is what `samba-tool gpo aclcheck` expects. The right to apply means nothing for a file: its entry stays,
    with an empty mask. A refusal stays only where it refuses some access to files.
    """
    entries = []
    for ace in descriptor.dacl:
        mask = _file_mask(ace.mask)
        allowed = ace.kind in (ALLOW, ALLOW_OBJECT)
        if not ace.sid or ace.sid == _PRE_WINDOWS_2000 or not (allowed or (ace.kind == DENY and mask)):
            continue
        flags = ace.flags | OBJECT_INHERIT | CONTAINER_INHERIT | (INHERIT_ONLY if ace.sid == _CREATOR_OWNER else 0)
        entries.append(ace._replace(flags=flags, mask=mask))
    return replace(descriptor, control=descriptor.control | _PROTECTED, dacl=tuple(entries))


def of_child(folder: Descriptor, *, is_folder: bool) -> Descriptor:
    """Descriptor that a file or a folder inside the GPO's folder inherits.

    Only folders keep the entries of the creator, to hand them down.
    """
    entries = [
        ace._replace(flags=(ace.flags if is_folder else ace.flags & INHERIT_ONLY) | INHERITED)
        for ace in folder.dacl
        if is_folder or not ace.flags & INHERIT_ONLY
    ]
    return replace(folder, control=_AUTO_INHERITED, dacl=tuple(entries))


def same_access(mine: Iterable[Ace], theirs: Iterable[Ace]) -> bool:
    """True where two lists give the same access to files.

    Order, inheritance and entries that give nothing do not count: Samba writes the entries of the right to apply, the
    console does not.
    """
    return _effective(mine) == _effective(theirs)


def _effective(dacl: Iterable[Ace]) -> set[Ace]:
    return {ace._replace(flags=ace.flags & ~INHERITED) for ace in dacl if ace.mask or not ace.sid}
