"""Deleted objects of a directory, and their reanimation (MS-ADTS 3.1.1.5.3.7).

A deleted object keeps its GUID, its SID and its name. Where the recycle bin is on, it keeps its attributes and groups
too; elsewhere they are lost, and written again from what was read before.
Believed: [belief windows.bin_active].
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from piste.systems.windows.directory import Directory
from piste.systems.windows.entry import Entry

SHOW_DELETED = ("1.2.840.113556.1.4.417", True, None)
"""LDAP_SERVER_SHOW_DELETED_OID (MS-ADTS 3.1.1.3.4.1.14)."""


class WithDeleted(Directory):
    """A directory whose deleted objects are read by their GUID, and come back."""

    def read_deleted(self, guid: str, attributes: Iterable[str]) -> Entry | None:
        """Read an object by its GUID, deleted or not."""
        wanted = [*attributes, "isDeleted"]
        entries = self._search(self._connected, _by(guid), "(objectClass=*)", wanted, "base", [SHOW_DELETED])
        return entries[0] if entries else None

    def reanimate(self, deleted: Entry, dn: str) -> None:
        """Bring a deleted object back under a name."""
        content = {"isDeleted": [("MODIFY_DELETE", [])], "distinguishedName": [("MODIFY_REPLACE", [dn])]}
        self._modify(deleted.dn, content, [SHOW_DELETED], "réanimer des objets supprimés")


def text_of(raw: bytes) -> str:
    """Write an `objectGUID`."""
    return str(uuid.UUID(bytes_le=raw))


def _by(guid: str) -> str:
    return f"<GUID={uuid.UUID(guid)}>"
