"""Protection from accidental deletion, as the console writes it.

Everyone is denied the deletion of the object, and of the children of its parent (MS-ADTS 5.1.3.3.3: either right is
enough to delete).
"""

from __future__ import annotations

from dataclasses import replace

from piste.systems.windows.gpo.acl import DENY, INHERIT_ONLY, INHERITED, Ace, build, parse

EVERYONE = "S-1-1-0"
DELETE, DELETE_TREE, DELETE_CHILD = 0x10000, 0x40, 0x2


def _refuses(ace: Ace, mask: int) -> bool:
    own = not ace.flags & (INHERITED | INHERIT_ONLY)
    return ace.kind == DENY and ace.sid == EVERYONE and own and bool(ace.mask & mask)


def protected(descriptor: bytes) -> bool:
    return any(_refuses(ace, DELETE) for ace in parse(descriptor).dacl)


def keeps_children(descriptor: bytes) -> bool:
    return any(_refuses(ace, DELETE_CHILD) for ace in parse(descriptor).dacl)


def protect(descriptor: bytes) -> bytes:
    return _refusing(descriptor, DELETE | DELETE_TREE)


def keep_children(descriptor: bytes) -> bytes:
    return _refusing(descriptor, DELETE_CHILD)


def _refusing(descriptor: bytes, mask: int) -> bytes:
    read = parse(descriptor)
    return build(replace(read, dacl=(Ace(DENY, 0, mask, EVERYONE), *read.dacl)))


def unprotect(descriptor: bytes) -> bytes:
    """Return the descriptor without the denial of deletion.

    Other rights that the same entry denies stay denied.
    """
    read = parse(descriptor)
    kept = [
        ace._replace(mask=ace.mask & ~(DELETE | DELETE_TREE)) if _refuses(ace, DELETE) else ace for ace in read.dacl
    ]
    return build(replace(read, dacl=tuple(ace for ace in kept if ace.mask or not ace.sid)))
