"""The modules of NPS: for each, its table, its driver and what it takes beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from piste.converge.errors import Fault, InvalidConfig, PisteError
from piste.converge.module import Module
from piste.converge.request import Request
from piste.converge.resource import Field
from piste.converge.secrets import Vault
from piste.converge.spec import task_options
from piste.converge.values import stable
from piste.converge.walk import converge
from piste.transport.locks import exclusive
from piste.windows.directory import Directory
from piste.windows.domain import DOMAIN, Domain
from piste.windows.nps.clients import RadiusClients
from piste.windows.nps.driver import NpsDriver
from piste.windows.nps.network_policies import NetworkPolicies
from piste.windows.nps.policies import ConnectionRequestPolicies
from piste.windows.nps.server import Server, opened
from piste.windows.nps.tables import PREFIX, SERVERS
from piste.windows.winrm_access import WINRM

_DRIVERS: Mapping[str, type[NpsDriver]] = {
    "nps_connection_request_policies": ConnectionRequestPolicies,
    "nps_network_policies": NetworkPolicies,
    "nps_radius_clients": RadiusClients,
}
_IN_DOMAIN = frozenset({"nps_network_policies"})
"""Those that name groups of the directory and templates of its certificates."""


def servers_of(params: Mapping[str, Any], vault: Vault) -> list[Server]:
    """The servers of a task, in order. Raises :class:`InvalidConfig` for none, or one named twice."""
    names = [str(name) for name in params["servers"]]
    folded = [name.casefold() for name in names]
    faults = [] if names else [Fault("servers", "au moins un serveur est attendu")]
    faults += [
        Fault("servers", f"« {name} » est nommé deux fois")
        for at, name in enumerate(names)
        if name.casefold() in folded[:at]
    ]
    faults += [Fault("servers", f"« {name} » n'est pas le nom d'un serveur") for name in names if "/" in name]
    if faults:
        raise InvalidConfig(faults)
    return opened(params["winrm"], names, vault)


def _run(name: str, params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    request = Request.of(params, check)
    if request.state == "overridden" and not params.get("prefix"):
        what = "overridden n'a de sens qu'avec lui : il retirerait ce que d'autres possèdent sur ces serveurs"
        raise InvalidConfig([Fault("prefix", what)])
    driver_class = _DRIVERS[name]
    options: dict[str, Any] = {"directory": Directory(Domain.of(params["domain"]))} if name in _IN_DOMAIN else {}
    driver = driver_class(
        servers_of(params, request.vault),
        request.owner,
        request.vault,
        params.get("prefix") or (),
        everything=request.survey or request.state in ("overridden", "gathered"),
        **options,
    )
    request.config = driver.asked(request.config)
    request.absent = driver.asked_absent(request.absent)
    try:
        with ExitStack() as locks:
            if request.writes:
                for url in sorted(server.url for server in driver.servers.values()):
                    locks.enter_context(exclusive(f"nps {url}"))  # in one order: two tasks never wait for each other
            if request.state != "gathered":
                for held in driver.servers.values():
                    held.settle(check=check)
            result = converge(driver, request)
    except PisteError as error:
        error.calls = driver.calls
        raise
    finally:
        driver.close()
    if "gathered" in result:
        result["gathered"] = common(result["gathered"], list(driver.servers))
    return {**result, "calls": driver.calls}


def common(items: Sequence[Mapping[str, Any]], servers: Sequence[str]) -> list[dict[str, Any]]:
    """Items of several servers, those that all of them hold alike said once, without a server."""
    bare = [{name: value for name, value in item.items() if name != "server"} for item in items]
    alike: dict[str, int] = {}
    for lone in bare:
        alike[stable(lone)] = alike.get(stable(lone), 0) + 1
    result: dict[str, dict[str, Any]] = {}
    for item, lone in zip(items, bare, strict=True):
        text = stable(lone)
        shared = alike[text] == len(servers)
        result[text if shared else f"{text} {item['server']}"] = dict(lone if shared else item)
    return list(result.values())


def _module(name: str) -> Module:
    driver_class = _DRIVERS[name]
    options: tuple[Field, ...] = (WINRM, *((DOMAIN,) if name in _IN_DOMAIN else ()), SERVERS, PREFIX)
    return Module(
        name=name,
        resource=driver_class.resource,
        options=(*options, *task_options(driver_class.resource)),
        run=lambda params, check: _run(name, params, check),
    )


MODULES: Mapping[str, Module] = {name: _module(name) for name in _DRIVERS}
