"""The domain as a reading sees it: its objects, who administers it, who belongs to what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from piste.engine.converge.errors import Unreachable
from piste.systems.windows import dn as dns
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo.acl import parse
from piste.systems.windows.searches import DESCRIPTOR
from piste.systems.windows.well_known import PRIVILEGED

PRINCIPALS = "principals"
BUILTIN = "S-1-5-32-"
TRUSTED = frozenset({"S-1-3-0", "S-1-3-4", "S-1-5-9", "S-1-5-10", "S-1-5-18"})
"""Creator, owner, controllers of the forest, the object itself, the system."""
OWNERS = frozenset({"S-1-5-18", f"{BUILTIN}544"})
"""Owners that the agency admits, with the administrators of the domain and of the enterprise."""
EVERYBODY = frozenset({"S-1-1-0", "S-1-5-7", "S-1-5-11", "S-1-5-4", "S-1-5-2"})
IN_CHARGE = frozenset({512, 516, 518, 519, 526, 527})
"""Groups of a domain that administer it, as the agency counts them, by the last number of their SID."""
_ANYBODY = frozenset({513, 514, 515})
"""Groups of everybody in a domain: they are primary groups, which list no member."""
_REPLICATOR = f"{BUILTIN}552"
_KINDS = (
    ("group", "group"), ("foreignsecurityprincipal", "foreign"), ("msds-groupmanagedserviceaccount", "managed"),
    ("msds-managedserviceaccount", "managed"), ("computer", "computer"), ("user", "user"),
)  # fmt: skip
_TRUST = 0x800
_CONTROLLERS = 0x2000 | 0x4000000


class World:
    """The objects of a reading by search, at the controller's moment; `sid` is the domain's."""

    def __init__(self, base: str, sid: str, now: datetime, objects: Mapping[str, Sequence[Entry]]) -> None:
        self.now, self.objects, self._domain_sid = now, objects, sid
        self.domain = dns.domain_of(base).casefold()
        self._by_dn = {dns.normal(entry.dn): entry for entry in objects.get(PRINCIPALS, ())}
        self._by_sid = {self.sid(entry): dn for dn, entry in self._by_dn.items() if entry.raw("objectSid")}
        self._silos = {dns.normal(entry.dn): entry for entry in objects.get("silos", ())}
        self._above: dict[str, frozenset[str]] = {}
        self._parents: dict[str, frozenset[str]] = {}

    # a principal

    def principal(self, dn: str) -> Entry | None:
        return self._by_dn.get(dns.normal(dn))

    def referred(self, dn: str) -> Entry | None:
        """Give what an attribute names: a principal, or a silo."""
        return self.principal(dn) or self._silos.get(dns.normal(dn))

    def known(self, sid: str) -> Entry | None:
        return self._by_dn.get(self._by_sid.get(sid, ""))

    def sid(self, entry: Entry) -> str:
        """Give the SID of a principal. Raises `Unreachable`."""
        return entry.read("objectSid", dns.sid_text)

    def rid(self, entry: Entry) -> int:
        return int(self.sid(entry).rpartition("-")[2])

    def own(self, entry: Entry) -> bool:
        """Tell whether a principal is of this domain, or built in."""
        return self.sid(entry).rpartition("-")[0] in (self._domain_sid, BUILTIN.removesuffix("-"))

    def kind(self, entry: Entry) -> str:
        classes = {name.casefold() for name in entry.shown("objectClass")}
        kind = next((kind for name, kind in _KINDS if name in classes), "")
        return "trust" if kind == "user" and entry.number("userAccountControl") & _TRUST else kind

    def dn_of(self, number: int) -> str:
        """Give the normal DN of a principal by the last number of its SID; empty if unseen."""
        return self._by_sid.get(f"{self._domain_sid}-{number}") or self._by_sid.get(f"{BUILTIN}{number}", "")

    def controller(self, entry: Entry) -> bool:
        return self.kind(entry) == "computer" and bool(entry.number("userAccountControl") & _CONTROLLERS)

    # groups

    def above(self, dn: str) -> frozenset[str]:
        """Give the normal DNs of the groups that a principal belongs to, at any depth."""
        start = dns.normal(dn)
        if start not in self._above:
            seen, todo = set[str](), [*self._direct(start)]
            while todo:
                if (group := todo.pop()) not in seen:
                    seen.add(group)
                    todo += self._direct(group)
            self._above[start] = frozenset(seen)
        return self._above[start]

    def _direct(self, normal: str) -> Iterable[str]:
        entry = self._by_dn.get(normal)
        if entry is None:
            return ()
        primary = self._by_sid.get(f"{self._domain_sid}-{entry.number('primaryGroupID')}", "")
        return filter(None, (*map(dns.normal, entry.shown("memberOf")), primary))

    @cached_property
    def _in_charge(self) -> frozenset[str]:
        """The normal DNs of the groups that administer the domain."""
        sids = {*PRIVILEGED, _REPLICATOR, *(f"{self._domain_sid}-{number}" for number in IN_CHARGE)}
        return frozenset(self._by_sid[sid] for sid in sids if sid in self._by_sid)

    def privileged(self, entry: Entry) -> bool:
        """Tell whether a principal administers the domain; controllers are not counted."""
        if not entry.raw("objectSid") or self.controller(entry):
            return False
        normal = dns.normal(entry.dn)
        is_built_in = self.sid(entry) == f"{self._domain_sid}-500"
        return is_built_in or normal in self._in_charge or bool(self.above(entry.dn) & self._in_charge)

    def nested(self, entry: Entry) -> bool:
        """Tell whether a principal administers the domain through other groups alone."""
        if self.kind(entry) == "group":
            return False
        return not {*self._direct(dns.normal(entry.dn))} & self._in_charge and self.rid(entry) != 500

    def owner(self, entry: Entry) -> bool:
        """Tell whether who owns an object administers the domain."""
        owner = entry.read(DESCRIPTOR, parse).owner
        if not owner:
            raise Unreachable("son propriétaire ne se montre pas à ce compte", where=entry.dn)
        return owner in OWNERS or owner in {f"{self._domain_sid}-{number}" for number in (512, 519)}

    def weak(self, sid: str) -> bool:
        """Tell whether what a SID may, somebody who administers nothing may.

        A group whose members all administer gives nothing new; a SID that nobody shows is not judged.
        """
        if sid in EVERYBODY or sid in (f"{BUILTIN}545", f"{BUILTIN}546", f"{BUILTIN}554"):
            return True
        if sid in TRUSTED or (sid.startswith(BUILTIN) and sid not in self._by_sid):
            return False
        if (entry := self.known(sid)) is None:
            return False
        if self._administers(entry) or self.rid(entry) in IN_CHARGE:
            return False
        if self.kind(entry) != "group":
            return True
        return self.rid(entry) in _ANYBODY or bool(self._members.get(dns.normal(entry.dn)))

    def _administers(self, entry: Entry) -> bool:
        """Tell whether a principal holds the domain: as its administrator, controller, authority."""
        hosts = {name.casefold() for name in entry.shown("dNSHostName")}
        return self.privileged(entry) or self.controller(entry) or bool(hosts & self._authorities)

    @cached_property
    def _authorities(self) -> frozenset[str]:
        """The names of the machines of the authorities that issue: what they sign is believed."""
        return frozenset(name.casefold() for entry in self.objects["services"] for name in entry.shown("dNSHostName"))

    @cached_property
    def _members(self) -> Mapping[str, bool]:
        """The groups to which an account that administers nothing belongs."""
        return {
            group: True
            for entry in self._by_dn.values()
            if self.kind(entry) not in ("group", "trust") and not self._administers(entry)
            for group in self.above(entry.dn)
        }

    # the rest

    def parents(self, search: str) -> frozenset[str]:
        """Give the normal DNs of the objects that have a child of a search."""
        if search not in self._parents:
            self._parents[search] = frozenset(dns.normal(dns.parent(entry.dn)) for entry in self.objects[search])
        return self._parents[search]

    @cached_property
    def templates(self) -> frozenset[str]:
        """The names of the templates that an authority publishes."""
        return frozenset(name for entry in self.objects["services"] for name in entry.shown("certificateTemplates"))

    @cached_property
    def has_zone(self) -> bool:
        """Tell whether the zone of the domain shows."""
        return any(self.domain in map(str.casefold, entry.shown("name")) for entry in self.objects["zones"])

    @cached_property
    def _hosts(self) -> frozenset[str]:
        """The names of the controllers, short and whole."""
        names = {
            name.casefold().removesuffix("$")
            for entry in self._by_dn.values() if self.controller(entry)
            for name in (*entry.shown("dNSHostName"), *entry.shown("sAMAccountName"))
        }  # fmt: skip
        return frozenset(names)

    def critical(self, service: str) -> bool:
        """Tell whether a name of a service is of a controller, or of krbtgt."""
        kind, _, host = service.casefold().partition("/")
        return kind == "krbtgt" or host.partition("/")[0].partition(":")[0] in self._hosts
