"""Use of the scopes of DHCP servers: active or not, addresses free and lent.

The statistics of a server count its leases; the run asks each server once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import reading
from piste.engine.converge.resource import Field
from piste.systems.windows.dhcp.server import DhcpServer
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import WINRM, Access
from piste.town.model.dates import now

_SAID = ("subnet", "name", "active", "free", "in_use", "relation")


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
