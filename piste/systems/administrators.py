"""Administrators of a system: those who leave, and those whom nobody declares.

Those who leave are listed, and removed where it is asked. Every system answers with its own accounts; the decision is
the same for all, and is here. The last person who can do everything is never removed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from piste.engine.converge.errors import Guarded, Rejected
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
    `ends` its last day. What the system does not say is None.
    """

    names: tuple[str, ...]
    whole: bool | None
    place: str
    person: bool = True
    reads: bool = False
    active: bool = True
    roles: tuple[str, ...] = ()
    mfa: bool | None = None
    used_at: str | None = None
    key_from: str | None = None
    ends: str | None = None
    group: bool = False

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
KIND = "administrator"
"""The kind of an account in a record: none that Piste converges."""
KEPT = "un programme, plusieurs personnes ou un secours s’en servent : il reste"
Read = Callable[[], Sequence[Administrator]]
Remove = Callable[[Administrator], None]


def module(
    name: str,
    system: System,
    people: Callable[[Any, Params], tuple[Read, Remove]],
    locks: Callable[[Any], Sequence[str]] = lambda connection: (),
) -> Module:
    """Make the module of a system; `people` gives a reader and a remover of its accounts."""

    def run(params: Params, check: bool) -> dict[str, Any]:
        writes = bool(params.get("remove")) and not check
        with system.connected(params, Vault()) as connection, ExitStack() as locked:
            for place in locks(connection) if writes else ():
                locked.enter_context(exclusive(place))
            result = answer(name.partition("_")[0], *people(connection, params), params, check)
        return {**result, "calls": dict(connection.calls)}

    return Module(name=name, options=(*system.options, *OPTIONS), run=run, writes=True)


def answer(system: str, read: Read, delete: Remove, params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Name undeclared accounts where `known` is given; else list, and remove, those who leave."""
    if params.get("known") is None:
        return withdraw(system, read, delete, params, check)
    return compare(system, read, params["known"])


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


def withdraw(system: str, read: Read, delete: Remove, params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """List those who leave, remove them where asked, read again.

    Raises `Guarded` where nobody who stays, or nobody of the town, could do everything. A refusal of the system to
    remove an account stops none of the others; the account is among those left, with the reason.
    """
    with reading(system):
        accounts = read()
    patterns = params["outgoing"]
    leaving = [account for account in accounts if account.leaves(patterns)]
    serving = _serving(params)
    refusals = {account.place: KEPT for account in leaving if serving(account)}
    going = [account for account in leaving if account.place not in refusals]
    writes = bool(params.get("remove")) and not check
    if params.get("remove") and going:
        staying = [account for account in accounts if not account.leaves(patterns)]
        _guard(system, going, staying, params.get("town", ()))
    operations = [_operation(system, account) for account in going] if params.get("remove") else []
    if writes and going:
        TaskLog.of(os.environ).foresee(Plan(tuple(operations)), [])
        for account in going:
            try:
                delete(account)
            except Rejected as error:
                refusals[account.place] = " ".join(filter(None, (error.what, error.todo or error.why)))
        with reading(system):
            accounts = read()
    left = [account for account in accounts if account.leaves(patterns)]
    return {
        "changed": bool(params.get("remove") and going),
        "operations": [
            operation.to_json()
            for account, operation in zip(going, operations, strict=False)
            if account.place not in refusals
        ],
        "administrators": [{**account.to_json(), "outgoing": account.leaves(patterns)} for account in accounts],
        "removed": [account.names[0] for account in going if account.place not in refusals] if writes else [],
        "findings": [_finding(system, left, len(accounts) - len(left), refusals).to_json()],
    }


def _guard(system: str, going: Sequence[Administrator], staying: Sequence[Administrator], town: Sequence[str]) -> None:
    """Refuse to leave nobody, or nobody of the town, with full rights."""
    if all(account.whole is False for account in going):
        return
    in_charge = [account for account in staying if account.whole and account.person]
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
    own = [str(option.get("username") or "") for option in params.values() if isinstance(option, Mapping)]
    # An account of a domain signs in as name@domain or as DOMAIN\name, whichever its server shows.
    bare = [_bare(name).partition("@")[0] for name in own]
    names = {str(name).casefold() for name in (*params.get("kept", ()), *own, *bare) if name}
    return lambda account: account.group or any(name.casefold() in names for name in (*account.names, account.place))


def _operation(system: str, account: Administrator) -> Operation:
    before = {"name": account.names[0], "roles": [*account.roles], "signs_in": True}
    return Operation(system, "commune", KIND, account.names[0], "update", before, {**before, "signs_in": False})


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
