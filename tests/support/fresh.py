"""A domain made as new between tests: what they added goes, and else it starts again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ldap3 import BASE, MODIFY_REPLACE, SUBTREE
from ldap3.core.exceptions import LDAPException, LDAPInsufficientAccessRightsResult
from ldap3.protocol.microsoft import security_descriptor_control

from lab.ad.host import TREE
from piste.systems.windows.gpo import acl

if TYPE_CHECKING:
    from ldap3 import Connection

    from tests.support.samba import Domain

_SHOW_DELETED = ("1.2.840.113556.1.4.417", True, None)
_ACCESS_LIST = security_descriptor_control(sdflags=4)
_UNPROTECTED = acl.build(acl.Descriptor(0, (acl.Ace(acl.ALLOW, 0, 0xF01FF, "S-1-1-0"),)))
_OF_THE_MOMENT = frozenset({"uSNChanged", "whenChanged", "dSCorePropagationData"})
"""Attributes that a domain writes by itself."""
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
        self._accounts = self._read_accounts(self.domain.kept())

    def _read_accounts(self, connection: Connection) -> dict[str, Any]:
        """Read the attributes of accounts and groups, by DN: a group loses a member that is deleted."""
        wanted = ["*", "nTSecurityDescriptor"]
        connection.search(self.domain.base_dn, "(sAMAccountName=*)", attributes=wanted, controls=_ACCESS_LIST)
        return {
            entry["dn"]: {name: known for name, known in entry["raw_attributes"].items() if name not in _OF_THE_MOMENT}
            for entry in connection.response or ()
            if entry["type"] == "searchResEntry"
        }

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
        connection = self.domain.kept()
        connection.search("", "(objectClass=*)", BASE, attributes=["namingContexts"])
        contexts = connection.entries[0]["namingContexts"].values
        changed = [entry for context in contexts for entry in self._changed(connection, context)]
        new = [entry for entry in changed if int(entry["uSNCreated"].value) > self._usn]
        counted = [entry for entry in changed if _COUNTERS.intersection(entry["objectClass"].values)]
        others = {entry.entry_dn for entry in changed} - {entry.entry_dn for entry in (*new, *counted)}
        if others - self._accounts.keys():
            return False
        live = [entry.entry_dn for entry in new if not entry["isDeleted"].value]
        for dn in sorted(live, key=lambda dn: -dn.count(",")):
            try:
                connection.delete(dn)
            except LDAPInsufficientAccessRightsResult:  # protected from a deletion by mistake
                opened = {"nTSecurityDescriptor": [(MODIFY_REPLACE, [_UNPROTECTED])]}
                connection.modify(dn, opened, controls=_ACCESS_LIST)
                connection.delete(dn)
        accounts = self._read_accounts(connection) if others else {}
        if any(accounts.get(dn) != self._accounts[dn] for dn in others):
            return False
        tops = [path for path in added if path.parent not in added]
        root = f"{TREE}/state/sysvol/{self.domain.forest.domain}"
        return not tops or self.domain.run("rm", "-r", *(f"{root}/{path}" for path in tops)).returncode == 0

    def _changed(self, connection: Connection, context: str) -> list[Any]:
        wanted = ["isDeleted", "objectClass", "uSNCreated"]
        since = f"(uSNChanged>={self._usn + 1})"
        connection.search(context, since, SUBTREE, attributes=wanted, controls=[_SHOW_DELETED])
        return list(connection.entries)
