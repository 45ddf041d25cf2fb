"""Who administers a system, and the leaving of those who must: listed, removed where it is asked, counted again.

Every system answers with its own accounts; what is decided of them is the same for all, and is here. The last one who
can do everything is never removed, whoever that is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from piste.converge.errors import Guarded, Rejected
from piste.converge.finding import Finding
from piste.converge.plural import agreed
from piste.converge.reading import reading
from piste.converge.resource import Field

OPTIONS = (
    Field(
        "outgoing",
        "Accounts that leave, by their names or addresses, C(*) for any text; case means nothing.",
        type="list",
        required=True,
    ),
    Field("remove", "Remove them; else they are only listed.", type="bool", default=False),
)


@dataclass(frozen=True, slots=True)
class Administrator:
    """One account: ``names`` are what people know it by, ``whole`` whether it can do all, ``place`` where it is."""

    names: tuple[str, ...]
    whole: bool
    place: str

    def leaves(self, patterns: Sequence[str]) -> bool:
        known = [name.casefold() for name in self.names if name]
        return any(fnmatchcase(name, pattern.casefold()) for name in known for pattern in patterns)


def withdraw(
    system: str,
    read: Callable[[], Sequence[Administrator]],
    delete: Callable[[Administrator], None],
    params: Mapping[str, Any],
    check: bool,
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
    if params.get("remove") and leaving and not any(one.whole for one in staying):
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
