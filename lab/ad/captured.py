"""A real directory that becomes a captured directory.

Its objects are what searches answered, its policies what SYSVOL gave: `become.py` writes them in the tree of a stopped
controller. The lab's domain keeps its name, its SID and its own accounts; an account keeps its number.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lab.ad.forest import Forest
from lab.ad.image import PISTE
from lab.beyond import Captured
from piste.engine.transport.contents import content_of
from piste.exports.capture.forms import template
from piste.systems.windows import dn as dns
from piste.systems.windows.dns import record
from piste.systems.windows.gpo import acl
from piste.systems.windows.sysvol import DRAFT

_CLASS = re.compile(r"\(object(Class|Category)=([\w-]+)\)")
_ACCOUNT = "(&(objectClass=user)(|(distinguishedName="
"""The beginning of the search of the account of Piste itself (`piste.systems.windows.delegation`)."""
_COMPUTER = 0x1000 | 0x2000
"""Accounts of workstations, of servers and of controllers (MS-ADTS 2.2.16)."""
_DESCRIPTOR = "nTSecurityDescriptor"
_OWN = ("CN=Schema,CN=Configuration", "CN=Partitions,CN=Configuration", "CN=Deleted Objects")
"""Places that each domain has for itself; the first has rights."""
_OF_DNS = frozenset({"dnshostname", "serviceprincipalname", "gpcwqlfilter", "dhcpservers"})
"""Attributes that name the domain as the DNS does."""
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_FULL = 0x1F01FF
"""All rights on a file (MS-DTYP 2.4.3)."""


@dataclass
class Object:
    """An object, with the values that any answer gave."""

    dn: str
    kind: str = ""
    values: dict[str, list[bytes]] = field(default_factory=dict)
    owner: str = ""
    group: str = ""
    dacl: acl.Descriptor | None = None


@dataclass
class Tree:
    """SYSVOL: `folders` as they are spelt, by folded path.

    `closed` are folders that the account may not read; `renewed`, those of policies whose content was read, or that are
    absent; `expected`, the files of a listing; `sized`, those whose size alone is kept.
    """

    folders: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    rights: dict[str, acl.Descriptor] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    renewed: set[str] = field(default_factory=set)
    expected: set[str] = field(default_factory=set)
    sized: set[str] = field(default_factory=set)


def read(answers: Sequence[Captured], forest: Forest, own: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """Build what `become.py` writes; list what is not taken. Raises ValueError."""
    searches = [answer for answer in answers if answer.method == "SEARCH" and answer.status == 200]
    domain = _Domain(searches, forest)
    objects: dict[str, Object] = {}
    asked: dict[tuple[str, str, str], set[str]] = {}
    account = ""
    for answer in searches:
        where, scope, query = (_of(answer, name) for name in ("base", "scope", "filter"))
        shown = set()
        for entry in answer.answer:
            if not domain.has(entry["dn"]):
                continue
            known = domain.dn(entry["dn"])
            shown.add(known)
            _learn(objects.setdefault(dns.normal(known), Object(known)), answer, entry["attributes"], domain)
        if query.startswith(_ACCOUNT) and len(shown) == 1:
            (account,) = shown
        elif scope != "base" and domain.has(where):
            asked.setdefault((domain.dn(where), scope, domain.text(query)), set()).update(shown)
    tree = _tree(answers)
    left = [*domain.left, *_unread(tree)]
    _guard(tree, objects.values())
    given = {
        "base": forest.base_dn,
        "domain": forest.domain,
        "sid": domain.sid,
        "account": account,
        "piste": PISTE,
        "own": sorted({*own, f"{forest.host.upper()}$"}),
        "objects": [_shown(known) for known in sorted(objects.values(), key=lambda known: len(dns.split(known.dn)))],
        "searches": [[*question, sorted(shown)] for question, shown in asked.items()],
        "renewed": sorted(tree.renewed),
        "folders": sorted(tree.folders.values(), key=lambda path: path.count("/")),
        "files": {path: _coded(raw) for path, raw in tree.files.items()},
        "rights": {path: _coded(acl.build(known)) for path, known in tree.rights.items()},
    }
    return given, left


# objects


class _Domain:
    """The captured domain, whose names become those of the lab's."""

    def __init__(self, searches: Sequence[Captured], forest: Forest) -> None:
        self._forest = forest
        roots = [entry for answer in searches if not _of(answer, "base") for entry in answer.answer]
        bases = [base for entry in roots for base in entry["attributes"].get("defaultNamingContext", ())]
        if not bases:
            raise ValueError("la capture ne dit pas quel est son domaine")
        self.base = str(bases[-1])
        self.name = dns.domain_of(self.base)
        tops = [entry for answer in searches for entry in answer.answer if dns.same(entry["dn"], self.base)]
        sids = [sid for entry in tops for sid in entry["attributes"].get("objectSid", ())]
        self.sid = dns.sid_text(content_of(sids[-1])) if sids else ""
        self._same = dns.same(self.base, forest.base_dn)
        self._suffix = re.compile(re.escape(self.base), re.IGNORECASE)
        self._host = re.compile(rf"(?i)(?<![\w-]){re.escape(self.name)}(?![\w-]|\.\w)")
        self.left = [] if self._same else [f"le domaine y est {forest.domain}, et non {self.name}"]

    def has(self, dn: str) -> bool:
        """Tell whether an object is of the domain, and not of a place that each has for itself."""
        places = [f"{place},{self.base}" for place in _OWN]
        within = any(dns.below(dn, place) for place in places) and not dns.same(dn, places[0])
        return bool(dn) and dns.below(dn, self.base) and not within

    def dn(self, dn: str) -> str:
        if self._same:
            return dn
        steps = dns.split(dn)
        inner = steps[: len(steps) - len(dns.split(self.base))]
        named = [(attribute, self.host(value)) for attribute, value in inner]
        return dns.join([*named, *dns.split(self._forest.base_dn)])

    def host(self, text: str) -> str:
        return text if self._same else self._host.sub(self._forest.domain, text)

    def text(self, text: str) -> str:
        return text if self._same else self._suffix.sub(lambda _: self._forest.base_dn, text)

    def value(self, name: str, written: str) -> bytes:
        raw = content_of(written)
        if self._same:
            return raw
        try:
            if name == "dnsrecord":
                return record.renamed(raw, lambda known, _: self.host(known))
            text = self.text(raw.decode())
        except ValueError:  # of no name, or of no text
            return raw
        return (self.host(text) if name in _OF_DNS else text).encode()


def _of(answer: Captured, name: str) -> str:
    return next((value for key, value in answer.query if key == name), "")


def _learn(known: Object, answer: Captured, attributes: Mapping[str, Sequence[str]], domain: _Domain) -> None:
    """Keep the values of an entry; what was asked and is not there has none."""
    shown = {*map(str.casefold, attributes)}
    lacking = {value for name, value in answer.query if name == "attribute" and value.casefold() not in shown}
    known.values |= {name: [] for name in lacking - {"*", "1.1", _DESCRIPTOR}}
    for name, values in attributes.items():
        if name == _DESCRIPTOR:
            for value in values:
                _guarded(known, acl.parse(content_of(value)))
        else:
            known.values[name] = [domain.value(name.casefold(), value) for value in values]
    if "objectClass" in attributes or not known.kind:
        known.kind = _kind(known, _of(answer, "filter"))


def _guarded(known: Object, read: acl.Descriptor) -> None:
    """Keep the parts of a descriptor that an answer has, without what is inherited."""
    own = tuple(ace for ace in read.dacl if not ace.flags & acl.INHERITED)
    known.owner, known.group = read.owner or known.owner, read.group or known.group
    if read.dacl:
        known.dacl = replace(read, dacl=own)


def _kind(known: Object, query: str) -> str:
    """Name the class of an object: an answer gives few attributes, and its question the rest."""
    values = {name.casefold(): values for name, values in known.values.items() if values}
    if classes := values.get("objectclass"):
        return classes[-1].decode()
    place = dns.normal(known.dn)
    if place.startswith("OU="):
        return "organizationalUnit"
    if ",CN=microsoftdns," in place:
        return "dnsZone" if place.partition(",")[2].startswith("CN=microsoftdns,") else "dnsNode"
    if "grouptype" in values:
        return "group"
    terms = _CLASS.findall(query)
    asked = {kind for sort, kind in terms if sort == "Class"} or {kind for _, kind in terms}
    if len(asked) == 1 and asked != {"user"}:
        return asked.pop()
    control = values.get("useraccountcontrol")
    if control and control[0].lstrip(b"-").isdigit():
        return "computer" if int(control[0]) & _COMPUTER else "user"
    account = values.get("samaccountname", [b""])[0]
    return "computer" if account.endswith(b"$") else "user" if account or asked else ""


def _shown(known: Object) -> dict[str, Any]:
    values = {name: list(map(_coded, raws)) for name, raws in known.values.items()}
    parts = (1 if known.owner else 0) | (2 if known.group else 0) | (4 if known.dacl else 0)
    shown = replace(known.dacl or acl.Descriptor(0, ()), owner=known.owner, group=known.group)
    guarded = {"parts": parts, "descriptor": _coded(acl.build(shown))} if parts else {}
    return {"dn": known.dn, "class": known.kind, "values": values, **guarded}


def _coded(raw: bytes) -> str:
    return b64encode(raw).decode()


# files


def _tree(answers: Sequence[Captured]) -> Tree:
    """Build the tree of SYSVOL. Raises ValueError for a path that would leave it."""
    tree = Tree()
    heard = [(_path(_of(answer, "path")), answer) for answer in answers if "/sysvol" in answer.path]
    for path, answer in sorted(heard, key=lambda pair: pair[0].count("/")):
        if answer.method == "LIST" and answer.status in (200, 404) and path.count("/") == 1:
            tree.renewed.add(path)
        if answer.method == "LIST" and answer.status == 200:
            place = _folder(tree, path)
            for name, size in answer.answer.items():
                below = _path(f"{place}/{name}")
                if size is None:
                    _folder(tree, below)
                elif not name.endswith(DRAFT):
                    tree.expected.add(below)
        elif answer.method in ("LIST", "RIGHTS") and answer.status == 403:
            tree.closed.add(path)
    spelt = {path.casefold(): path for path in tree.expected}
    for path, answer in heard:
        if answer.method == "READ" and answer.status == 200 and (known := spelt.get(path.casefold())):
            tree.files[known] = content_of(answer.answer)
            tree.sized |= set() if template("ad", answer.path) else {known}
        elif answer.method == "RIGHTS" and answer.status == 200 and (known := tree.folders.get(path.casefold())):
            tree.rights[known] = acl.parse(content_of(answer.answer))
    return tree


def _folder(tree: Tree, path: str) -> str:
    above, _, name = path.rpartition("/")
    place = f"{_folder(tree, above)}/{name}" if above else name
    return tree.folders.setdefault(place.casefold(), place)


def _path(path: str) -> str:
    """Check the path of a file or folder of SYSVOL. Raises ValueError."""
    steps = path.split("/")
    bad = any(step in ("", ".", "..") or _UNSAFE.search(step) or len(step.encode()) > 255 for step in steps)
    if bad or steps[0] != "Policies":
        raise ValueError(f"« {path:.80} » n’est pas le chemin d’une stratégie")
    return path


def _unread(tree: Tree) -> list[str]:
    unread = sorted(tree.expected - tree.files.keys())
    return [
        *(f"SYSVOL : {path} n’a pas été lu, il n’y est pas" for path in unread),
        *(f"SYSVOL : {path} est d’une forme inconnue, sa taille seule y est" for path in sorted(tree.sized)),
        *(f"SYSVOL : {path} était fermé au compte, il est vide et fermé ici" for path in sorted(tree.closed)),
    ]


def _guard(tree: Tree, objects: Iterable[Object]) -> None:
    """Give rights to all that lies in the folder of a policy: as read, else as its object says."""
    named = {dns.split(known.dn)[0][1].casefold(): known for known in objects if known.kind == "groupPolicyContainer"}
    for path in [place for place in tree.folders.values() if place.count("/") == 1]:
        known = named.get(path.rpartition("/")[2].casefold())
        if path.casefold() in map(str.casefold, tree.closed):
            administrators = acl.Ace(acl.ALLOW, acl.OBJECT_INHERIT | acl.CONTAINER_INHERIT, _FULL, "S-1-5-32-544")
            tree.rights[path] = acl.Descriptor(0x1000, (administrators,))
        elif path not in tree.rights and known and known.dacl:
            tree.rights[path] = acl.of_folder(replace(known.dacl, owner=known.owner, group=known.group))
        if whole := tree.rights.get(path):
            inside = {below: below in tree.files for below in (*tree.folders.values(), *tree.files)}
            tree.rights |= {
                below: acl.of_child(whole, is_folder=not is_file)
                for below, is_file in inside.items()
                if below.casefold().startswith(f"{path.casefold()}/") and below not in tree.rights
            }
