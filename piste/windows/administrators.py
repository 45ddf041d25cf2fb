"""The accounts of a domain that are in charge of it, or that leave: an account that leaves is disabled, never deleted.

Groups are found in groups (LDAP_MATCHING_RULE_IN_CHAIN). Who may do all is a member of Domain Admins, of Enterprise
Admins or of the domain's own Administrators, at any depth. Sources: MS-ADTS 2.2.16 (`userAccountControl`),
3.1.1.3.4.4.1 and 3.1.1.3.4.4.3 (matching rules), MS-DTYP 2.4.2.4 (well-known SIDs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from piste.administrators import Administrator, Read, Remove, module
from piste.converge.errors import Unreachable
from piste.converge.module import Module
from piste.converge.run import Params
from piste.windows import dn as names
from piste.windows.directory import Directory
from piste.windows.entry import Entry
from piste.windows.reached import ACTIVE_DIRECTORY, Reached

DISABLED = 0x2
"""ADS_UF_ACCOUNTDISABLE."""
DOMAIN_ADMINS, ENTERPRISE_ADMINS = 512, 519
ADMINISTRATORS = "S-1-5-32-544"
"""BUILTIN\\Administrators."""
_CONTROL = "userAccountControl"
_NAMES = ("sAMAccountName", "userPrincipalName", "cn", "mail")
_ENABLED = f"(objectCategory=person)(objectClass=user)(!({_CONTROL}:1.2.840.113556.1.4.803:={DISABLED}))"


def _people(reached: Reached, params: Params) -> tuple[Read, Remove]:
    directory = reached.directory
    controls: dict[str, int] = {}

    def read() -> list[Administrator]:
        inside = "".join(f"(memberOf:1.2.840.113556.1.4.1941:={group})" for group in _in_charge(directory))
        in_charge = f"(|(primaryGroupID={DOMAIN_ADMINS}){inside})"
        whole = {entry.dn: entry for entry in _accounts(directory, in_charge)}
        outgoing = _named(params["outgoing"])
        leaving = {entry.dn: entry for entry in _accounts(directory, outgoing)} if params["outgoing"] else {}
        found = []
        for dn, entry in sorted({**leaving, **whole}.items()):
            controls[dn] = entry.read(_CONTROL, int)
            told = tuple(filter(None, (entry.text(name) for name in _NAMES)))
            found.append(Administrator(told, dn in whole, dn))
        return found

    def disable(one: Administrator) -> None:
        before = controls[one.place]
        directory.modify(one.place, {_CONTROL: ([before], [before | DISABLED])})

    return read, disable


def _in_charge(directory: Directory) -> list[str]:
    """The groups that may do all, which another language than English calls otherwise.

    The forest's first domain alone has Enterprise Admins. Raises `Unreachable` where another is hidden.
    """
    everywhere = {f"{directory.sid}-{DOMAIN_ADMINS}", ADMINISTRATORS}
    asked = "".join(f"(objectSid={sid})" for sid in sorted({*everywhere, f"{directory.sid}-{ENTERPRISE_ADMINS}"}))
    found = directory.search(directory.base, f"(|{asked})", ["objectSid"])
    if everywhere - {group.read("objectSid", names.sid_text) for group in found}:
        raise Unreachable("un groupe d'administrateurs du domaine ne se montre pas à ce compte", where=directory.base)
    return [names.literal(group.dn) for group in found]


def _accounts(directory: Directory, wanted: str) -> list[Entry]:
    return directory.search(directory.base, f"(&{_ENABLED}{wanted})", [*_NAMES, _CONTROL])


def _named(patterns: Sequence[str]) -> str:
    """The filter of accounts that one of the patterns names."""
    return f"(|{''.join(_tests(patterns))})"


def _tests(patterns: Sequence[str]) -> Iterable[str]:
    for pattern in patterns:
        text = "*".join(names.literal(part) for part in pattern.split("*"))
        yield from (f"({name}={text})" for name in _NAMES)


MODULES: Mapping[str, Module] = {
    "ad_administrators": module(
        "ad_administrators",
        ACTIVE_DIRECTORY,
        _people,
        lambda reached: (f"ad {reached.directory.domain.controller}",),
    )
}
