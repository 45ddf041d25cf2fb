"""Rights of the share of measures: each computer adds its file, and reads no other.

A computer writes as its own account, a member of Domain Computers. It may add a file to the folder, and rewrite the
file that it owns: no listing, no reading, no deletion. The entry of OWNER RIGHTS also takes from the owner of a file
the implicit right to change its access list (MS-DTYP 2.4.2.4, S-1-3-4).

Sources: MS-DTYP 2.4.3 (rights), 2.4.4.1 (inheritance), 2.5.1.1 (SDDL); MS-SMB2 2.2.13.1 (rights of files and folders).
Believed: [belief windows.measure_private].
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from piste.systems.windows.gpo.acl import ALLOW, DENY, INHERIT_ONLY, OBJECT_INHERIT, Ace, Descriptor

ADD_FILE, TRAVERSE, READ_ATTRIBUTES, SYNCHRONIZE = 0x2, 0x20, 0x80, 0x100000
ADDS: Final = ADD_FILE | TRAVERSE | READ_ATTRIBUTES | SYNCHRONIZE
"""On the folder, for computers."""
REWRITES: Final = 0x120196
"""On a file, for its owner: FILE_GENERIC_WRITE and READ_ATTRIBUTES, with neither DELETE nor WRITE_DAC.

CreateFile also demands READ_ATTRIBUTES, which a folder that is not listed does not give: a computer without it writes
its file once, and never again.
"""
READS: Final = 0x1200A9
"""FILE_GENERIC_READ and FILE_GENERIC_EXECUTE, for the readers."""
ALL: Final = 0x1F01FF
OWNER_RIGHTS, CREATOR_OWNER = "S-1-3-4", "S-1-3-0"
_TRUSTED = frozenset({"S-1-5-18", "S-1-5-32-544"})
_ADMINISTRATORS = ("-512", "-519")
_COMPUTERS = "-515"
_EVERYBODY = ("-513", "-514", _COMPUTERS)
_GENERIC = ((0x10000000, ALL), (0x80000000, 0x120089), (0x40000000, 0x120116), (0x20000000, 0x1200A0))
_HARMLESS = ADDS | 0x20000 | 0x8
_DACL_PRESENT = 0x0004
_FOLDER = (
    (0x1, "en liste les fichiers"),
    (0x4, "y crée des dossiers"),
    (0x40, "en supprime les fichiers des autres"),
    (0x10000, "supprime le dossier"),
    (0x40000, "en change les droits"),
    (0x80000, "en prend la propriété"),
)
_FILES = (
    (0x1, "lit les fichiers des autres"),
    (0x2 | 0x4, "écrit dans les fichiers des autres"),
    (0x10000, "supprime les fichiers des autres"),
    (0x40000 | 0x80000, "change les droits des fichiers des autres"),
)
_OWN = (
    (0x10000, "supprime son fichier"),
    (0x40000 | 0x80000, "change les droits de son fichier"),
)


def sddl(domain: str, readers: Sequence[str]) -> str:
    """Give the access list of the folder, by the SIDs of the domain and of its readers."""
    return (
        "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
        + "".join(f"(A;OICI;0x{READS:x};;;{sid})" for sid in readers)
        + f"(A;;0x{ADDS:x};;;{domain}{_COMPUTERS})(A;OIIO;0x{REWRITES:x};;;{OWNER_RIGHTS})"
    )


def aces(domain: str, readers: Sequence[str]) -> tuple[Ace, ...]:
    """Give the entries of the same list."""
    both = OBJECT_INHERIT | 2
    return (
        Ace(ALLOW, both, ALL, "S-1-5-18"),
        Ace(ALLOW, both, ALL, "S-1-5-32-544"),
        *(Ace(ALLOW, both, READS, sid) for sid in readers),
        Ace(ALLOW, 0, ADDS, f"{domain}{_COMPUTERS}"),
        Ace(ALLOW, OBJECT_INHERIT | INHERIT_ONLY, REWRITES, OWNER_RIGHTS),
    )


def faults(descriptor: Descriptor, readers: Collection[str] | None = None) -> list[str]:
    """List in French what the access list of the folder allows too much, or lacks.

    `readers`: their SIDs; None where they are unknown, and any group that only reads is then taken for one.
    """
    if not descriptor.control & _DACL_PRESENT or not descriptor.dacl:
        return ["le dossier n’a pas de liste d’accès : tout le monde y fait tout"]
    said = [line for ace in descriptor.dacl if ace.kind == ALLOW for line in _too_much(ace, readers)]
    odd = (ace for ace in descriptor.dacl if ace.kind not in (ALLOW, DENY))
    said += [f"{ace.sid or 'une entrée'} : entrée d’un genre inattendu" for ace in odd]
    return [*dict.fromkeys(said), *_lacks(descriptor)]


def _too_much(ace: Ace, readers: Collection[str] | None) -> Iterator[str]:
    mask = _whole(ace.mask)
    if ace.sid in _TRUSTED or ace.sid.endswith(_ADMINISTRATORS):
        return
    if ace.sid in (OWNER_RIGHTS, CREATOR_OWNER):
        if ace.flags & OBJECT_INHERIT:
            yield from _named("l’ordinateur", mask, _OWN)
        return
    if (readers is None or ace.sid in readers) and _narrow(ace.sid):
        mask &= ~READS
    if not ace.flags & INHERIT_ONLY:
        yield from _named(ace.sid, mask & ~_HARMLESS, _FOLDER)
        if mask & ADD_FILE and not ace.sid.endswith(_COMPUTERS):
            yield f"{ace.sid} : y crée des fichiers"
    if ace.flags & OBJECT_INHERIT:
        yield from _named(ace.sid, mask, _FILES)


def _narrow(sid: str) -> bool:
    """True for an account or a group of a domain or a server, but that of everybody.

    Samba gives an account of Unix as S-1-22.
    """
    return sid.startswith(("S-1-5-21-", "S-1-22-")) and not sid.endswith(_EVERYBODY)


def _named(who: str, mask: int, words: Sequence[tuple[int, str]]) -> Iterator[str]:
    yield from (f"{who} : {word}" for bits, word in words if mask & bits)


def _lacks(descriptor: Descriptor) -> Iterator[str]:
    allowed = [ace for ace in descriptor.dacl if ace.kind == ALLOW]
    adding = [ace for ace in allowed if ace.sid.endswith(_COMPUTERS) and not ace.flags & INHERIT_ONLY]
    if not any(_whole(ace.mask) & ADD_FILE for ace in adding):
        yield "les ordinateurs du domaine n’y créent pas de fichier"
    owning = [ace for ace in allowed if ace.sid in (OWNER_RIGHTS, CREATOR_OWNER) and ace.flags & OBJECT_INHERIT]
    if not any(_whole(ace.mask) & 0x2 and _whole(ace.mask) & READ_ATTRIBUTES for ace in owning):
        yield "un ordinateur ne réécrit pas son fichier"
    if not any(ace.sid == OWNER_RIGHTS for ace in owning):
        yield "sans l’entrée « OWNER RIGHTS », un ordinateur change les droits de son fichier"


def _whole(mask: int) -> int:
    """Expand generic rights (MS-DTYP 2.4.3) into those of files."""
    for generic, rights in _GENERIC:
        mask |= rights if mask & generic else 0
    return mask & ~0xF0000000
