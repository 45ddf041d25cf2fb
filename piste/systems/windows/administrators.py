"""The administrators of a domain, and the accounts that leave it.

An account that leaves is disabled, never deleted. An administrator is a member, at any depth
(LDAP_MATCHING_RULE_IN_CHAIN), of Domain Admins, of Enterprise Admins or of the domain's own Administrators.

Sources: MS-ADTS 2.2.16 (`userAccountControl`), 3.1.1.3.4 (`lastLogonTimestamp`, 9 to 14 days late), 3.1.1.3.4.4.1 and
3.1.1.3.4.4.3 (matching rules), MS-DTYP 2.4.2.4 (well-known SIDs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from piste.engine.converge.errors import Unreachable
from piste.engine.converge.module import Module
from piste.engine.converge.run import Params
from piste.systems.administrators import Accounts, Administrator, module
from piste.systems.windows import dn as names
from piste.systems.windows.connection import ACTIVE_DIRECTORY, Connection
from piste.systems.windows.directory import Directory
from piste.systems.windows.entry import Entry
from piste.systems.windows.moments import of_ticks

DISABLED = 0x2
"""ADS_UF_ACCOUNTDISABLE."""
SMART_CARD = 0x40000
"""ADS_UF_SMARTCARD_REQUIRED: nobody signs in with the password alone."""
DOMAIN_ADMINS, ENTERPRISE_ADMINS = 512, 519
ADMINISTRATORS = "S-1-5-32-544"
"""BUILTIN\\Administrators."""
_CONTROL = "userAccountControl"
_NAMES = ("sAMAccountName", "userPrincipalName", "cn", "mail")
_USE = ("lastLogonTimestamp", "pwdLastSet", "accountExpires", "memberOf")
_PEOPLE = "(objectCategory=person)(objectClass=user)"
_ENABLED = f"{_PEOPLE}(!({_CONTROL}:1.2.840.113556.1.4.803:={DISABLED}))"


def _people(connection: Connection, params: Params) -> Accounts:
    directory = connection.directory
    controls: dict[str, int] = {}

    def read() -> list[Administrator]:
        inside = "".join(f"(memberOf:1.2.840.113556.1.4.1941:={group})" for group in _in_charge(directory))
        in_charge = f"(|(primaryGroupID={DOMAIN_ADMINS}){inside})"
        whole = {entry.dn: entry for entry in _accounts(directory, in_charge)}
        outgoing = _named(params["outgoing"])
        leaving = {entry.dn: entry for entry in _accounts(directory, outgoing)} if params["outgoing"] else {}
        if coming := [wanted["name"] for wanted in params.get("accounts") or ()]:
            leaving |= {entry.dn: entry for entry in _accounts(directory, _exactly(coming), _PEOPLE)}
        administrators = []
        for dn, entry in sorted({**leaving, **whole}.items()):
            controls[dn] = entry.read(_CONTROL, int)
            administrators.append(_administrator(entry, controls[dn], whole=dn in whole))
        return administrators

    def turn(administrator: Administrator, on: bool) -> None:
        before = controls[administrator.place]
        after = before & ~DISABLED if on else before | DISABLED
        directory.modify(administrator.place, {_CONTROL: ([before], [after])})

    return Accounts(read, lambda account: turn(account, False), lambda account: turn(account, True))


def _administrator(entry: Entry, control: int, *, whole: bool) -> Administrator:
    used, key, ends = (of_ticks(entry.number(name)) for name in _USE[:3])
    return Administrator(
        tuple(filter(None, (entry.text(name) for name in _NAMES))),
        whole,
        entry.dn,
        active=not control & DISABLED,
        roles=tuple(names.first(group)[1] for group in sorted(entry.shown("memberOf"))),
        mfa=True if control & SMART_CARD else None,
        used_at=used.isoformat() if used else None,
        key_from=key.isoformat() if key else None,
        ends=f"{ends:%Y-%m-%d}" if ends else None,
    )


def _in_charge(directory: Directory) -> list[str]:
    """Return the DNs of the administrators' groups, as search filters take them.

    They are known by SID: their names depend on the domain's language. Only the forest's first domain has Enterprise
    Admins. Raises `Unreachable` where another of them is hidden.
    """
    everywhere = {f"{directory.sid}-{DOMAIN_ADMINS}", ADMINISTRATORS}
    asked = "".join(f"(objectSid={sid})" for sid in sorted({*everywhere, f"{directory.sid}-{ENTERPRISE_ADMINS}"}))
    groups = directory.search(directory.base, f"(|{asked})", ["objectSid"])
    if everywhere - {group.read("objectSid", names.sid_text) for group in groups}:
        raise Unreachable("un groupe d’administrateurs du domaine ne se montre pas à ce compte", where=directory.base)
    return [names.literal(group.dn) for group in groups]


def _accounts(directory: Directory, desired: str, which: str = _ENABLED) -> list[Entry]:
    return directory.search(directory.base, f"(&{which}{desired})", [*_NAMES, _CONTROL, *_USE])


def _exactly(logins: Iterable[str]) -> str:
    return f"(|{''.join(f'(sAMAccountName={names.literal(login)})' for login in logins)})"


def _named(patterns: Sequence[str]) -> str:
    """Build the filter of the accounts that any of the patterns names."""
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
        lambda connection: (f"ad {connection.directory.domain.controller}",),
    )
}
