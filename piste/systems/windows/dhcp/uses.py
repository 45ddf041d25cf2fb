"""Use of the scopes of DHCP servers: active or not, addresses free and lent; its judgment.

The statistics of a server count its leases; the run asks each server once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import reading
from piste.engine.converge.resource import Field
from piste.engine.finding import State
from piste.engine.words import agreed
from piste.systems.windows.dhcp.server import DhcpServer, is_scarce
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import WINRM, Access
from piste.town.model.dates import now

_SAID = ("subnet", "name", "active", "free", "in_use", "relation")
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
    left = agreed(use["free"], "adresse(s) libre(s)") if use["free"] else "plus d’adresse libre,"
    return f"{left} sur {whole}"


def uses(session: Session, subnets: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    """Yield the use of scopes, by default of all. Raises where the server is silent."""
    with reading(session.host):
        listed = DhcpServer(session).listed()
        wanted = listed if subnets is None else [subnet for subnet in subnets if subnet in listed]
        yield from ({name: listed[subnet][name] for name in _SAID} for subnet in wanted)


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    lenders: list[dict[str, Any]] = []
    read_at = now().isoformat(timespec="seconds")
    calls = {"reads": 0, "writes": 0}
    for name in params["servers"]:
        session, lender = None, {"server": name, "scopes": [], "unread": ""}
        try:
            session = Session(Access.of(params["winrm"]), str(name))
            lender["scopes"] = list(uses(session, params.get("subnets")))
        except PisteError as error:
            lender["unread"] = error.what
        finally:
            if session:
                session.close()
                calls = {kind: count + session.calls[kind] for kind, count in calls.items()}
        lenders.append(lender)
    return {"changed": False, "lenders": lenders, "read_at": read_at, "calls": calls}


MODULES: Mapping[str, Module] = {
    "dhcp_uses": Module(
        name="dhcp_uses",
        options=(
            WINRM,
            Field("servers", "Names of the DHCP servers.", type="list", required=True),
            Field("subnets", "Prefixes of the scopes; all by default.", type="list"),
        ),
        run=_run,
    )
}
