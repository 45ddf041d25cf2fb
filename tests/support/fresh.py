"""A domain made as new between tests: what they added goes, and else it starts again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ldap3 import BASE, SUBTREE
from ldap3.core.exceptions import LDAPException

from lab.ad.host import TREE

if TYPE_CHECKING:
    from ldap3 import Connection

    from tests.support.samba import Domain

_SHOW_DELETED = ("1.2.840.113556.1.4.417", True, None)
_COUNTERS = frozenset({"rIDSet", "rIDManager"})
"""Classes of the objects that count the accounts of a domain."""


class Fresh:
    """The means to have a running domain as it was when it last started."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self._note()

    def restart(self) -> None:
        """Start again from the seed, in about a second."""
        self.domain.restore()
        self._note()

    def renew(self) -> None:
        """Delete what is new; start again where something else changed, or the domain is another."""
        try:
            renewed = self.domain.controller.process_id == self._process and self._emptied()
        except (LDAPException, OSError):
            renewed = False
        if renewed:
            self._note()
        else:
            self.restart()

    def _note(self) -> None:
        self._process, self._usn, self._files = self.domain.controller.process_id, self.domain.usn(), self._seen()

    def _seen(self) -> dict[Path, int]:
        """Return the last change of each file and folder of SYSVOL; a new file changes its folder."""
        root = self.domain.policies.parent
        return {place.relative_to(root): place.lstat().st_ctime_ns for place in (root, *root.rglob("*"))}

    def _emptied(self) -> bool:
        """Delete the objects and files that are new; return False where another changed."""
        now = self._seen()
        added = [path for path in now if path not in self._files]
        grown = {path.parent for path in added}
        if any(path not in now or (now[path] != seen and path not in grown) for path, seen in self._files.items()):
            return False
        with self.domain.ldap() as connection:
            connection.search("", "(objectClass=*)", BASE, attributes=["namingContexts"])
            contexts = connection.entries[0]["namingContexts"].values
            changed = [entry for context in contexts for entry in self._changed(connection, context)]
            new = [entry for entry in changed if int(entry["uSNCreated"].value) > self._usn]
            counted = [entry for entry in changed if _COUNTERS.intersection(entry["objectClass"].values)]
            if len(changed) > len({entry.entry_dn for entry in (*new, *counted)}):
                return False
            live = [entry.entry_dn for entry in new if not entry["isDeleted"].value]
            for dn in sorted(live, key=lambda dn: -dn.count(",")):
                connection.delete(dn)
        tops = [path for path in added if path.parent not in added]
        root = f"{TREE}/state/sysvol/{self.domain.forest.domain}"
        return not tops or self.domain.run("rm", "-r", *(f"{root}/{path}" for path in tops)).returncode == 0

    def _changed(self, connection: Connection, context: str) -> list[Any]:
        wanted = ["isDeleted", "objectClass", "uSNCreated"]
        since = f"(uSNChanged>={self._usn + 1})"
        connection.search(context, since, SUBTREE, attributes=wanted, controls=[_SHOW_DELETED])
        return list(connection.entries)
