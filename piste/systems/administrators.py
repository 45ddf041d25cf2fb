"""Administrators of a system: those who leave, and those whom nobody declares.

Those who leave are listed, and removed where it is asked; those who come back, or arrive, are given their account.
Every system answers with its own accounts; the decision is the same for all, and is here. The last person who can do
everything is never removed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from piste.engine.converge.allowed import Allowed
from piste.engine.converge.errors import Conflict, Guarded, Rejected
from piste.engine.converge.locks import exclusive
from piste.engine.converge.module import Module
from piste.engine.converge.orphan import OPENS, WHY
from piste.engine.converge.plan import Operation, Plan
from piste.engine.converge.reading import reading
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params, System
from piste.engine.converge.secrets import Vault
from piste.engine.converge.task_log import TaskLog
from piste.engine.finding import Finding
from piste.engine.kind import ACCOUNT
from piste.engine.words import agreed

OF_THE_DOMAIN = "administrateurs du domaine"
"""The role, on a server, of the group whose members the directory names."""
OPTIONS = (
    Field(
        "outgoing",
        "Accounts that leave, by their names or addresses, C(*) for any text; case means nothing.",
        type="list",
        default=[],
    ),
    Field("remove", "Remove them; else they are only listed.", type="bool", default=False),
    Field(
        "kept",
        "Accounts of programs, of emergencies or of several persons, by their names; none is ever removed. That of the "
        "task is one of them.",
        type="list",
        default=[],
    ),
    Field(
        "town",
        "Accounts of people of the town, by what they sign in with. The last of them with full rights stays.",
        type="list",
        default=[],
    ),
    Field(
        "accounts",
        "Accounts as they are to be, and nobody else: C(name), what each signs in with; C(signs_in), whether it may; "
        "C(grants), what its system needs to make it again where it is gone, as an operation of its withdrawal has it.",
        type="list",
        elements="dict",
        default=[],
    ),
    Field("plan", "Saved plan to keep to: nothing else is done.", type="path"),
    Field(
        "known",
        "Accounts that are declared, by what they sign in with, C(*) for any text; all others are orphans. Nobody is "
        "removed; an empty list reads nothing and says that nobody is judged.",
        type="list",
    ),
)


@dataclass(frozen=True, slots=True)
class Administrator:
    """An account.

    `names` are the names that people know, its sign-in name first. `whole` says that it can do everything, `place`
    where it is, `person` that somebody can sign in with it and so be in charge, `group` that it stands for others.
    `reads` says that it changes nothing, `roles` are its rights in the words of its system. `mfa` is a second factor
    that the system imposes on it or saw, `used_at` its last use, `key_from` the day of its password or key (ISO 8601),
    `ends` its last day. What the system does not say is None. `awaited` says that its person has not answered the
    invitation, or is locked out. `grants` is what makes it again where it is removed.
    """

    names: tuple[str, ...]
    whole: bool | None
    place: str
    person: bool = True
    reads: bool = False
    active: bool = True
    awaited: bool = False
    roles: tuple[str, ...] = ()
    mfa: bool | None = None
    used_at: str | None = None
    key_from: str | None = None
    ends: str | None = None
    group: bool = False
    grants: Mapping[str, Any] = field(default_factory=dict)

    @property
    def in_charge(self) -> bool:
        """Tell whether a person can do everything with it today."""
        return bool(self.whole and self.person and self.active and not self.awaited)

    def to_json(self) -> dict[str, Any]:
        """Give what is said of it, without its place."""
        return {
            "name": self.names[0],
            "other_names": [name for name in self.names[1:] if name],
            **{name: getattr(self, name) for name in _SAID},
            "roles": [*self.roles],
        }

    def leaves(self, patterns: Sequence[str]) -> bool:
        return any(map(matcher(patterns), filter(None, self.names)))


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Make a test of a name against patterns; only `*` is special."""
    forms = [re.compile(".*".join(map(re.escape, pattern.casefold().split("*"))), re.DOTALL) for pattern in patterns]
    return lambda name: any(form.fullmatch(name.casefold()) for form in forms)


_SAID = ("whole", "person", "reads", "active", "mfa", "used_at", "key_from", "ends")
KEPT = "un programme, plusieurs personnes ou un secours s’en servent : il reste"
Read = Callable[[], Sequence[Administrator]]
Write = Callable[[Administrator], None]


class Accounts(NamedTuple):
    """The accounts of a system, and what may be done with them; None for what may not.

    `shut` takes a sign-in away. Where the account stays, `open` gives it back; where it is removed, `make` makes it
    again, from its name and its grants.
    """

    read: Read
    shut: Write
    open: Write | None = None
    make: Callable[[str, Mapping[str, Any]], None] | None = None


def module(
    name: str,
    system: System,
    people: Callable[[Any, Params], Accounts],
    locks: Callable[[Any], Sequence[str]] = lambda connection: (),
) -> Module:
    """Make the module of a system."""

    def run(params: Params, check: bool) -> dict[str, Any]:
        writes = bool(params.get("remove") or params.get("accounts")) and not check
        with system.connected(params, Vault()) as connection, ExitStack() as locked:
            for place in locks(connection) if writes else ():
                locked.enter_context(exclusive(place))
            result = answer(name.partition("_")[0], people(connection, params), params, check)
        return {**result, "calls": dict(connection.calls)}

    return Module(name=name, options=(*system.options, *OPTIONS), run=run, **WRITING)


WRITING: Mapping[str, Any] = {"writes": True, "asked": ("remove", "accounts"), "variables": {"plan": "piste_plan"}}
"""The traits of every module of administrators."""


def answer(system: str, accounts: Accounts, params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Name undeclared accounts, make accounts as they are to be, or list and remove leavers."""
    if params.get("known") is not None:
        return compare(system, accounts.read, params["known"])
    return (give if params.get("accounts") else withdraw)(system, accounts, params, check)


def compare(system: str, read: Read, known: Sequence[str]) -> dict[str, Any]:
    """Name each administrator that nobody declares: `{kind, key, why}`.

    Those who can do everything come first. The sign-in name of an account decides alone: anybody who adds an account
    chooses the name that it shows.
    """
    if not known:
        unjudged = f"{system} : ses administrateurs ne sont pas comparés, rien ne dit qui ils doivent être"
        return {"changed": False, "orphans": [], "withheld": [f"{unjudged} (administrators)"]}
    declared = matcher(known)
    with reading(system):
        strangers = [account for account in read() if not declared(account.names[0])]
    orphans = [
        {
            "kind": "administrator",
            "key": f"{system}/{account.names[0]}",
            "why": f"administre tout, {WHY}" if account.whole else WHY,
            **({"gravity": OPENS} if account.whole else {}),
        }
        for account in sorted(strangers, key=lambda account: (not account.whole, account.names))
    ]
    warnings = [f"{orphan['kind']} {orphan['key']} : {orphan['why']}" for orphan in orphans]
    return {"changed": False, "orphans": orphans, "warnings": warnings}


def withdraw(system: str, accounts: Accounts, params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """List those who leave, remove them where asked, read again.

    Raises `Guarded` where nobody who stays, or nobody of the town, could do everything. A refusal of the system to
    remove an account stops none of the others; the account is among those left, with the reason.
    """
    with reading(system):
        every = accounts.read()
    patterns = params["outgoing"]
    leaving = [account for account in every if account.leaves(patterns)]
    serving = _serving(params)
    refusals = {account.place: KEPT for account in leaving if serving(account)}
    going = [account for account in leaving if account.place not in refusals]
    writes = bool(params.get("remove")) and not check
    if params.get("remove") and going:
        staying = [account for account in every if not account.leaves(patterns)]
        _guard(system, going, staying, params.get("town", ()))
    works = [_shut(system, accounts, account) for account in going] if params.get("remove") else []
    if writes and works:
        refusals |= _do(works, params)
        with reading(system):
            every = accounts.read()
    left = [account for account in every if account.leaves(patterns)]
    return {
        "changed": bool(params.get("remove") and going),
        "operations": [work.operation.to_json() for work in works if work.place not in refusals],
        "administrators": [{**account.to_json(), "outgoing": account.leaves(patterns)} for account in every],
        "removed": [account.names[0] for account in going if account.place not in refusals] if writes else [],
        "findings": [_finding(system, left, len(every) - len(left), refusals).to_json()],
    }


def give(system: str, accounts: Accounts, params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Make the named accounts sign in, or no more; read again. No secret is written.

    Where an account is absent and its system does not make it, or would be shut while others sign in with it, that is
    withheld. Raises `Guarded`, `Conflict`.
    """
    with reading(system):
        every = accounts.read()
    works, withheld, able = list[_Work](), list[str](), list[Mapping[str, Any]]()
    serving = _serving(params)
    for wanted in params["accounts"]:
        live = _named(every, wanted)
        if live is None and wanted["signs_in"] and not (accounts.make and wanted.get("grants")):
            withheld.append(f"{system} : {wanted['name']} n’y est pas, et Piste ne l’y crée pas : à la main")
            continue
        if live is not None and live.active and not wanted["signs_in"] and serving(live):
            withheld.append(f"{system} : {wanted['name']}, {KEPT}")
            continue
        able.append(wanted)
        if (live is not None and live.active) != wanted["signs_in"]:
            works.append(_work(system, accounts, wanted, live))
    shut = [work.account for work in works if work.account and work.account.active]
    if shut:
        _guard(system, shut, [account for account in every if account not in shut], params.get("town", ()))
    refusals = dict[str, str]()
    if works and not check:
        refusals = _do(works, params)
        with reading(system):
            every = accounts.read()
    unlike = [wanted["name"] for wanted in able if not check and _signs_in(every, wanted) != wanted["signs_in"]]
    said = f"pas comme demandé : {', '.join([*unlike, *refusals.values()])}" if unlike else "comptes comme demandé"
    return {
        "changed": bool(works),
        "operations": [work.operation.to_json() for work in works if work.place not in refusals],
        "withheld": withheld,
        "warnings": withheld,
        "findings": [Finding(f"{system}.given", "wrong" if unlike else "ok", f"{system} : {said}").to_json()],
    }


class _Work(NamedTuple):
    """An operation on an account, where it is done, and how."""

    operation: Operation
    place: str
    act: Callable[[], None]
    account: Administrator | None


def _named(every: Sequence[Administrator], wanted: Mapping[str, Any]) -> Administrator | None:
    """Find an account by what it signs in with; of several, by its grants too."""
    same = [account for account in every if account.names[0].casefold() == wanted["name"].casefold()]
    exact = [account for account in same if account.grants == wanted.get("grants")]
    return next(iter(exact or same), None)


def _signs_in(every: Sequence[Administrator], wanted: Mapping[str, Any]) -> bool:
    return (live := _named(every, wanted)) is not None and live.active


def _work(system: str, accounts: Accounts, wanted: Mapping[str, Any], live: Administrator | None) -> _Work:
    if live is not None and live.active:
        return _shut(system, accounts, live)
    name = live.names[0] if live else wanted["name"]
    after = _said(name, wanted.get("roles") or (), wanted.get("grants") or {})
    if live is None:
        assert accounts.make
        make = partial(accounts.make, name, wanted["grants"])
        return _Work(Operation(system, "commune", ACCOUNT, name, "create", None, after), name, make, None)
    if accounts.open is None:
        raise Rejected(f"{name} est hors service, et Piste ne le rend pas", where=system, todo="Rendez-le à la main.")
    after = _said(name, live.roles, live.grants)
    operation = Operation(system, "commune", ACCOUNT, name, "update", {**after, "signs_in": False}, after)
    return _Work(operation, live.place, partial(accounts.open, live), live)


def _do(works: Sequence[_Work], params: Mapping[str, Any]) -> dict[str, str]:
    """Do what a saved plan allows, noted first; give the refusals, by place. Raises `Conflict`."""
    if (allowed := Allowed.read(params.get("plan"))) is not None:
        others = [work.operation.name for work in works if work.operation.to_json() not in allowed]
        if others:
            raise Conflict(
                f"le plan enregistré ne prévoit pas : {', '.join(others)}",
                why="La situation a changé depuis, rien n’a été écrit.",
                todo="Refaites le plan, relisez-le, puis appliquez-le.",
            )
    TaskLog.of(os.environ).foresee(Plan(tuple(work.operation for work in works)), [])
    refusals = dict[str, str]()
    for work in works:
        try:
            work.act()
        except Rejected as error:
            refusals[work.place] = " ".join(filter(None, (error.what, error.todo or error.why)))
    return refusals


def _guard(system: str, going: Sequence[Administrator], staying: Sequence[Administrator], town: Sequence[str]) -> None:
    """Refuse to leave nobody, or nobody of the town, with full rights."""
    if all(account.whole is False for account in going):
        return
    in_charge = [account for account in staying if account.in_charge]
    ours = matcher(town)
    ours_goes = any(account.whole and ours(_bare(account.names[0])) for account in going)
    if in_charge and (not ours_goes or any(ours(_bare(account.names[0])) for account in in_charge)):
        return
    raise Guarded(
        f"retirer {agreed(len(going), 'administrateur(s)')} ne laisserait personne de la Ville aux pleins droits",
        where=system,
        todo="Donnez d’abord les pleins droits à un compte de la Ville, puis relancez.",
    )


def _bare(name: str) -> str:
    """Leave out the domain of `DOMAIN\\name`."""
    return name.rpartition("\\")[2]


def _serving(params: Mapping[str, Any]) -> Callable[[Administrator], bool]:
    """Make a test of the accounts that programs sign in with, that of the task included."""
    options = [option for option in params.values() if isinstance(option, Mapping)]
    own = [str(option.get(name) or "") for option in options for name in ("username", "login")]
    # An account of a domain signs in as name@domain or as DOMAIN\name, whichever its server shows.
    bare = [_bare(name).partition("@")[0] for name in own]
    names = {str(name).casefold() for name in (*params.get("kept", ()), *own, *bare) if name}
    return lambda account: account.group or any(name.casefold() in names for name in (*account.names, account.place))


def _shut(system: str, accounts: Accounts, account: Administrator) -> _Work:
    """Take a sign-in away: the account is removed where only `make` gives it back."""
    name, before = account.names[0], _said(account.names[0], account.roles, account.grants)
    after = None if accounts.make else {**before, "signs_in": False}
    operation = Operation(system, "commune", ACCOUNT, name, "update" if after else "delete", before, after)
    return _Work(operation, account.place, partial(accounts.shut, account), account)


def _said(name: str, roles: Iterable[str], grants: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "roles": [*roles], "signs_in": True, **({"grants": dict(grants)} if grants else {})}


def _finding(system: str, left: Sequence[Administrator], others: int, refusals: Mapping[str, str]) -> Finding:
    name = f"{system}.outgoing"
    if left:
        who = ", ".join(f"{account.names[0]}{_why(refusals.get(account.place))}" for account in left)
        todo = "Retirez-les dans la console du système." if refusals else "Pour les retirer : -e confirm=true."
        return Finding(name, "wrong", f"{system} : {agreed(len(left), 'administrateur(s) sortant(s)')}, {who}", todo)
    kept = agreed(others, "administrateur(s)")
    return Finding(name, "ok", f"{system} : aucun administrateur sortant, {kept} de la Ville")


def _why(refusal: str | None) -> str:
    return f" ({refusal})" if refusal else ""
