"""Names of users, computers and groups, with their SIDs and DNs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from piste.systems.windows import dn as dns
from piste.systems.windows import virtual_accounts
from piste.systems.windows.directory import Directory
from piste.systems.windows.entry import Entry
from piste.systems.windows.well_known import OF_DOMAIN, WELL_KNOWN

CHUNK = 100
"""Names asked for in one search."""

_ATTRIBUTES = ("sAMAccountName", "objectSid", "objectClass", "groupType")


class Known(NamedTuple):
    """A principal of the directory.

    `sid` is empty for a contact; `group_type` is 0 for what is no group.
    """

    name: str
    sid: str
    dn: str
    group_type: int = 0


class Names:
    """The `piste.systems.windows.gpo.part.Principals` of a domain.

    A principal is named by its `sAMAccountName`; a well-known principal by its English name, a contact by its path, a
    service by `NT SERVICE\\name`, an unknown principal by its SID. Answers are kept: nothing is asked twice.
    """

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._by_sid: dict[str, Known | None] = {}
        self._by_dn: dict[str, Known | None] = {}
        self._by_name: dict[str, Known | None] = {}
        self._services = dict(virtual_accounts.KNOWN)
        """The names of services by SID: a SID gives back only a name that somebody has said."""

    # one at a time

    def name(self, sid: str) -> str:
        """Return the name of a principal, or the SID itself where the directory does not know it."""
        if sid in WELL_KNOWN:
            return WELL_KNOWN[sid]
        if virtual_accounts.is_virtual(sid):
            return self._services.get(sid, sid)
        if english := self._english(sid):
            return english
        self.learn(sids=[sid])
        known = self._by_sid[sid]
        return known.name if known else sid

    def sid(self, name: str) -> str:
        """Return the SID of a name. Raises KeyError for a name that the directory does not know.

        The SID of a deleted account still stands for it; the SID of another domain stands for nobody here.
        """
        if constant := self._constant(name):
            return constant
        if name.upper().startswith("S-1-"):
            sid = name.upper()
            self.learn(sids=[sid])
            if self._by_sid[sid] or sid.startswith(f"{self.directory.sid}-") or not sid.startswith("S-1-5-21-"):
                return sid
            raise KeyError(name)
        self.learn(accounts=[name])
        known = self._by_name[dns.fold(name)]
        if known is None or not known.sid:
            raise KeyError(name)
        return known.sid

    def name_of_entry(self, entry: Entry) -> str:
        """Return the name of an object that was read with its account name and SID."""
        return self._keep(entry).name

    def name_of(self, dn: str) -> str:
        """Return the name of the object of a DN, or the DN itself for an object of another domain."""
        self.learn(objects=[dn])
        known = self._by_dn[dns.normal(dn)]
        return known.name if known else dn

    def dn_of(self, name: str) -> str:
        """Return the DN of a name, or `<SID=…>` for a well-known name without an object.

        Raises KeyError.
        """
        if known := self.known(name):
            return known.dn
        sid = self._sid_or_none(name)
        if sid in WELL_KNOWN:
            return f"<SID={sid}>"
        raise KeyError(name)

    def known(self, name: str) -> Known | None:
        """Return the object of a name or of a path; None where there is none."""
        if _is_path(name):
            dn = dns.dn_of(name, self.directory.base)
            self.learn(objects=[dn])
            return self._by_dn[dns.normal(dn)]
        sid = self._sid_or_none(name)
        self.learn(sids=[sid] if sid else [])
        return self._by_sid[sid] if sid else None

    def unit(self, dn: str) -> str:
        """Return the path of an organizational unit. Raises KeyError for a unit of another domain."""
        if not dns.below(dn, self.directory.base):
            raise KeyError(dn)
        return dns.path_of(dn, self.directory.base)

    def unit_dn(self, path: str) -> str:
        """Return the DN of an organizational unit, live or planned. Raises KeyError for any other."""
        try:
            dn = dns.dn_of(path, self.directory.base)
        except ValueError as error:
            raise KeyError(path) from error
        planned = map(dns.folded_path, self.directory.shared.planned("organizational_unit"))
        self.learn(objects=[dn])
        if self._by_dn[dns.normal(dn)] is None and dns.folded_path(path) not in planned:
            raise KeyError(path)
        return dn

    def _sid_or_none(self, name: str) -> str:
        try:
            return self.sid(name)
        except KeyError:
            return ""

    def _english(self, sid: str) -> str:
        """Return the English name of a principal that the domain was created with."""
        domain, _, number = sid.rpartition("-")
        return OF_DOMAIN.get(int(number), "") if domain == self.directory.sid and number.isdigit() else ""

    def _constant(self, name: str) -> str:
        """Return the SID of a name that is the same in every domain."""
        folded = dns.fold(name)
        if folded in _SIDS:
            return _SIDS[folded]
        if folded.startswith(_SERVICE):
            service = name.partition("\\")[2]
            sid = virtual_accounts.service_sid(service)
            self._services.setdefault(sid, f"{virtual_accounts.PREFIX}{service}")
            return sid
        number = _NUMBERS.get(folded)
        return f"{self.directory.sid}-{number}" if number else ""

    def forget(self, name: str) -> None:
        """Forget that the directory did not know a name: it exists from now on."""
        self._by_name.pop(dns.fold(name), None)

    def filter_of(self, name: str) -> str:
        """Return the search filter of the account of a name, in a domain of any language."""
        sid = self._constant(name)
        return f"(objectSid={sid})" if sid else f"(sAMAccountName={dns.literal(name)})"

    # many in one search

    def learn(self, sids: Iterable[str] = (), accounts: Iterable[str] = (), objects: Iterable[str] = ()) -> None:
        """Look up all that is not known yet, in as few searches as possible."""
        todo: dict[str, None] = {}
        for sid in sids:
            if sid not in self._by_sid:
                self._by_sid[sid] = None
                todo[f"(objectSid={sid})"] = None
        for name in accounts:
            if _is_path(name):
                objects = [*objects, dns.dn_of(name, self.directory.base)]
            elif sid := self._constant(name):
                self.learn(sids=[sid])
            elif dns.fold(name) not in self._by_name:
                self._by_name[dns.fold(name)] = None
                todo[self.filter_of(name)] = None
        for dn in objects:
            if dns.normal(dn) not in self._by_dn:
                self._by_dn[dns.normal(dn)] = None
                todo[f"(distinguishedName={dns.literal(dn)})"] = None
        terms = sorted(todo)  # the same question of the same people, in whatever order a domain lists them
        for at in range(0, len(terms), CHUNK):
            desired = "".join(terms[at : at + CHUNK])
            for entry in self.directory.search(self.directory.base, f"(|{desired})", _ATTRIBUTES):
                self._keep(entry)

    def _keep(self, entry: Entry) -> Known:
        """Note a principal as read.

        The entry has `sAMAccountName`, `objectSid` and, where it may be foreign, `objectClass`.
        """
        sid = entry.read("objectSid", dns.sid_text) if entry.raw("objectSid") else ""
        account = entry.text("sAMAccountName")
        foreign = "foreignSecurityPrincipal" in entry.texts("objectClass")
        name = (
            WELL_KNOWN.get(sid)
            or (sid and self._english(sid))
            or account
            or (sid if foreign else dns.path_of(entry.dn, self.directory.base))
        )
        known = Known(name, sid, entry.dn, entry.number("groupType"))
        if sid:
            self._by_sid[sid] = known
        self._by_dn[dns.normal(entry.dn)] = known
        if account:
            self._by_name[dns.fold(account)] = known
        return known


def _is_path(name: str) -> bool:
    """Return True for the path of a contact: no account name may contain its signs."""
    return "/" in name or "CN=" in name


_SIDS: Mapping[str, str] = {dns.fold(name): sid for sid, name in WELL_KNOWN.items()}
_SERVICE = dns.fold(virtual_accounts.PREFIX)
_NUMBERS: Mapping[str, int] = {dns.fold(name): number for number, name in OF_DOMAIN.items()}
