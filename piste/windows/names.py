"""Names of users, computers and groups, and what the directory knows them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from piste.windows import dn as dns
from piste.windows.directory import Directory
from piste.windows.entry import Entry
from piste.windows.well_known import OF_DOMAIN, WELL_KNOWN

CHUNK = 100
"""Names asked for in one search."""

_ATTRIBUTES = ("sAMAccountName", "objectSid", "objectClass", "groupType")


class Known(NamedTuple):
    """A principal of the directory; `sid` is empty for a contact, which has none, `group_type` 0 for what is no
    group."""

    name: str
    sid: str
    dn: str
    group_type: int = 0


class Names:
    """The `piste.windows.gpo.part.Principals` of a domain.

    A principal is called by its bare `sAMAccountName`, one that every domain has by its English name, a contact by
    its path, one that nobody knows by its SID. What is learnt in one search is not asked again.
    """

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._by_sid: dict[str, Known | None] = {}
        self._by_dn: dict[str, Known | None] = {}
        self._by_name: dict[str, Known | None] = {}

    # one at a time

    def name(self, sid: str) -> str:
        """What people call the principal; the SID itself where nobody knows it."""
        if sid in WELL_KNOWN:
            return WELL_KNOWN[sid]
        if english := self._english(sid):
            return english
        self.learn(sids=[sid])
        known = self._by_sid[sid]
        return known.name if known else sid

    def sid(self, name: str) -> str:
        """SID of a name. Raises KeyError for one that the directory does not know.

        The SID of an account that is gone still names it, that of another domain names nobody here.
        """
        if found := self._constant(name):
            return found
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
        """What people call an object that was read with its account name and SID."""
        return self._keep(entry).name

    def name_of(self, dn: str) -> str:
        """What people call the object of a DN; the DN itself for one of another domain."""
        self.learn(objects=[dn])
        known = self._by_dn[dns.normal(dn)]
        return known.name if known else dn

    def dn_of(self, name: str) -> str:
        """DN of a name, `<SID=…>` for a well-known one that the directory holds no object for. Raises KeyError."""
        if known := self.known(name):
            return known.dn
        sid = self._sid_or_none(name)
        if sid in WELL_KNOWN:
            return f"<SID={sid}>"
        raise KeyError(name)

    def known(self, name: str) -> Known | None:
        """The object that bears a name, or stands at a path; None where there is none."""
        if _is_path(name):
            dn = dns.dn_of(name, self.directory.base)
            self.learn(objects=[dn])
            return self._by_dn[dns.normal(dn)]
        sid = self._sid_or_none(name)
        self.learn(sids=[sid] if sid else [])
        return self._by_sid[sid] if sid else None

    def unit(self, dn: str) -> str:
        """Path of an organizational unit. Raises KeyError for one of another domain."""
        if not dns.below(dn, self.directory.base):
            raise KeyError(dn)
        return dns.path_of(dn, self.directory.base)

    def unit_dn(self, path: str) -> str:
        """DN of an organizational unit, planned ones included. Raises KeyError for one that is not there."""
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
        """English name of a principal that the domain was made with."""
        domain, _, number = sid.rpartition("-")
        return OF_DOMAIN.get(int(number), "") if domain == self.directory.sid and number.isdigit() else ""

    def _constant(self, name: str) -> str:
        """SID of a name that is the same everywhere."""
        folded = dns.fold(name)
        if folded in _SIDS:
            return _SIDS[folded]
        number = _NUMBERS.get(folded)
        return f"{self.directory.sid}-{number}" if number else ""

    def forget(self, name: str) -> None:
        """Ask again for a name that the directory did not know: it exists from now on."""
        self._by_name.pop(dns.fold(name), None)

    def filter_of(self, name: str) -> str:
        """Search filter of the account that bears a name, whatever the language in which the domain was made."""
        sid = self._constant(name)
        return f"(objectSid={sid})" if sid else f"(sAMAccountName={dns.literal(name)})"

    # many in one search

    def learn(self, sids: Iterable[str] = (), accounts: Iterable[str] = (), objects: Iterable[str] = ()) -> None:
        """Look up all that is not yet known, in as few searches as may be."""
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
        terms = list(todo)
        for at in range(0, len(terms), CHUNK):
            wanted = "".join(terms[at : at + CHUNK])
            for entry in self.directory.search(self.directory.base, f"(|{wanted})", _ATTRIBUTES):
                self._keep(entry)

    def _keep(self, entry: Entry) -> Known:
        """Note a principal as read, with `sAMAccountName`, `objectSid` and, where it may be a foreign one,
        `objectClass`."""
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
    """True for the path of a contact, whose signs no account name may hold."""
    return "/" in name or "CN=" in name


_SIDS: Mapping[str, str] = {dns.fold(name): sid for sid, name in WELL_KNOWN.items()}
_NUMBERS: Mapping[str, int] = {dns.fold(name): number for number, name in OF_DOMAIN.items()}
