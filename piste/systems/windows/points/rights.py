"""The rights on an object that make somebody its master, and who has them.

Sources: MS-ADTS 5.1.3.2 (rights, extended rights), MS-ADA2 and MS-ADA3 (GUIDs of attributes).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from piste.systems.windows.authority import ENROLL
from piste.systems.windows.gpo.acl import ALLOW, ALLOW_OBJECT, INHERIT_ONLY, Ace, Descriptor

_WRITE, _CONTROL = 0x20, 0x100
_TAKE = 0x10000000 | 0x40000000 | 0x80000 | 0x40000
"""Generic all, generic write, write the owner, write the rights."""
RIGHTS: Mapping[str, tuple[int, str]] = {
    "member": (_WRITE, "bf9679c0-0de6-11d0-a285-00aa003049e2"),
    "links": (_WRITE, "f30e3bbe-9ff0-11d1-b603-0000f80367c1"),
    "acts": (_WRITE, "3f78c3e5-f79a-46bd-a0b8-9d18116ddc79"),
    "keys": (_WRITE, "5b47d60f-6090-40b2-9f37-2a4de88f3063"),
    "reset": (_CONTROL, "00299570-246d-11d0-a768-00aa006e0529"),
    "replicate": (_CONTROL, "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2"),
    "enroll": (_CONTROL, str(ENROLL)),
}
"""Rights on an attribute (member, gPLink, those who act for others, keys), and extended rights (MS-ADTS 5.1.3.2)."""
EVERY = frozenset({*RIGHTS, "take", "control"})
"""Those, *take* (the object whole, or all its attributes) and *control* (all extended rights)."""


def granted(descriptor: Descriptor, wanted: Sequence[str]) -> set[str]:
    """Give the SIDs to which some rights are granted on the object itself."""
    given = (ALLOW, ALLOW_OBJECT)
    return {
        ace.sid
        for ace in descriptor.dacl
        if ace.kind in given and not ace.flags & INHERIT_ONLY and any(_gives(ace, right) for right in wanted)
    }


def _gives(ace: Ace, right: str) -> bool:
    if right == "take":
        return bool(ace.mask & _TAKE or (ace.mask & _WRITE and ace.right is None))
    if right == "control":
        return bool(ace.mask & _CONTROL and ace.right is None)
    mask, guid = RIGHTS[right]
    # Where a right is not named, each of them is given; the owner of all rights is said by `take`.
    return bool(ace.mask & mask) and ace.right in (None, uuid.UUID(guid))
