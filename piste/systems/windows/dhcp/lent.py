"""The judgment of what DHCP servers lend of a scope; it asks nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from piste.engine.finding import State
from piste.engine.words import agreed

SCARCE = 0.05
"""Share of the addresses of a scope below which it will soon refuse clients."""
WIDER = "Élargissez la plage du segment (dhcp), ou raccourcissez son bail."
_LEND = "Convergez le domaine addressing."


class Lent(NamedTuple):
    """The judgment of a scope.

    `seen` is what its servers say, `silent` why some say nothing. `full` is true where no address is left.
    """

    state: State
    seen: str
    silent: str
    todo: str = ""
    full: bool = False

    @property
    def what(self) -> str:
        return " ; ".join(filter(None, (self.seen, self.silent)))


def judged(subnet: str, lenders: Sequence[Mapping[str, Any]]) -> Lent:
    """Judge whether the servers lend the addresses of a scope, and have some left."""
    faults, silent, seen, todo, full = list[str](), list[str](), list[str](), "", False
    for lender in lenders:
        name = lender["server"]
        use = next((use for use in lender["scopes"] if use["subnet"] == subnet), None)
        if lender["unread"]:
            silent.append(f"{name} : {lender['unread']}")
        elif use is None:
            faults.append(f"{name} n’a pas l’étendue")
        elif not use["active"]:
            faults.append(f"{name} ne la prête pas (inactive)")
        elif use["free"] is None or use["in_use"] is None:
            silent.append(f"{name} ne dit pas ce qu’il en reste")
        elif is_scarce(use):
            todo, full = WIDER, full or use["free"] == 0
            faults.append(f"{name} : {_left(use)}")
        else:
            seen.append(f"{name} : {_left(use)}")
    if not lenders:
        silent.append("aucun serveur DHCP n’a été lu")
    state: State = "wrong" if faults else "unknown" if silent else "ok"
    return Lent(state, " ; ".join([*faults, *seen]), " ; ".join(silent), todo or (_LEND if faults else ""), full)


def _left(use: Mapping[str, Any]) -> str:
    whole = use["free"] + use["in_use"]
    left = agreed(use["free"], "adresse(s) libre(s)") if use["free"] else "aucune adresse libre"
    return f"{left} sur {whole}"


def is_scarce(scope: Mapping[str, Any]) -> bool:
    """True for an active scope that has almost no address left to lend."""
    free, used = scope["free"], scope["in_use"]
    return bool(scope["active"] and free is not None and used is not None and free <= SCARCE * (free + used))
