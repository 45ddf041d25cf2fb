"""Who administers a system: those who leave, listed and removed where it is asked; those whom nobody declares, named.

Every system answers with its own accounts; what is decided of them is the same for all, and is here. The last person
who can do everything is never removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from piste.converge.errors import Guarded, Rejected
from piste.converge.locks import exclusive
from piste.converge.module import Module
from piste.converge.orphan import WHY
from piste.converge.reading import reading
from piste.converge.resource import Field
from piste.converge.run import Params, System
from piste.converge.secrets import Vault
from piste.finding import Finding
from piste.words import agreed

OPTIONS = (
    Field(
        "outgoing",
        "Accounts that leave, by their names or addresses, C(*) for any text; case means nothing.",
        type="list",
        default=[],
    ),
    Field("remove", "Remove them; else they are only listed.", type="bool", default=False),
    Field(
        "known",
        "Accounts that are declared, by what they sign in with, C(*) for any text; all others are orphans. Nobody is "
        "removed; an empty list reads nothing and says that nobody is judged.",
        type="list",
    ),
)


@dataclass(frozen=True, slots=True)
class Administrator:
    """One account: ``names`` are what people know it by, what it signs in with first; ``whole`` whether it can do all,
    ``place`` where it is, ``person`` whether somebody can sign in with it and so be in charge."""

    names: tuple[str, ...]
    whole: bool
    place: str
    person: bool = True

    def leaves(self, patterns: Sequence[str]) -> bool:
        return any(map(_matcher(patterns), filter(None, self.names)))


def _matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a name is that of a pattern, where ``*`` alone is not itself."""
    forms = [re.compile(".*".join(map(re.escape, one.casefold().split("*"))), re.DOTALL) for one in patterns]
    return lambda name: any(form.fullmatch(name.casefold()) for form in forms)


Read = Callable[[], Sequence[Administrator]]
Remove = Callable[[Administrator], None]


def module(
    name: str,
    system: System,
    people: Callable[[Any, Params], tuple[Read, Remove]],
    locks: Callable[[Any], Sequence[str]] = lambda connection: (),
) -> Module:
    """The module of a system; ``people`` gives what reads its accounts and what removes one."""

    def run(params: Params, check: bool) -> dict[str, Any]:
        writes = bool(params.get("remove")) and not check
        with system.connected(params, Vault()) as connection, ExitStack() as held:
            for place in locks(connection) if writes else ():
                held.enter_context(exclusive(place))
            result = answer(name.partition("_")[0], *people(connection, params), params, check)
        return {**result, "calls": dict(connection.calls)}

    return Module(name=name, options=(*system.options, *OPTIONS), run=run, writes=True)


def answer(
    system: str, read: Read, delete: Remove, params: Mapping[str, Any], check: bool
) -> dict[str, Any]:
    """Name whom nobody declares where ``known`` is given; else list those who leave, and remove them if asked."""
    if params.get("known") is None:
        return withdraw(system, read, delete, params, check)
    return compare(system, read, params["known"])


def compare(system: str, read: Read, known: Sequence[str]) -> dict[str, Any]:
    """``{kind, key, why}`` an administrator that nobody declares, those who can do everything first.

    What an account signs in with decides alone: anybody who adds an account chooses the name that it shows.
    """
    if not known:
        unjudged = f"{system} : ses administrateurs ne sont pas comparés, rien ne dit qui ils doivent être"
        return {"changed": False, "orphans": [], "withheld": [f"{unjudged} (administrators)"]}
    declared = _matcher(known)
    with reading(system):
        strangers = [one for one in read() if not declared(one.names[0])]
    found = [
        {
            "kind": "administrator",
            "key": f"{system}/{one.names[0]}",
            "why": f"administre tout, {WHY}" if one.whole else WHY,
        }
        for one in sorted(strangers, key=lambda one: (not one.whole, one.names))
    ]
    warnings = [f"{one['kind']} {one['key']} : {one['why']}" for one in found]
    return {"changed": False, "orphans": found, "warnings": warnings}


def withdraw(
    system: str, read: Read, delete: Remove, params: Mapping[str, Any], check: bool
) -> dict[str, Any]:
    """List, remove where asked, read again. Raises :class:`Guarded` where nobody who stays could do everything.

    One whom the system refuses to remove stops none of the others; it is among those who are left, with the reason.
    """
    with reading(system):
        found = read()
    patterns = params["outgoing"]
    leaving = [one for one in found if one.leaves(patterns)]
    staying = [one for one in found if not one.leaves(patterns)]
    refusals: dict[str, str] = {}
    writes = bool(params.get("remove")) and not check
    if params.get("remove") and leaving and not any(one.whole and one.person for one in staying):
        raise Guarded(
            f"retirer {agreed(len(leaving), 'administrateur(s)')} ne laisserait personne de la Ville aux pleins droits",
            where=system,
            todo="Donnez d'abord les pleins droits à un compte de la Ville, puis relancez.",
        )
    if writes:
        for one in leaving:
            try:
                delete(one)
            except Rejected as error:
                refusals[one.place] = " ".join(filter(None, (error.what, error.todo or error.why)))
        with reading(system):
            found = read() if leaving else found
    left = [one for one in found if one.leaves(patterns)]
    return {
        "changed": bool(params.get("remove") and leaving),
        "administrators": [
            {"name": one.names[0], "whole": one.whole, "outgoing": one.leaves(patterns)} for one in found
        ],
        "removed": [one.names[0] for one in leaving if one.place not in refusals] if writes else [],
        "findings": [_finding(system, left, len(found) - len(left), refusals).to_json()],
    }


def _finding(system: str, left: Sequence[Administrator], others: int, refusals: Mapping[str, str]) -> Finding:
    name = f"{system}.outgoing"
    if left:
        who = ", ".join(f"{one.names[0]}{_why(refusals.get(one.place))}" for one in left)
        todo = "Retirez-les dans la console du système." if refusals else "Pour les retirer : -e confirm=true."
        return Finding(name, "wrong", f"{system} : {agreed(len(left), 'administrateur(s) sortant(s)')}, {who}", todo)
    kept = agreed(others, "administrateur(s)")
    return Finding(name, "ok", f"{system} : aucun administrateur sortant, {kept} de la Ville")


def _why(refusal: str | None) -> str:
    return f" ({refusal})" if refusal else ""
