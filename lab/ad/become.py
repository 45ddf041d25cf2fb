"""Fill a domain with what a capture has (`lab/ad/captured.py` says what it is given).

The system's Python runs it, since it has Samba's modules, in the tree of a stopped controller. It reads a JSON object
from standard input, with bytes in base64, and writes the list of what it could not take. No account gets a password.
"""

import json
import os
import re
import shutil
import struct
import sys
from base64 import b64decode
from collections import defaultdict

import ldb
from attributes import ABOVE, ALIKE, AS_GIVEN, IDENTITY, LATER, MOMENTS, NEEDED, PASSWORD, REPLACED, SYSTEM
from samba.auth import system_session
from samba.auth_util import system_session_unix
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
from samba.ntacls import setntacl
from samba.param import LoadParm
from samba.samba3 import param as s3param
from samba.samdb import SamDB

CONFIGURATION = "/run/dc/etc/smb.conf"
DATABASE = "/run/dc/private/sam.ldb"
DESCRIPTOR, CONTROL = "nTSecurityDescriptor", "userAccountControl"
CHAIN = "1.2.840.113556.1.4.1941"
DISABLED, INHERITED = 0x2, 16
ORDINARY = 1000
"""The first number of an account that a domain is not made with."""
POOL, MOST = 500, 20


def fold(dn):
    return str(dn).casefold()


def plain(raw):
    return raw.decode("utf-8", "replace")


def binary(sid):
    return ndr_pack(security.dom_sid(sid))


class Captured:
    """A directory that takes what was captured of another."""

    def __init__(self, given):
        self.given, self.base = given, given["base"]
        self.parameters = LoadParm()
        self.parameters.load(CONFIGURATION)
        self.database = SamDB(url=DATABASE, session_info=system_session(self.parameters), lp=self.parameters)
        self.sid, self.theirs = str(self.database.get_domain_sid()), given["sid"]
        self.objects = [(entry, {n: [b64decode(v) for v in vs] for n, vs in entry["values"].items()})
                        for entry in given["objects"]]  # fmt: skip
        self.here = {}
        """The DN here of each captured object, by its own."""
        self.numbers = {}
        """The number here of a captured account, where it is another."""
        self.new = set()
        self.left, self.more = [], set()
        self.refused = defaultdict(list)
        """Objects whose attribute the domain does not hold, by attribute."""
        self.own = {name: known for name in given["own"] if (known := self.account(name))}
        self.sids = {self.sid_of(known) for known in self.own.values()}

    def search(self, query, base=None, scope=ldb.SCOPE_SUBTREE, attributes=("objectSid",), controls=()):
        try:
            where = ldb.Dn(self.database, base or self.base)
            return list(self.database.search(where, scope, query, [*attributes], [*controls]))
        except (ldb.LdbError, ValueError) as error:
            if isinstance(error, ValueError) or error.args[0] == ldb.ERR_NO_SUCH_OBJECT:
                return []
            raise

    def read(self, dn, attributes=("objectSid",), controls=()):
        return next(iter(self.search("(objectClass=*)", dn, ldb.SCOPE_BASE, attributes, controls)), None)

    def account(self, name):
        return next(iter(self.search(f"(sAMAccountName={ldb.binary_encode(name)})")), None)

    def of_sid(self, sid):
        return next(iter(self.search(f"(objectSid={sid})")), None)

    @staticmethod
    def sid_of(known):
        return str(ndr_unpack(security.dom_sid, known["objectSid"][0])) if "objectSid" in known else ""

    def captured_sid(self, values):
        """Give the SID that a captured account would have here, if it has any."""
        raw = values.get("objectSid")
        sid = str(ndr_unpack(security.dom_sid, raw[0])) if raw else ""
        return self.sid + sid[len(self.theirs) :] if self.theirs and sid.startswith(f"{self.theirs}-") else sid

    def counterpart(self, entry, values):
        """Find the object of the new domain that stands for a captured object."""
        if entry["dn"] == self.given["account"] and self.read(entry["dn"]) is None:
            return self.own[self.given["piste"]]
        sid, names = self.captured_sid(values), values.get("sAMAccountName")
        made_with = sid.startswith(f"{self.sid}-") and number(sid) < ORDINARY
        if (made_with or sid.startswith("S-1-5-32-")) and (known := self.of_sid(sid)):
            return known
        return (names and self.account(plain(names[0]))) or self.read(entry["dn"])

    def translated(self, raw):
        """Put the lab's SIDs in the place of those of the captured domain, in bytes of any form."""
        if not self.theirs or (self.theirs == self.sid and not self.numbers):
            return raw
        theirs, ours = binary(self.theirs)[8:], binary(self.sid)[8:]

        def whole(match):
            known = match[1] and struct.unpack("<I", match[1])[0]
            return ours + (struct.pack("<I", self.numbers.get(known, known)) if match[1] else b"")

        raw = re.sub(re.escape(theirs) + b"(.{4})?", whole, raw, flags=re.DOTALL)
        for codec, digit in (("ascii", rb"\d"), ("utf-16-le", rb"\d\0")):

            def shown(match, codec=codec):
                known = match[1] and int(match[1].decode(codec)[1:])
                return f"{self.sid}-{self.numbers.get(known, known)}".encode(codec) if known else self.sid.encode(codec)

            dash = re.escape("-".encode(codec))
            pattern = re.escape(self.theirs.encode(codec)) + rb"(%s(?:%s){1,10})?(?!%s)" % (dash, digit, digit)
            raw = re.sub(pattern, shown, raw)
        return raw

    def work(self):
        self.make_room()
        self.database.transaction_start()
        for part in (self.place, self.refer, self.protect):
            for entry, values in self.objects:
                part(entry, values)
        for question in self.given["searches"]:
            self.ask(*question)
        self.database.transaction_commit()
        self.fill()
        self.compare()

    def make_room(self):
        """Let new accounts have numbers above those of all captured accounts."""
        sids = [self.captured_sid(values) for _, values in self.objects]
        top = max((number(sid) for sid in sids if sid.startswith(f"{self.sid}-")), default=0)
        if top < self.database.next_free_rid():
            return
        pool = [str((top + POOL) << 32 | top + 1)]
        (numbers,) = self.search("(objectClass=rIDSet)", attributes=["1.1"])
        manager = f"CN=RID Manager$,CN=System,{self.base}"
        last = int(self.read(manager, ["rIDAvailablePool"])["rIDAvailablePool"][0]) >> 32
        pools = {"rIDAllocationPool": pool, "rIDPreviousAllocationPool": pool, "rIDNextRID": [str(top)]}
        self.modify(str(numbers.dn), pools)
        self.modify(manager, {"rIDAvailablePool": [str(last << 32 | top + POOL + 1)]})

    def place(self, entry, values):
        """Make an object, or give that of the new domain the captured values."""
        if (known := self.counterpart(entry, values)) is None:
            if entry["class"]:
                self.add(entry, values)
            else:
                self.left.append(f"{self.short(entry['dn'])} : sa classe n’est pas dans la capture, il est laissé")
            return
        dn = self.here[fold(entry["dn"])] = str(known.dn)
        ours, theirs = self.sid_of(known), self.captured_sid(values)
        if theirs.startswith(f"{self.sid}-") and ours != theirs:
            self.numbers[number(theirs)] = number(ours)
        if ours not in self.sids:
            self.change(dn, {name: raws for name, raws in values.items() if name.casefold() not in LATER | IDENTITY})

    def add(self, entry, values):
        dn, kind = entry["dn"], entry["class"]
        self.ensure(dn, kind)
        without = LATER | SYSTEM | MOMENTS
        shown = {name: raws for name, raws in values.items() if raws and name.casefold() not in without}
        message = NEEDED.get(kind, {}) | {name: [*map(self.translated, raws)] for name, raws in shown.items()}
        if kind == "groupPolicyContainer" and "gPCFileSysPath" not in message:
            guid = ldb.Dn(self.database, dn).get_rdn_value()
            message["gPCFileSysPath"] = "\\\\{0}\\sysvol\\{0}\\Policies\\{1}".format(self.given["domain"], guid)
        if kind in ("user", "computer"):
            message.setdefault(CONTROL, str((4096 if kind == "computer" else 512) | DISABLED))
        sid = self.captured_sid(values)
        if sid and not self.of_sid(sid):
            message["objectSid"] = binary(sid)
        if values.get("objectGUID"):
            message["objectGUID"] = values["objectGUID"]
        if not self.added(dn, kind, message):
            return
        self.here[fold(dn)] = dn
        self.new.add(dn)
        self.change(dn, {name: raws for name, raws in values.items() if name.casefold() in MOMENTS})
        if sid.startswith(f"{self.sid}-") and (made := self.sid_of(self.read(dn))) not in ("", sid):
            self.numbers[number(sid)] = number(made)
        if kind == "groupPolicyContainer":
            for side in ("Machine", "User"):
                self.added(f"CN={side},{dn}", "container", {})

    def added(self, dn, kind, message):
        """Add an object; what a refusal names is written after, each value by itself."""
        aside = {}
        while True:
            try:
                self.database.add({"dn": dn, "objectClass": kind, **message}, ["relax:0"])
                break
            except ldb.LdbError as error:
                said = str(error.args[1]).casefold()
                bad = [name for name in message if name.casefold() in said]
                if not bad:
                    self.left.append(f"{self.short(dn)} : refusé : {error.args[1]}"[:300])
                    return False
                aside |= {name: message.pop(name) for name in bad}
        self.change(dn, aside)
        return True

    def ensure(self, dn, below=""):
        """Make the places above an object of a class that no answer shows."""
        above = ldb.Dn(self.database, dn).parent()
        if str(above) == self.base or self.read(str(above)) is not None:
            return
        self.ensure(str(above))
        kind = "organizationalUnit" if above.get_rdn_name().upper() == "OU" else ABOVE.get(below, "container")
        if self.added(str(above), kind, {}) and ",cn=policies,cn=system," not in fold(above):
            self.left.append(f"{self.short(above)} : rien n’en est capturé, il est fait vide")

    def change(self, dn, values):
        """Give an object values; note what the domain refuses."""
        named = {name: raws for name, raws in values.items() if name.casefold() not in SYSTEM}
        values = {name: [*map(self.translated, raws)] for name, raws in named.items()}
        known = self.read(dn, list(values) or ["1.1"])
        todo = {name: raws for name, raws in values.items() if known is None or differ(known, name, raws)}
        try:
            self.modify(dn, todo)
        except ldb.LdbError:
            for name, raws in todo.items():
                try:
                    self.modify(dn, {name: raws})
                except ldb.LdbError:
                    self.refused[name].append(dn)

    def modify(self, dn, values, controls=("relax:0",)):
        if PASSWORD in values and controls != [AS_GIVEN]:
            self.modify(dn, {PASSWORD: values.pop(PASSWORD)}, [AS_GIVEN])
        message = ldb.Message(ldb.Dn(self.database, dn))
        for name, raws in values.items():
            message[name] = ldb.MessageElement(raws, ldb.FLAG_MOD_REPLACE, name)
        if values:
            self.database.modify(message, [*controls])

    def refer(self, entry, values):
        """Write what names other objects, once all are there."""
        dn = self.here.get(fold(entry["dn"]))
        wanted = {name: raws for name, raws in values.items() if name.casefold() in LATER}
        if dn is None or not wanted or self.sid_of(self.read(dn)) in self.sids:
            return
        for name, raws in wanted.items():
            named = [self.here.get(fold(plain(raw)), plain(raw)) for raw in raws]
            there = {fold(target): target for target in named if self.read(target) is not None}
            if len(there) < len(named):
                lacking = ", ".join(self.short(target) for target in named if fold(target) not in there)
                self.left.append(f"{self.short(dn)} : {name} : {lacking[:200]} n’est pas dans la capture")
            if name == "member":
                kept = self.read(dn, [name]).get(name, [])
                ours = {fold(known.dn) for known in self.own.values()}
                there |= {fold(plain(raw)): plain(raw) for raw in kept if fold(plain(raw)) in ours}
            self.change(dn, {name: [target.encode() for target in there.values()]})

    def protect(self, entry, values):
        """Give an object its captured rights; the accounts of the lab keep theirs."""
        dn, parts = self.here.get(fold(entry["dn"])), entry.get("parts")
        if not dn or not parts or self.sid_of(self.read(dn)) in self.sids:
            return
        wanted = ndr_unpack(security.descriptor, self.translated(b64decode(entry["descriptor"])))
        flags = [f"sd_flags:1:{parts}"]
        if dn not in self.new and parts & 4:
            (raw,) = self.read(dn, [DESCRIPTOR], ["sd_flags:1:7"])[DESCRIPTOR]
            for ace in explicit(ndr_unpack(security.descriptor, raw)):
                if str(ace.trustee) in self.sids and ndr_pack(ace) not in map(ndr_pack, explicit(wanted)):
                    wanted.dacl_add(ace)
        try:
            self.modify(dn, {DESCRIPTOR: [ndr_pack(wanted)]}, flags)
        except ldb.LdbError:
            self.refused[DESCRIPTOR].append(dn)

    def ask(self, base, scope, query, dns):
        """Ask what was asked: what is too much is named, or goes; an administrator joins a group."""
        scopes = {"one": ldb.SCOPE_ONELEVEL, "subtree": ldb.SCOPE_SUBTREE}
        query = plain(self.translated(query.encode()))
        try:
            there = {fold(entry.dn): entry for entry in self.search(query, base, scopes[scope], ["objectClass"])}
        except (KeyError, ldb.LdbError):
            self.left.append(f"la recherche {query} ({scope}) ne se pose pas ici, elle est laissée"[:300])
            return
        wanted = {fold(self.here[fold(dn)]): self.here[fold(dn)] for dn in dns if fold(dn) in self.here}
        for dn in wanted.keys() - there.keys():
            if CHAIN in query and wanted[dn] in self.new:
                administrators = self.of_sid(f"{self.sid}-512")
                change = ldb.Message(administrators.dn)
                change["member"] = ldb.MessageElement([wanted[dn].encode()], ldb.FLAG_MOD_ADD, "member")
                try:
                    self.database.modify(change)
                    here = "ici par Domain Admins"
                except ldb.LdbError as error:
                    if error.args[0] != ldb.ERR_ENTRY_ALREADY_EXISTS:
                        raise
                    here = "ici par son groupe principal"
                what = f"administre le domaine par un groupe qui n’est pas lu : {here}"
                self.left.append(f"{self.short(wanted[dn])} : {what}")
        for dn in there.keys() - wanted.keys():
            if plain(there[dn]["objectClass"][-1]) in REPLACED:
                self.database.delete(there[dn].dn)
            else:
                self.more.add(self.short(there[dn].dn))

    def fill(self):
        """Write the folders of the policies, then their rights."""
        root = f"/run/dc/state/sysvol/{self.given['domain']}"
        for place in self.given["renewed"]:
            there = [name for name in os.listdir(f"{root}/Policies") if fold(name) == fold(place.rpartition("/")[2])]
            for name in there:
                shutil.rmtree(f"{root}/Policies/{name}")
        for place in self.given["folders"]:
            os.makedirs(f"{root}/{place}", exist_ok=True)
        for path, content in self.given["files"].items():
            with open(f"{root}/{path}", "wb") as stream:
                stream.write(self.translated(b64decode(content)))
        parameters = s3param.get_context()
        parameters.load(CONFIGURATION)
        parameters.set("passdb backend", f"samba_dsdb:{self.database.url}")
        for path, raw in self.given["rights"].items():
            known = ndr_unpack(security.descriptor, self.translated(b64decode(raw)))
            session = system_session_unix()
            try:
                setntacl(self.parameters, f"{root}/{path}", known, self.sid, session, use_ntvfs=False, service="sysvol")
            except Exception as error:  # Samba's own raise anything here
                self.left.append(f"SYSVOL : {path} : droits refusés : {error}"[:300])

    def compare(self):
        """Note the values that the domain does not show as they were captured."""
        for entry, values in self.objects:
            dn = self.here.get(fold(entry["dn"]))
            known = self.read(dn, [*values, "objectSid"]) if dn else None
            if known is None or self.sid_of(known) in self.sids:
                continue
            for name, raws in values.items():
                if name.casefold() not in SYSTEM | LATER and differ(known, name, [*map(self.translated, raws)]):
                    self.refused[name].append(dn)

    def lines(self):
        for name, dns in sorted(self.refused.items()):
            some = [self.short(dn) for dn in dict.fromkeys(dns)]
            yield f"{name} : pas tout à fait comme capturé sur {', '.join(some[:3])}{' …' if len(some) > 3 else ''}"
        yield from self.left[:MOST]
        if len(self.left) > MOST:
            yield f"et {len(self.left) - MOST} autres"
        if self.more:
            some = sorted(self.more)
            yield f"le laboratoire y a de plus : {' ; '.join(some[:MOST])}{' …' if len(some) > MOST else ''}"
        names = {name for _, values in self.objects for name, raws in values.items() if raws}
        if written := sorted(name for name in names if name.casefold() in SYSTEM - ALIKE):
            yield f"tenus par le domaine lui-même, ceux du laboratoire : {', '.join(written)}"

    def short(self, dn):
        text = str(dn)
        return text[: -len(self.base) - 1] if fold(text).endswith(f",{fold(self.base)}") else text


def number(sid):
    return int(sid.rpartition("-")[2])


def explicit(descriptor):
    return [ace for ace in (descriptor.dacl.aces if descriptor.dacl else ()) if not ace.flags & INHERITED]


def differ(known, name, raws):
    return sorted(map(bytes, known.get(name, []))) != sorted(raws)


directory = Captured(json.load(sys.stdin))
directory.work()
print(json.dumps([*directory.lines()]))
