"""Backup of a live GPO: its content, and the names of the principals of its access list."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable

from piste.systems.windows import dn as dns
from piste.systems.windows.backup_documents import Saved, Trustee, Version
from piste.systems.windows.directory import Directory
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo import acl
from piste.systems.windows.gpo.document import halves
from piste.systems.windows.gpo.part import FOLDERS
from piste.systems.windows.gpo.stored import INI, MARKER, SIDES, Stored
from piste.systems.windows.names import Names
from piste.systems.windows.well_known import WELL_KNOWN
from piste.systems.windows.wmi_names import WmiNames

MIGRATION_TABLE = "migration.migtable"
"""Name of the migration table next to the backups of a domain."""
_SCOPES = ((0x2, "GlobalGroup"), (0x4, "LocalGroup"), (0x8, "UniversalGroup"))
"""Bits of `groupType` (MS-ADTS 2.2.12)."""
_OF_A_DOMAIN = re.compile(r"S-1-5-21(?:-\d+){4}")


def saved(stored: Stored, directory: Directory, names: Names, filters: WmiNames) -> Saved:
    """Make the argument of `backup.write_backup` from a GPO that was read whole."""
    known, of_folder = halves(stored.version), halves(stored.file_version or 0)
    sids = {ace.sid for ace in stored.descriptor.dacl if ace.sid}
    settings = _trustees(sorted(_named(stored) - sids), directory, names, from_acl=False)
    own = {INI.casefold(), MARKER.casefold()}
    return Saved(
        guid=stored.guid,
        name=stored.name,
        domain=directory.name,
        domain_guid=_domain_guid(directory),
        controller=directory.controller,
        comment=stored.comment,
        flags=stored.flags,
        versions={side: Version(known[side], of_folder[side]) for side in SIDES},
        extensions=dict(stored.lists),
        descriptor=acl.build(stored.descriptor),
        trustees=tuple(_trustees(sorted(sids), directory, names, from_acl=True) + settings),
        wmi_filter=filters.designated(stored.wql),
        files={_spelt(path): raw for path, raw in stored.files.items() if path.casefold() not in own},
        objects=stored.objects,
    )


def mappings(backed_up: Iterable[Saved]) -> list[tuple[str, str, None]]:
    """Mappings of a migration table: each principal of the domain, to its namesake elsewhere."""
    named = {
        (trustee.kind, f"{trustee.name}@{trustee.dns}") for gpo in backed_up for trustee in gpo.trustees if trustee.dns
    }
    return [(kind, source, None) for kind, source in sorted(named, key=lambda pair: (pair[1].casefold(), pair[0]))]


def _domain_guid(directory: Directory) -> str:
    entry = directory.read(directory.base, ["objectGUID"])
    raw = entry.raw("objectGUID") if entry else []
    return f"{{{str(uuid.UUID(bytes_le=raw[0])).upper()}}}" if raw else ""


def _named(stored: Stored) -> set[str]:
    """SIDs of domains in the settings, in any encoding of one or two bytes a letter."""
    texts = (raw.replace(b"\0", b"").decode("latin-1") for raw in stored.files.values())
    return {sid for text in texts for sid in _OF_A_DOMAIN.findall(text)}


def _spelt(path: str) -> str:
    """Spell the first step of a path, the folder of a side, as the console does."""
    first, mark, rest = path.partition("/")
    return next((name for name in FOLDERS.values() if name.casefold() == first.casefold()), first) + mark + rest


def _trustees(sids: Iterable[str], directory: Directory, names: Names, *, from_acl: bool) -> list[Trustee]:
    names.learn(sids=sids)
    own = [sid for sid in sids if sid.startswith(f"{directory.sid}-")]
    query = "".join(f"(objectSid={sid})" for sid in own)
    entries = directory.search(directory.base, f"(|{query})", ["objectSid", "objectClass", "groupType"]) if own else []
    kinds = {entry.read("objectSid", dns.sid_text): _kind(entry) for entry in entries}
    return [
        Trustee(
            sid,
            names.name(sid),
            "WellKnownGroup" if sid in WELL_KNOWN else kinds.get(sid, "Unknown"),
            netbios=_netbios(directory) if sid in kinds else "",
            dns=directory.name if sid in kinds else "",
            from_acl=from_acl,
        )
        for sid in sids
    ]


def _netbios(directory: Directory) -> str:
    """Short name of the domain."""

    def ask() -> str:
        query = f"(&(objectClass=crossRef)(nCName={dns.literal(directory.base)}))"
        entries = directory.search(f"CN=Partitions,{directory.configuration}", query, ["nETBIOSName"])
        return (entries[0].text("nETBIOSName") if entries else None) or directory.name.split(".")[0].upper()

    name: str = directory.shared.once("netbios", ask)
    return name


def _kind(entry: Entry) -> str:
    classes = entry.texts("objectClass")
    if "group" in classes:
        scope = entry.number("groupType")
        return next((word for bit, word in _SCOPES if scope & bit), "Unknown")
    return "Computer" if "computer" in classes else "User" if "user" in classes else "Unknown"
