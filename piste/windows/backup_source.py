"""What a backup tells of a GPO that was read: the principals that it names, and the folder as the console spells it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator

from piste.windows.backup_documents import Saved, Trustee, Version
from piste.windows.directory import Directory
from piste.windows.dn import sid_text
from piste.windows.entry import Entry
from piste.windows.gpo import acl
from piste.windows.gpo.document import halves
from piste.windows.gpo.part import FOLDERS
from piste.windows.gpo.stored import INI, MARKER, SIDES, Stored
from piste.windows.wmi_names import WmiNames

_OF_A_DOMAIN = re.compile(r"S-1-5-21(?:-\d+){4}")
_SCOPES = {2: "GlobalGroup", 4: "LocalGroup", 8: "UniversalGroup"}
"""Bits of ``groupType`` (MS-ADTS 2.2.12) and the console's words."""


def saved_of(stored: Stored, directory: Directory, filters: WmiNames) -> Saved:
    """A GPO whose folder has been read, ready to be saved."""
    domain = directory.read(directory.base, ["objectGUID"])
    versions = halves(stored.version), halves(stored.file_version or 0)
    wmi = re.search(r"\{[^}]*\}", stored.wql)
    return Saved(
        guid=stored.guid,
        name=stored.name,
        domain=directory.name,
        domain_guid=f"{{{str(uuid.UUID(bytes_le=domain.raw('objectGUID')[0])).upper()}}}" if domain else "",
        controller=directory.controller,
        comment=stored.comment,
        flags=stored.flags,
        versions={side: Version(versions[0][side], versions[1][side]) for side in SIDES},
        extensions=dict(stored.lists),
        descriptor=acl.build(stored.descriptor),
        trustees=tuple(_trustees(stored, directory)),
        wmi_filter=(wmi[0], filters.name(stored.wql) or "") if wmi else None,
        files={_spelt(path): raw for path, raw in stored.files.items() if not _own(path)},
        objects={side: dict(stored.objects[side]) for side in SIDES},
    )


def _own(path: str) -> bool:
    """True for what the console makes anew, or what only tells that a change was cut."""
    return path.casefold() in (INI.casefold(), MARKER.casefold())


def _spelt(path: str) -> str:
    """A path whose first step, a side's folder, is spelt as the console does."""
    first, mark, rest = path.partition("/")
    return next((name for name in FOLDERS.values() if name.casefold() == first.casefold()), first) + mark + rest


def _trustees(stored: Stored, directory: Directory) -> Iterator[Trustee]:
    """The accounts of domains that the access list names, then those that only the settings do."""
    descriptor = stored.descriptor
    listed = {one.sid for one in descriptor.dacl} | {descriptor.owner, descriptor.group}
    guarding = {sid for sid in listed if _OF_A_DOMAIN.fullmatch(sid)}
    named = {sid for raw in stored.files.values() for sid in _sids(raw)}
    wanted = sorted(guarding) + sorted(named - guarding)
    if not wanted:
        return
    terms = "".join(f"(objectSid={sid})" for sid in wanted)
    found = directory.search(directory.base, f"(|{terms})", ["sAMAccountName", "objectSid", "objectClass", "groupType"])
    known = {sid_text(entry.raw("objectSid")[0]): entry for entry in found}
    for sid in wanted:
        entry = known.get(sid)
        if entry is None:
            yield Trustee(sid, "", from_acl=sid in guarding)
        else:
            name = entry.text("sAMAccountName") or ""
            yield Trustee(sid, name, _kind(entry), directory.netbios, directory.name, sid in guarding)


def _sids(raw: bytes) -> Iterable[str]:
    """SIDs of domains that a file names, in whatever encoding of one or two bytes a letter."""
    return _OF_A_DOMAIN.findall(raw.replace(b"\0", b"").decode("latin-1"))


def _kind(entry: Entry) -> str:
    classes = set(entry.texts("objectClass"))
    if "group" in classes:
        scope = entry.number("groupType") & 0xE
        return next((word for bit, word in _SCOPES.items() if scope & bit), "Unknown")
    return "Computer" if "computer" in classes else "User" if "user" in classes else "Unknown"
